"""Commands as tools: how their words are made, what their exit says, how their output is read."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from runner.errors import ToolFailed
from runner.runs.blobs import Blobs
from runner.runs.record import Record
from runner.targets.local import Local
from runner.targets.port import Target
from runner.tools.command import CommandTool
from runner.tools.port import Call, Outcome, ToolServer
from runner.tools.workers import FolderWorkers

ECHO = "import json, sys; print(json.dumps(sys.argv[1:]))"

PARSERS = """
def numbers(text: str, exit: int) -> dict:
    return {"total": sum(map(int, text.split())), "code": exit}

def wrong(text: str, exit: int) -> dict:
    return [text]
"""


class Hands:
    """A local target and the workers of a folder."""

    def __init__(self, folder: Path) -> None:
        self.workers = FolderWorkers(folder, "owner")
        self._local = Local("owner", Blobs(folder / "blobs"), keep=1_000_000)

    def target(self, name: str) -> Target:
        """The only one."""
        assert name == "local"
        return self._local

    def server(self, pack: str) -> ToolServer:
        """A command asks no server."""
        raise AssertionError(pack)

    async def start_child(self, workflow: str, inputs: Mapping[str, Any], call: Call) -> Record:
        """A command starts no workflow."""
        raise AssertionError((workflow, inputs, call))


def tool(command: list[str], **more: Any) -> CommandTool:
    """A tool of this kind, as a file would say it."""
    return CommandTool.model_validate({"description": "d", "command": command, **more})


def call(folder: Path = Path("/tmp"), **arguments: Any) -> Call:
    """A call with these arguments."""
    return Call("t", arguments, folder, "local", 20, "r1", "p/1")


def run(folder: Path, spec: CommandTool, **arguments: Any) -> Outcome:
    """What a call gives."""

    async def main() -> Outcome:
        hands = Hands(folder)
        try:
            return await spec.run(call(folder, **arguments), hands)
        finally:
            await hands.workers.close()

    return asyncio.run(main())


def failure(folder: Path, spec: CommandTool, **arguments: Any) -> ToolFailed:
    """The failure of a call."""
    with pytest.raises(ToolFailed) as caught:
        run(folder, spec, **arguments)
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a file of parsers."""
    (tmp_path / "parsers.py").write_text(PARSERS)
    return tmp_path


NASTY = [
    "",
    " ",
    "a b",
    "a\nb",
    "'",
    '"',
    "\\",
    "$(id)",
    "`id`",
    "; id",
    "| id",
    "> x",
    "*",
    "~",
    "{{ 7*7 }}",
    "{% x %}",
]
NASTY += ["é", "日本語", "😀", "\u202eabc", "\u200b", "\x1b[31m", "--x=1"[2:], "A=b", "%s", "#", "!!", "x" * 50_000]


@pytest.mark.parametrize("value", NASTY)
def test_a_value_stays_inside_its_word(folder: Path, value: str) -> None:
    """Alone, with text around it, and twice; nothing in it is a template."""
    spec = tool([sys.executable, "-c", ECHO, "{{ v }}", "--v={{ v }}", "{{ v }}/{{ v }}"])
    output = run(folder, spec, v=value).output
    assert json.loads(output["text"]) == [value, f"--v={value}", f"{value}/{value}"]


WORDS = [
    (["ls", "{{ a }}"], {"a": "x"}, ["ls", "x"]),
    (["ls", "{{a}}", "b"], {"a": None}, ["ls", "b"]),
    (["ls", "-k={{ a }}", "b"], {"a": None}, ["ls", "b"]),
    (["ls", "{{ a }}"], {"a": ["x", "y z"]}, ["ls", "x", "y z"]),
    (["ls", "-I{{ a }}"], {"a": ["x", "y"]}, ["ls", "-Ix", "-Iy"]),
    (["ls", "{{ a }}"], {"a": []}, ["ls"]),
    (["ls", "{{ a }}"], {"a": 5}, ["ls", "5"]),
    (["ls", "--", "{{ a }}"], {"a": "-rf"}, ["ls", "--", "-rf"]),
    (["ls", "-n{{ a }}"], {"a": "-rf"}, ["ls", "-n-rf"]),
    (["ls", "{{ '--check' if a else '--write' }}"], {"a": True}, ["ls", "--check"]),
    (["ls", "{{ a }}", "--"], {"a": "x"}, ["ls", "x", "--"]),
    (["ls", "-la"], {}, ["ls", "-la"]),
]


@pytest.mark.parametrize("command, arguments, words", WORDS)
def test_each_element_makes_its_words(command: list[str], arguments: dict[str, Any], words: list[str]) -> None:
    """Null leaves out, a list repeats, `--` lets anything follow."""
    assert tool(command).argv(call(**arguments)) == words


@pytest.mark.parametrize(
    "command, arguments",
    [
        (["ls", "{{ a }}"], {"a": "-rf"}),
        (["ls", "{{ a }}"], {"a": "--output=/etc/x"}),
        (["ls", "{{ a }}"], {"a": "-"}),
        (["ls", "{{ a }}"], {"a": ["x", "-y"]}),
        (["ls", "{{ a }}", "--"], {"a": "--"}),
        (["ls", "{{ a|trim }}"], {"a": " -rf"}),
        (["ls", "{{ a }}{{ b }}"], {"a": "", "b": "-rf"}),
        (["ls", "{{ '--check' if b else a }}"], {"a": "--c", "b": False}),
    ],
)
def test_a_value_cannot_become_an_option(command: list[str], arguments: dict[str, Any]) -> None:
    """However it comes to stand first in its word."""
    with pytest.raises(ToolFailed, match="begins with '-': the program would take it for an option"):
        tool(command).argv(call(**arguments))


