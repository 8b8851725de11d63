"""`runner chat`: each line is a run, after the last one's; in this process, through a daemon, on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from runner.runs.events import RunQueued
from runner.runs.store import Store

Cli = Callable[..., Any]
REPLIES = """
- {when: {agent: router}, text: bert}
- {when: {agent: bert, contains: dig}, calls: [{tool: dig}]}
- {when: {agent: bert}, text: Bert gardens.}
- {when: {agent: anna}, text: Anna gardens.}
"""


@pytest.fixture
def garden(project: Callable[..., Path]) -> Path:
    """Two agents that a message may be for, one of whom digs when a person lets him."""
    one = "description: {0}.\nprompt: P.\nsuggestions: [plant tulips]\n"
    return project(
        {
            "replies.yaml": REPLIES,
            "agents.d/anna.yaml": one.format("Anna"),
            "agents.d/bert.yaml": one.format("Bert") + "tools: [dig]\n",
            "tools.d/own.yaml": "description: Own.\ntools: {dig: {description: Digs., command: [touch, dug]}}\n",
        }
    )


@pytest.fixture
def chat(garden: Path, process: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str, str]]:
    """Say something in a chat whose lines come from a pipe."""

    def say(lines: str, *words: str) -> tuple[int, str, str]:
        talking = process("-C", garden, *words, stdin=subprocess.PIPE)
        out, err = talking.communicate(lines, timeout=60)
        return talking.returncode, out, err

    return say


def said(root: Path) -> list[tuple[str, list[str]]]:
    """Of each run, the oldest first: its agent, and what it was told of the runs before it."""
    with closing(Store.open(root / ".runner")) as store:
        queued = [(row.name, store.events(row.id, limit=1)[0]) for row in store.runs()[::-1]]
        return [(name, [one.text for one in first.said]) for name, first in queued if isinstance(first, RunQueued)]


def test_answers_are_data_and_the_rest_is_talk(chat: Callable[..., Any], garden: Path) -> None:
    """What was said before is known; what fits nobody is for who answered last."""
    code, out, err = chat("plant tulips\n\nzzz\n", "chat")
    assert (code, out) == (0, "Anna gardens.\nAnna gardens.\n")
    assert "→ anna: its suggestion is nearest to the message (1.00); a close call with bert" in err
    assert "→ anna: no agent fits, and anna answered last in this conversation" in err
    assert said(garden) == [("anna", []), ("anna", ["plant tulips", "Anna gardens."])]


def test_scores_are_explained(chat: Callable[..., Any], garden: Path) -> None:
    """Each agent's, and what a model chose in a close call."""
    (garden / "runner.yaml").write_text((garden / "runner.yaml").read_text() + "router: {model: default}\n")
    code, out, err = chat("plant tulips\n", "chat", "--explain")
    assert (code, out) == (0, "Bert gardens.\n")
    assert "AGENT  SCORE  SIMILAR  LEARNED  NEAREST" in err
    assert "anna   1.00   1.00     -        suggestion: plant tulips [plant, tulips]" in err
    assert "bert: a close call between anna, bert: default chose" in err


def test_why_this_agent_answered_is_told_afterwards(chat: Callable[..., Any], garden: Path, cli: Cli) -> None:
    """By `runs show` and `runs why`, in words and as data."""
    chat("plant tulips\nzzz\n", "chat")
    first, second = (row["id"] for row in json.loads(cli("-C", garden, "--json", "runs", "ls").out)[::-1])
    reason = "no agent fits, and anna answered last in this conversation"
    for verb in ("show", "why"):
        told = cli("-C", garden, "runs", verb, second).out
        assert f"with run {first}" in told
        assert f"anna: {reason}" in told
        data = json.loads(cli("-C", garden, "--json", "runs", verb, second).out)
        assert (data["previous"], data["chosen"]) == (first, {"agent": "anna", "how": "previous", "reason": reason})


