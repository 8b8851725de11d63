"""The live screen as a fold: what it shows after each event."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from runner.cli.watch.screen import Picture, render
from runner.runs.events import (
    AnyEvent,
    ModelReplied,
    ModelRequested,
    PhaseEntered,
    PhaseLeft,
    RunClaimed,
    RunQueued,
    RunStarted,
    ToolCalled,
    Usage,
)
from runner.runs.live import Delta
from runner.runs.record import Record

TURN = "work/1/turn-1"


@pytest.fixture
def picture(stamped: Callable[..., list[AnyEvent]]) -> Picture:
    """A run in its first phase."""
    picture = Picture(["work", "verify"])
    begin = [
        RunQueued(kind="workflow", name="build", inputs={}, revision="r1"),
        RunClaimed(owner="me", why="start"),
        RunStarted(),
        PhaseEntered(path="work/1", visit=1, kind="agent"),
    ]
    for event in stamped("x", *begin):
        picture.take(event)
    return picture


def shown(picture: Picture, width: int = 80) -> list[str]:
    """The live part as plain lines, two seconds after the last event."""
    return [text.plain for text in render(picture, picture.state.last_time + 2, width)]


def test_the_stepper_shows_all_phases_with_their_state(picture: Picture) -> None:
    """The running one, and the one that is still to come; the clock goes on between events."""
    assert shown(picture) == ["  ▶ work  · verify  4.0 s  0 tokens"]


def test_loops_are_counted(looped: list[AnyEvent], stamped: Callable[..., list[AnyEvent]]) -> None:
    """Each phase with how often it was entered; nothing is left of the live part at the end."""
    picture = Picture([])
    for event in stamped("x", *looped[:-1]):
        picture.take(event)
    assert picture.stepper() == [("work", "ok", 2), ("verify", "no", 2)]
    assert "✗ verify ×2" in shown(picture)[0]
    picture.take(stamped("x", *looped)[-1])
    assert shown(picture) == []


def test_words_are_shown_as_they_come_and_go_with_the_reply(picture: Picture) -> None:
    """The last lines of what is being said."""
    for offset, text in ((0, "one\ntwo\n"), (8, "three\nfo"), (16, "ur")):
        picture.take(Delta("x", TURN, 1, offset, text))
    assert shown(picture)[1:] == ["  │ two", "  │ three", "  │ four"]
    picture.take(ModelReplied(path=TURN, text="", calls=[], usage=Usage(input=7), finish="stop", seconds=1))
    assert shown(picture)[1:] == []
    picture.take(Delta("x", TURN, 1, 18, "late"))
    assert shown(picture)[1:] == []


def test_a_new_attempt_drops_what_the_former_one_said(picture: Picture) -> None:
    """And words that are sent again are not shown twice."""
    picture.take(Delta("x", TURN, 1, 0, "wrong"))
    picture.take(Delta("x", TURN, 2, 0, "right"))
    picture.take(Delta("x", TURN, 2, 0, "right way"))
    assert shown(picture)[1:] == ["  │ right way"]


def test_the_words_of_a_summary_are_no_answer(picture: Picture) -> None:
    """While it is made one line says so."""
    path = "work/1/turn-6/summary-7"
    figures = {"messages": 2, "tools": [], "deadline": 60.0, "why": ""}
    picture.take(ModelRequested.model_validate({"path": path, "model": "m", "tokens": 7600, **figures}))
    picture.take(Delta("x", path, 1, 0, "They looked"))
    assert shown(picture)[1:] == ["  … shortens the conversation (about 7,600 tokens)"]
    picture.take(ModelReplied(path=path, text="They looked.", calls=[], usage=Usage(), finish="stop", seconds=1))
    assert shown(picture)[1:] == []


def test_running_tools_are_shown(picture: Picture) -> None:
    """Until they have returned."""
    call = {"arguments": {"path": "a\x1b"}, "risk": "read", "target": "local", "cwd": "/", "rule": ""}
    picture.take(ToolCalled.model_validate({"path": f"{TURN}/call-1", "tool": "read", **call}))
    assert shown(picture)[1:] == ["  … read path=a\\x1b"]


def test_a_phase_that_is_left_takes_its_words_along(picture: Picture) -> None:
    """Also when no reply came: it was cancelled."""
    picture.take(Delta("x", TURN, 1, 0, "half a sen"))
    picture.take(PhaseLeft(path="work/1", record=Record.of("cancelled")))
    assert len(shown(picture)) == 1


def test_on_a_terminal_the_screen_is_drawn(starter: Path) -> None:
    """A real run in a real pseudo-terminal: lines, the stepper, the verdict, and the answer below."""
    main, side = pty.openpty()
    argv = [sys.executable, "-m", "runner", "-C", str(starter), "run", "hello", "How is the disk?"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(argv, stdin=side, stdout=side, stderr=side, env=environment) as process:
        os.close(side)
        drawn = b""
        with suppress(OSError):  # the other side is closed: the process has ended
            while part := os.read(main, 65536):
                drawn += part
        os.close(main)
    text = drawn.decode()
    assert process.returncode == 0
    assert "PASS  hello" in text
    assert "I looked with df" in text.splitlines()[-1]
    assert "\x1b[" in text
