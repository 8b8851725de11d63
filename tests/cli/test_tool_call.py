"""`runner tools call`: one call of a tool as a run, here, through a daemon, and on real hosts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
PACK = """description: Own.
tools:
  say:
    description: Says.
    command: [echo, "{{ text }}"]
    params: {text: str, times: {type: int, default: 1}}
    risk: read
  keep: {description: Keeps., command: [touch, --, "{{ file }}"], params: {file: str}}
  red: {description: Says no., command: ["false"], exit: {0: ok, 1: no}, risk: read}
  broken: {description: Breaks., command: [sh, -c, "exit 3"], risk: read, hint: Try less.}
  far: {description: Only on hosts., command: ["true"], targets: ["group:hosts"], risk: read}
  off: {description: Is off., command: ["true"], enabled: false}
  double: {description: Doubles., python: "own:double", risk: read}
"""
CODE = '"""Own."""\n\n\ndef double(number: int) -> int:\n    return 2 * number\n'


@pytest.fixture
def own(project: Callable[..., Path]) -> Path:
    """A project with a tool for each way that a call can go."""
    return project(
        {"tools.d/own.yaml": PACK, "tools.d/own.py": CODE, "agents.d/a.yaml": "description: A.\nprompt: A.\n"}
    )


def last(cli: Cli, root: Path) -> dict[str, Any]:
    """The newest run."""
    return dict(json.loads(cli("-C", root, "--json", "runs", "ls").out)[0])


@pytest.mark.parametrize(
    "words, code, out",
    [
        (("say", "-i", "text=a {{ 1 }} $HOME"), 0, "a {{ 1 }} $HOME\n"),
        (("double", "-i", "number=21"), 0, "42\n"),
        (("red",), 1, ""),
        (("broken",), 6, ""),
    ],
)
def test_a_call_gives_what_the_tool_gives(cli: Cli, own: Path, words: tuple[str, ...], code: int, out: str) -> None:
    """On stdout; the exit code says how it ended."""
    answer = cli("-C", own, "tools", "call", *words)
    assert (answer.code, answer.out.lstrip("\n")) == (code, out)


def test_a_call_is_a_run_that_can_be_shown_explained_and_begun_again(cli: Cli, own: Path) -> None:
    """With its arguments and where it ran; again it is the same call."""
    cli("-C", own, "tools", "call", "say", "-i", "text=hi")
    run = last(cli, own)
    assert (run["kind"], run["name"], run["verdict"]) == ("tool", "tool:say", "pass")
    shown = cli("-C", own, "runs", "show", run["id"]).out
    assert shown.startswith("tool say  PASS\n")
    assert "  input      text = hi\n" in shown
    assert "call/1 → pass" in cli("-C", own, "runs", "why", run["id"]).out
    assert cli("-C", own, "runs", "rerun", run["id"]).out == "hi\n"
    assert last(cli, own)["rerun_of"] == run["id"]


def test_a_call_that_must_be_asked_about_waits_and_goes_on(cli: Cli, own: Path) -> None:
    """Exit 5; who asked is named; once somebody said yes the same call is made, and only once."""
    (own / "kept.txt").unlink(missing_ok=True)
    answer = cli("-C", own, "tools", "call", "keep", "-i", "file=kept.txt")
    assert (answer.code, (own / "kept.txt").exists()) == (5, False)
    run = last(cli, own)
    (asked,) = json.loads(cli("-C", own, "--json", "approve").out)
    assert (asked["ask"], asked["tool"]) == (f"May {run['by']} call keep?", "keep")
    assert cli("-C", own, "approve", asked["id"]).code == 0
    assert cli("-C", own, "runs", "resume", run["id"]).code == 0
    assert (own / "kept.txt").exists()
    assert cli("-C", own, "runs", "resume", run["id"]).code == 2


def test_a_rule_denies_a_person_as_it_denies_a_workflow(cli: Cli, own: Path) -> None:
    """Whoever types the command has no rights of their own."""
    with (own / "runner.yaml").open("a") as settings:
        settings.write("permissions: [{tool: keep, action: deny}]\n")
    answer = cli("-C", own, "tools", "call", "keep", "-i", "file=kept.txt")
    assert (answer.code, (own / "kept.txt").exists()) == (6, False)
    assert "denied by runner.yaml permissions[0]" in answer.err


WRONG = [
    (("sey",), "there is no tool `sey`", "did you mean say?"),
    (("say",), "arguments of say: text: is missing", "write -i text=…"),
    (("say", "-i", "text"), "-i text is no input", "write -i NAME=VALUE"),
    (("say", "-i", "text=a", "-i", "times=x"), "arguments of say: times", ""),
    (("say", "-i", "text=a", "-i", "tims=2"), "tims: there is no such field", "did you mean times?"),
    (("say", "-i", "text=a", "-i", "target=web1"), "say takes no `target`", "said by --target"),
    (("say", "-i", "text=a", "--target", "lokal"), "there is no target 'lokal'", "did you mean local?"),
    (("say", "-i", "text=a", "--target", "group:web"), "there is no target 'group:web'", ""),
    (("say", "-i", "text=a", "--target", "local,sandbox"), "there is no target", "name one target, or one group"),
    (("far",), "far does not run on local", "it runs on: nothing"),
    (("off",), "the tool `off` is off", "tools.d/own.yaml says `enabled: false`"),
    (("double", "-i", "number=1", "--target", "web1"), "double is of kind python and acts from here", ""),
    ((), "Missing argument 'NAME'", ""),
]


@pytest.mark.parametrize("words, what, hint", WRONG)
def test_a_call_that_cannot_be_is_refused_before_it_is_a_run(
    cli: Cli, own: Path, words: tuple[str, ...], what: str, hint: str
) -> None:
    """A usage error with what to do instead; nothing is written down."""
    answer = cli("-C", own, "tools", "call", *words)
    assert answer.code == 2
    assert what.lower() in answer.err.lower()
    assert hint in answer.err
    assert json.loads(cli("-C", own, "--json", "runs", "ls").out or "[]") == []


@pytest.mark.parametrize("word, hint", [("web", "did you mean group:web?"), ("web1,web2", "group:hosts, group:web")])
def test_a_group_is_meant_by_its_bare_name_before_a_host_that_is_called_alike(
    cli: Cli, own: Path, word: str, hint: str
) -> None:
    """And hosts with commas between them are told how several are named."""
    with (own / "runner.yaml").open("a") as settings:
        settings.write("hosts: {web1: {groups: [web]}, web2: {groups: [web]}}\n")
    answer = cli("-C", own, "tools", "call", "say", "-i", "text=a", "--target", word)
    assert (answer.code, hint in answer.err) == (2, True)


def test_a_daemon_makes_the_call_when_one_is_up(cli: Cli, own: Path, up: Callable[[Path], Any]) -> None:
    """The run belongs to it; errors read the same."""
    daemon = up(own)
    answer = cli("-C", own, "tools", "call", "say", "-i", "text=hi")
    assert (answer.code, answer.out) == (0, "hi\n")
    run = last(cli, own)
    assert daemon.ask("GET", f"/runs/{run['id']}")["kind"] == "tool"
    refused = cli("-C", own, "tools", "call", "far")
    assert (refused.code, "far does not run on local" in refused.err) == (2, True)


def test_every_event_is_a_line_of_json(cli: Cli, own: Path) -> None:
    """As with `runner run`; the last one has the verdict."""
    events = [json.loads(line) for line in cli("-C", own, "--json", "tools", "call", "red").out.splitlines()]
    assert (events[0]["kind"], events[0]["name"], events[-1]["verdict"]) == ("tool", "tool:red", "fail")
