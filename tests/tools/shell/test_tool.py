"""The kind `shell`: what becomes of its text, where values of all types come in, and what is refused before it runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from runner.errors import ToolFailed
from runner.tools.port import Call, Outcome
from runner.tools.shell import ShellTool
from tests.tools.test_command import Hands


def tool(text: str, **more: Any) -> ShellTool:
    """A tool of this kind, as a file would say it."""
    return ShellTool.model_validate({"description": "d", "shell": text, **more})


def text(source: str, **arguments: Any) -> str:
    """The text that runs."""
    words = tool(source).argv(Call("t", arguments, Path("/tmp"), "local", 20, "r1", "p/1"))
    assert words[:2] == ["/bin/sh", "-c"]
    return words[2]


def run(folder: Path, spec: ShellTool, **arguments: Any) -> Outcome:
    """What a call gives."""

    async def main() -> Outcome:
        hands = Hands(folder)
        try:
            return await spec.run(Call("t", arguments, folder, "local", 20, "r1", "p/1"), hands)
        finally:
            await hands.workers.close()

    return asyncio.run(main())


@pytest.mark.parametrize(
    "source, arguments, made",
    [
        ("ls {{ a }}", {"a": "x"}, "ls 'x'"),
        ("ls {{ a }}", {"a": ""}, "ls ''"),
        ("ls {{ a }}", {"a": "it's"}, "ls 'it'\"'\"'s'"),
        ("ls {{ a }} {{ b }} {{ c }}", {"a": 5, "b": True, "c": 1.5}, "ls '5' 'True' '1.5'"),
        ("ls {{ a }}", {"a": {"k": ["'"]}}, 'ls \'{"k": ["\'"\'"\'"]}\''),
        ("ls {{ a }}|wc", {"a": ["x", "y z", 3, ["q"]]}, "ls 'x' 'y z' '3' '[\"q\"]'|wc"),
        ("ls {{ a }} -l", {"a": []}, "ls  -l"),
        ("ls /srv/{{ a }}/{{ b }}.log", {"a": "x", "b": "$(id)"}, "ls /srv/'x'/'$(id)'.log"),
        ("ls {{ a|upper }} {{ a ~ ';' }} {{ 'x' }}", {"a": "a'"}, "ls 'A'\"'\"'' 'a'\"'\"';' 'x'"),
        ("ls {{ a | join(' ') }}", {"a": ["x", "y"]}, "ls 'x y'"),
        ("ls {% for f in a %}{{ f }} {{ loop.index }} {% endfor %}", {"a": ["x;", "y"]}, "ls 'x;' '1' 'y' '2' "),
        ("ls {% set b = a %}{{ b }}{% if a == '-x' %} -y{% endif %}", {"a": "-x"}, "ls '-x' -y"),
        ("ls {{ a }}", {"a": "{{ 7 * 7 }}{% raw %}"}, "ls '{{ 7 * 7 }}{% raw %}'"),
        ("ps {% raw %}{{.Name}} ${#a}{% endraw %} $HOME ${HOME}", {}, "ps {{.Name}} ${#a} $HOME ${HOME}"),
    ],
)
def test_what_comes_in_is_quoted(source: str, arguments: dict[str, Any], made: str) -> None:
    """Of any type, behind filters and in loops; what the author wrote stands as it is."""
    assert text(source, **arguments) == made


@pytest.mark.parametrize(
    "source, arguments, message",
    [
        ("ls {{ a }}", {"a": None}, "a value is null, and no text says that"),
        ("ls {{ a }}", {"a": ["x", None]}, "a value is null, and no text says that"),
        ("ls {{ a.b }}", {"a": {}}, "'a' has no item 'b'"),
        ("ls {{ a }}", {}, "'a' is not defined"),
        ("ls {{ a }}", {"a": "x\0y"}, "a value holds a NUL byte"),
        ("ls {{ a }}", {"a": ["x", "\0"]}, "a value holds a NUL byte"),
        ("x={{ a }} ls", {"a": ["x", "reboot"]}, "the value 'x reboot' is a list, and stands where one word belongs"),
        ("ls {{ a }}# {{ b }}", {"a": [], "b": "x"}, "the value 'x' stands in a comment"),
        ("{% if a %}'{% endif %}ls {{ a }}", {"a": "x"}, "the value 'x' stands in single quotes"),
        ("ls '{{ a }}'", {"a": "x"}, "the value 'x' stands in single quotes"),
        ("{{ a }}", {"a": "reboot"}, "the value 'reboot' stands where the program does"),
        ("{% for one in a %}{{ one }}; {% endfor %}", {"a": ["reboot"]}, "stands where the program does"),
        ("echo {{ a }} | {% if a %}sh{% endif %}", {"a": "reboot"}, "a value stands in a text with a shell that reads"),
    ],
)
def test_a_value_that_cannot_be_quoted_where_it_stands_runs_nothing(
    source: str, arguments: dict[str, Any], message: str
) -> None:
    """Also by ways that only a call takes, and where nobody has checked the file."""
    with pytest.raises(ToolFailed) as failed:
        text(source, **arguments)
    assert message in failed.value.message


@pytest.mark.parametrize("name", ["safe", "raw_text", "unquoted", "e", "escape", "forceescape", "attr", "xmlattr"])
def test_no_filter_switches_the_quotes_off(name: str) -> None:
    """There is none that a template of another house would use for it."""
    with pytest.raises(ValueError, match=f"there is no filter '{name}'"):
        text(f"ls {{{{ a | {name} }}}}", a="x")


def test_a_text_runs_as_a_whole(tmp_path: Path) -> None:
    """In the workspace, with the exit codes, the output and the environment that its file says."""
    source = "printf '%s\\n' NAME {{ names }} > list; wc -l < list >&2; cat list; [ \"$MINE\" = yes ]"
    spec = tool(source, env={"MINE": "no"}, exit={0: "ok", 1: "no"}, output={"table": ["name"]})
    done = run(tmp_path, spec, names=["it's", "$HOME"])
    assert done.status == "no"
    assert done.output["rows"] == [{"name": "NAME"}, {"name": "it's"}, {"name": "$HOME"}]
    assert (tmp_path / "list").read_text() == "NAME\nit's\n$HOME\n"


def test_a_failure_says_the_last_words_and_the_hint(tmp_path: Path) -> None:
    """As one of a command does."""
    with pytest.raises(ToolFailed, match="/bin/sh failed with exit code 3:\nlost") as failed:
        run(tmp_path, tool("echo lost; exit 3", hint="look"))
    assert failed.value.hint == "look"


def test_a_shell_of_the_workspace_is_not_asked(tmp_path: Path) -> None:
    """Its programs come first on PATH, and what reads the text is the machine's own."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "sh").write_text("#!/bin/sh\necho taken\n")
    (programs / "sh").chmod(0o755)
    assert run(tmp_path, tool("echo mine")).output["text"] == "mine\n"


@pytest.mark.parametrize(
    "fields", [{"shell": ""}, {"shell": "ls \0"}, {"shell": ["ls"]}, {"shell": "ls", "quote": False}]
)
def test_what_a_file_may_not_say(fields: dict[str, Any]) -> None:
    """Nothing to run, what no program can be given, and any key that would change the quotes."""
    with pytest.raises(ValidationError):
        ShellTool.model_validate({"description": "d", **fields})
