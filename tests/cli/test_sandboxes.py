"""`runner sandboxes`: what is listed, archived and removed, and what is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
FILES = {
    "runner.yaml": "permissions: [{tool: '*', action: allow}]\nsandboxes: {idle: 1ms}\n",
    "tools.d/own.yaml": """description: Own.
tools:
  leave: {description: Leave a file., command: [touch, a]}
  nap: {description: Sleep., command: [sleep, "60"], timeout: 90s}
""",
    "workflows/plain.yaml": "{description: Leaves., phases: {leave: {tool: leave}}}",
    "workflows/leave.yaml": "{description: Leaves., workspace: sandbox, phases: {leave: {tool: leave}}}",
    "workflows/nap.yaml": "{description: Sleeps., workspace: sandbox, phases: {nap: {tool: nap}}}",
}


@pytest.fixture
def house(project: Callable[..., Path], cli: Cli) -> Path:
    """A project whose workflows work in sandboxes of their own, but for one, which has run."""
    root = project(FILES)
    assert cli("-C", root, "run", "plain").code == 0
    return root


def listed(cli: Cli, house: Path, *more: str) -> list[dict[str, Any]]:
    """What `ls` says."""
    found: list[dict[str, Any]] = json.loads(cli("-C", house, "--json", "sandboxes", "ls", *more).out)
    return found


def test_nothing_is_there_before_a_run_has_one(cli: Cli, house: Path) -> None:
    """Empty answers, in words and as data."""
    assert listed(cli, house) == []
    assert cli("-C", house, "sandboxes", "ls").err == "no sandboxes\n"
    assert json.loads(cli("-C", house, "--json", "sandboxes", "gc").out) == []
    assert "nothing is idle" in cli("-C", house, "sandboxes", "gc").err


def test_a_sandbox_is_listed_archived_and_removed(cli: Cli, house: Path) -> None:
    """By the beginning of its run's id; whose it is and when it was used stands beside it."""
    assert cli("-C", house, "run", "leave").code == 0
    (one,) = listed(cli, house)
    assert (one["state"], set(one)) == ("idle", {"run", "by", "state", "size", "used", "over"})
    assert listed(cli, house, "--by", one["by"]) == [one]
    assert listed(cli, house, "--by", "nobody-else") == []
    table = cli("-C", house, "sandboxes", "ls").out.splitlines()
    assert table[0].split() == ["RUN", "BY", "STATE", "SIZE", "LAST", "USED"]
    assert table[1].split()[:3] == [one["run"], one["by"], "idle"]
    assert cli("-C", house, "sandboxes", "gc").err == f"{one['run']} archived\n"
    assert listed(cli, house)[0]["state"] == "archived"
    assert cli("-C", house, "sandboxes", "rm", one["run"][:14]).err == f"{one['run']} removed\n"
    assert listed(cli, house) == []


def test_one_in_use_is_refused_and_the_others_are_removed(
    cli: Cli, house: Path, process: Callable[..., subprocess.Popen[str]]
) -> None:
    """With the reason, and exit code 1."""
    assert cli("-C", house, "run", "leave").code == 0
    napping = process("-C", house, "run", "nap")
    while len(rows := listed(cli, house)) < 2 or rows[1]["state"] != "active":
        assert napping.poll() is None
    answer = cli("-C", house, "--json", "sandboxes", "rm", "--by", rows[0]["by"])
    told = json.loads(answer.out)
    assert (answer.code, told["removed"]) == (1, [rows[0]["run"]])
    assert told["refused"][0]["run"] == rows[1]["run"]
    assert told["refused"][0]["why"].startswith(f"the sandbox {rows[1]['run']} is in use: {rows[1]['run']} by ")
    answer = cli("-C", house, "sandboxes", "rm", rows[1]["run"])
    assert answer.code == 1
    assert f"`runner runs cancel {rows[1]['run']}` ends the run" in answer.err
    assert cli("-C", house, "sandboxes", "ls").out.splitlines()[1].split()[-1] == "now"


def test_what_is_over_its_size_is_marked(cli: Cli, house: Path) -> None:
    """In words and as data, by what runner.yaml says now; an archive is not."""
    tools = house / "tools.d" / "own.yaml"
    tools.write_text(tools.read_text().replace("[touch, a]", "[sh, -c, 'head -c 2150000 /dev/urandom > a']"))
    assert cli("-C", house, "run", "leave").code == 0
    assert [row["over"] for row in listed(cli, house)] == [False]
    settings = house / "runner.yaml"
    settings.write_text(settings.read_text().replace("{idle: 1ms}", "{idle: 1ms, size: 1MiB}"))
    assert [row["over"] for row in listed(cli, house)] == [True]
    assert "2.1 MiB (over)" in cli("-C", house, "sandboxes", "ls").out
    assert cli("-C", house, "sandboxes", "gc").code == 0
    assert [row["over"] for row in listed(cli, house)] == [False]


def test_they_are_listed_although_the_files_have_mistakes(cli: Cli, house: Path) -> None:
    """Who is over is told by the size that holds without a word."""
    assert cli("-C", house, "run", "leave").code == 0
    (house / "runner.yaml").write_text("sandboxes: {size: 1 byte}\n")
    assert [row["over"] for row in listed(cli, house)] == [False]


@pytest.mark.parametrize(
    "words, says",
    [
        (["rm"], "say which"),
        (["rm", "0abc", "--by", "ada"], "say which"),
        (["rm", "0abc"], "no sandbox of a run that begins with `0abc`"),
        (["rm", ""], "no sandbox of a run that begins with ``"),
        (["rm", "../../runner.yaml"], "no sandbox of a run that begins with"),
    ],
)
def test_what_cannot_be_removed_is_told(cli: Cli, house: Path, words: list[str], says: str) -> None:
    """A usage error, and nothing is done."""
    answer = cli("-C", house, "sandboxes", *words)
    assert (answer.code, says in answer.err) == (2, True), answer.err


def test_a_person_without_sandboxes_is_told_so(cli: Cli, house: Path) -> None:
    """Nothing to remove is no mistake."""
    answer = cli("-C", house, "sandboxes", "rm", "--by", "nobody-else")
    assert (answer.code, answer.err) == (0, "no sandbox is nobody-else's\n")