@pytest.mark.parametrize("element", ["{{ a }}", "x{{ a }}", "{{ a }}{{ a }}"])
def test_a_nul_byte_is_refused(element: str) -> None:
    """No program can be given one."""
    with pytest.raises(ToolFailed, match="NUL byte"):
        tool(["ls", element]).argv(call(a="x\0y"))


def test_exit_codes_say_ok_no_or_failed(folder: Path) -> None:
    """What is not listed is a failure, which shows the last output and the tool's hint."""
    spec = tool(["sh", "-c", 'echo "says $1"; exit "$1"', "sh", "{{ code }}"], exit={0: "ok", 1: "no"}, hint="try 0")
    assert run(folder, spec, code=0) == Outcome({"text": "says 0\n", "exit": 0, "truncated": 0}, "ok")
    assert run(folder, spec, code=1) == Outcome({"text": "says 1\n", "exit": 1, "truncated": 0}, "no")
    error = failure(folder, spec, code=2)
    assert (error.message, error.hint, error.match) == ("sh failed with exit code 2:\nsays 2", "try 0", "tool")


def test_a_command_that_a_signal_ends_says_which(folder: Path) -> None:
    """By name."""
    assert failure(folder, tool(["sh", "-c", "kill -9 $$"])).message == "sh was ended by SIGKILL; it put out nothing"


def test_a_missing_program_is_told_with_both_hints(folder: Path) -> None:
    """The author knows the package, the target where it looked."""
    error = failure(folder, tool(["no-such-program"], hint="apt install no-such-thing."))
    assert error.match == "unavailable"
    assert error.hint.startswith("apt install no-such-thing; install no-such-program, or give its folder: looked in ")


def test_a_table_becomes_rows(folder: Path) -> None:
    """The first line is dropped, the last column takes what is left."""
    spec = tool(["printf", r"NAME SIZE WHAT\na 1 one thing\n\nb 2\n"], output={"table": ["name", "size", "what"]})
    assert run(folder, spec).output["rows"] == [
        {"name": "a", "size": "1", "what": "one thing"},
        {"name": "b", "size": "2"},
    ]


def test_json_becomes_data(folder: Path) -> None:
    """And what is none is a failure that shows it."""
    spec = tool(["printf", "%s", "{{ text }}"], output={"json": True})
    assert run(folder, spec, text='{"a": [1]}').output["data"] == {"a": [1]}
    assert failure(folder, spec, text="oops").message.startswith("the output is no JSON: Expecting value")


def test_a_function_parses_the_output(folder: Path) -> None:
    """Its keys are added; it must return a dict."""
    spec = tool(["sh", "-c", "echo 1 2 3; exit 1"], exit={1: "no"}, output={"parse": "parsers:numbers"})
    assert run(folder, spec) == Outcome({"text": "1 2 3\n", "exit": 1, "truncated": 0, "total": 6, "code": 1}, "no")
    wrong = tool(["true"], output={"parse": "parsers:wrong"})
    assert failure(folder, wrong).message == "parsers:wrong returned list; what parses an output returns a dict"


def test_the_tools_environment_reaches_the_command(folder: Path) -> None:
    """Beside PATH, HOME and LANG."""
    assert run(folder, tool(["printenv", "MINE"], env={"MINE": "x y"})).output["text"] == "x y\n"


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"command": []}, "at least 1 item"),
        ({"command": "ls -l"}, "valid tuple"),
        ({"command": ["{{ program }}"]}, "the first word is the program and no template"),
        ({"command": ["ls", "{{ a"]}, "command.1"),
        ({"command": ["ls", 1]}, "valid string"),
        ({"exit": {0: "yes"}}, "'ok' or 'no'"),
        ({"exit": {256: "ok"}}, "less than or equal to 255"),
        ({"exit": {}}, "at least 1 item"),
        ({"env": {"A B": "x"}}, "should match pattern"),
        ({"output": {}}, "the output of a command is read in one way: table, json or parse"),
        ({"output": {"json": True, "parse": "a:b"}}, "the output of a command is read in one way"),
        ({"output": {"json": False}}, "Input should be True"),
        ({"output": {"parse": "a.py"}}, "should match pattern"),
        ({"output": {"table": []}}, "at least 1 item"),
        ({"comand": ["ls"]}, "Extra inputs are not permitted"),
    ],
)
def test_what_a_file_may_not_say(fields: dict[str, Any], message: str) -> None:
    """Each mistake is named."""
    with pytest.raises(ValidationError, match=message):
        CommandTool.model_validate({"description": "d", "command": ["ls"], **fields})


@pytest.mark.parametrize("target", ["local", "sandbox"])
def test_nothing_becomes_root_where_runner_is(tmp_path: Path, target: str) -> None:
    """`sudo` is for hosts; here the command is refused, and not run without it."""
    root = tool([sys.executable, "-c", "open('made', 'w')"], sudo=True)
    with pytest.raises(ToolFailed, match="t runs as root, and commands do so on hosts alone") as failed:
        asyncio.run(root.run(replace(call(tmp_path), target=target), Hands(tmp_path)))
    assert (failed.value.match, failed.value.hint) == ("unavailable", "choose a host for its target")
    assert not (tmp_path / "made").exists()


class Away(Hands):
    """A target that is out of reach."""

    def target(self, name: str) -> Target:
        """Never there."""
        raise ToolFailed(f"{name} cannot be reached", match="unavailable")


def test_a_target_out_of_reach_is_told_without_the_hint_of_the_tool(tmp_path: Path) -> None:
    """What mends the command does not mend the way to its host."""
    with pytest.raises(ToolFailed, match="web1 cannot be reached") as failed:
        asyncio.run(tool(["true"], hint="try less").run(replace(call(tmp_path), target="web1"), Away(tmp_path)))
    assert failed.value.hint == ""