def test_that_nobody_answers_is_explained_too(chat: Callable[..., Any]) -> None:
    """The exit code is the last message's."""
    code, out, err = chat("zzz\n", "chat", "--explain")
    assert (code, out) == (6, "")
    assert "anna   0.00" in err
    assert "nobody: no agent fits, as none has a similarity of 0.2" in err


def test_an_agent_that_is_named_is_not_chosen(chat: Callable[..., Any], garden: Path) -> None:
    """And an earlier conversation goes on."""
    assert chat("one\n", "chat", "bert")[:2] == (0, "Bert gardens.\n")
    with closing(Store.open(garden / ".runner")) as store:
        (row,) = store.runs()
    code, out, err = chat("two\n", "chat", "bert", "--previous", row.id, "--explain")
    assert (code, out) == (0, "Bert gardens.\n")
    assert "bert was named, so there was nothing to choose" in err
    assert said(garden)[1] == ("bert", ["one", "Bert gardens."])


def test_what_waits_for_a_person_ends_a_chat_that_has_none(chat: Callable[..., Any]) -> None:
    """The code is that of waiting, and how to go on is said."""
    code, out, err = chat("dig\nplant tulips\n", "chat", "bert")
    assert (code, out) == (5, "")
    assert "waits; once it has ended: `runner chat --previous" in err


def test_events_are_lines_of_json(chat: Callable[..., Any]) -> None:
    """All of every run, and nothing else on stdout."""
    code, out, _ = chat("plant tulips\n", "--json", "chat", "--explain")
    kinds = [json.loads(line)["type"] for line in out.splitlines()]
    assert code == 0
    assert (kinds[0], kinds[-1], "agent.chosen" in kinds) == ("run.queued", "run.ended", True)


def test_a_daemon_works_on_the_runs(chat: Callable[..., Any], garden: Path, up: Callable[[Path], Any]) -> None:
    """They are its own, and the answers are the same."""
    up(garden)
    code, out, _ = chat("plant tulips\nzzz\n", "chat")
    assert (code, out) == (0, "Anna gardens.\nAnna gardens.\n")
    assert said(garden) == [("anna", []), ("anna", ["plant tulips", "Anna gardens."])]


@pytest.mark.parametrize("words", [("chat", "bertt"), ("chat", "--previous", "r0"), ("chat", "a", "b")])
def test_what_cannot_be_is_refused(chat: Callable[..., Any], words: tuple[str, ...]) -> None:
    """In words, before anything is begun."""
    code, out, err = chat("x\n", *words)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")


@pytest.mark.parametrize("answer, is_dug", [("y", True), ("n", False)])
@pytest.mark.parametrize("where", ["here", "daemon"])
def test_on_a_terminal_a_person_is_asked_in_between(
    garden: Path, up: Callable[[Path], Any], where: str, answer: str, *, is_dug: bool
) -> None:
    """All of what would be done is shown, the answer counts, and the run goes on."""
    if where == "daemon":
        up(garden)
    text = on_a_terminal(garden, ["dig\n", f"{answer}\n", "\x04"])
    assert "touch dug" in text
    assert "approve this? [y/N]" in text
    assert "PASS  bert" in text
    assert (garden / "dug").exists() == is_dug


def on_a_terminal(root: Path, lines: list[str]) -> str:
    """What a terminal shows of a chat with bert, in which a line is typed whenever it is asked for one."""
    main, side = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "120"}
    argv = [sys.executable, "-m", "runner", "-C", str(root), "--no-color", "chat", "bert"]
    with subprocess.Popen(argv, stdin=side, stdout=side, stderr=side, env=environment) as process:
        os.close(side)
        drawn, read, typed = "", 0, list(lines)
        with suppress(OSError):  # the other side is closed: the process has ended
            while part := os.read(main, 65536):
                drawn += part.decode()
                if typed and drawn[read:].rstrip(" ").endswith((">", "[y/N]:")):
                    read = len(drawn)
                    os.write(main, typed.pop(0).encode())
        os.close(main)
    assert process.returncode == 0, drawn
    return drawn
