"""A store of one's own, and the events of a small run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner.runs.events import (
    AnyEvent,
    ApprovalAsked,
    ModelReplied,
    PhaseEntered,
    RunClaimed,
    RunEnded,
    RunQueued,
    RunStarted,
    Usage,
)
from runner.runs.store import Store

Numbered = Callable[..., list[AnyEvent]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(tmp_path / ".runner")
    yield opened
    opened.close()


@pytest.fixture
def numbered() -> Numbered:
    """Stamp events as a journal does: one run, numbers in a row, times that follow them."""

    def stamp(run: str, *events: AnyEvent, first: int = 0) -> list[AnyEvent]:
        return [
            event.model_copy(update={"run": run, "seq": seq, "time": 1000.0 + seq})
            for seq, event in enumerate(events, first)
        ]

    return stamp


@pytest.fixture
def queued() -> RunQueued:
    """A run of workflow build, accepted."""
    return RunQueued(kind="workflow", name="build", inputs={"request": "x"}, revision="r1", commit="c1", by="ada")


@pytest.fixture
def running(queued: RunQueued) -> list[AnyEvent]:
    """Claimed, started, and in its second phase."""
    return [
        queued,
        RunClaimed(owner="me", why="start"),
        RunStarted(),
        PhaseEntered(path="spec/1", visit=1, kind="agent"),
        ModelReplied(path="spec/1/turn-1", text="", calls=[], usage=Usage(input=7, output=3), finish="stop", seconds=1),
        PhaseEntered(path="plan/1", visit=1, kind="agent"),
    ]


@pytest.fixture
def asked() -> ApprovalAsked:
    """A question about a push."""
    return ApprovalAsked(
        path="push/1",
        approval="a1",
        reason="policy",
        ask="Push?",
        tool="git_push",
        arguments={"to": "main"},
        by=["ada", "bob"],
        deadline=5000.0,
        shown="00",
    )


@pytest.fixture
def passed() -> RunEnded:
    """A verdict."""
    return RunEnded(verdict="pass", why="the last phase ended", usage=Usage(input=7, output=3))
