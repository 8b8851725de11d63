"""The table of model calls: what was spent, by whom, since when, and how dear a model was lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.runs.events import AttemptFailed, ModelReplied, ModelRequested, RunQueued, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.runs.events import AnyEvent
    from runner.runs.store import Store


def asked(path: str, served: str = "openai:gpt", reserved: int = 0, attempt: int = 1) -> ModelRequested:
    """An attempt is about to be made."""
    return ModelRequested(
        path=path,
        model="default",
        served=served,
        agent="writer",
        attempt=attempt,
        messages=1,
        tools=[],
        deadline=60,
        why="",
        reserved_micros=reserved,
    )


def said(path: str, cost: int | None, attempt: int = 1, usage: Usage | None = None) -> ModelReplied:
    """An attempt was answered."""
    usage = usage or Usage(input=80, output=20, cached=30)
    return ModelReplied(
        path=path, text="x", calls=[], usage=usage, finish="stop", seconds=1, attempt=attempt, cost_micros=cost
    )


def failed(path: str, cost: int | None, attempt: int = 1) -> AttemptFailed:
    """An attempt failed in its middle."""
    return AttemptFailed(
        path=path,
        model="default",
        attempt=attempt,
        error="",
        trouble="reset",
        seconds=1,
        usage=Usage(input=10, output=5),
        cost_micros=cost,
    )


@pytest.fixture
def spent(store: Store, numbered: Callable[..., list[AnyEvent]]) -> Store:
    """Three runs: one of ada, one of bob whose last call goes on, one that is a replay."""
    ada = RunQueued(kind="agent", name="writer", inputs={}, revision="r1", by="ada")
    bob = RunQueued(kind="agent", name="writer", inputs={}, revision="r2", by="bob")
    first = [asked("a"), failed("a", 100), asked("a", attempt=2), said("a", 1000, 2), asked("b"), said("b", None)]
    second = [asked("a", "xai:grok"), said("a", 5000), asked("b", "xai:grok", reserved=700)]
    store.append(numbered("run-1", ada, *first))
    store.append(numbered("run-2", bob, *second))
    store.append(numbered("run-3", ada, asked("a", "replay:openai:gpt"), said("a", 9999)))
    return store


def test_what_was_spent_counts_what_is_set_aside_for_calls_that_go_on(spent: Store) -> None:
    """Of all users or of one; a replay is no spending."""
    assert spent.spent_since(0, None, []) == 1100 + 5700
    assert spent.spent_since(0, "ada", []) == 1100
    assert spent.spent_since(0, "bob", []) == 5700
    assert spent.spent_since(0, "eve", []) == 0


def test_runs_that_are_counted_elsewhere_are_left_out(spent: Store) -> None:
    """Those that are worked on are known better by their state."""
    assert spent.spent_since(0, None, ["run-2"]) == 1100
    assert spent.spent_since(0, None, ["run-1", "run-2"]) == 0


def test_only_calls_since_a_time_are_counted(spent: Store) -> None:
    """By when they began; the second attempt of the first run did so at 1003."""
    assert spent.spent_since(1003, "ada", []) == 1000
    assert spent.spent_since(2000, None, []) == 0


def test_a_model_is_as_dear_as_the_dearest_of_its_latest_calls(spent: Store) -> None:
    """For each token; nobody knows of one that was never paid."""
    assert spent.dearest("openai:gpt") == 10
    assert spent.dearest("xai:grok") == 50
    assert spent.dearest("nobody:else") == 0


def test_usage_adds_up_attempts(spent: Store) -> None:
    """The dearest group first, with how many calls have a price that nobody knows."""
    rows = [row._asdict() for row in spent.usage("model", 0)]
    assert [row["key"] for row in rows] == ["xai:grok", "openai:gpt"]
    assert rows[1] == {
        "key": "openai:gpt",
        "runs": 1,
        "calls": 3,
        "failed": 1,
        "input": 170,
        "cached": 60,
        "output": 45,
        "cost_micros": 1100,
        "unpriced": 1,
    }
    assert spent.runs_with_calls(0) == 2


def test_usage_has_other_groups(spent: Store) -> None:
    """By agent, by revision, by day."""
    assert [(row.key, row.runs) for row in spent.usage("agent", 0)] == [("writer", 2)]
    assert [(row.key, row.cost_micros) for row in spent.usage("revision", 0)] == [("r2", 5000), ("r1", 1100)]
    assert [row.calls for row in spent.usage("day", 0)] == [5]


def test_costs_are_made_anew_from_the_events(spent: Store) -> None:
    """The table and the lists hold nothing that the journal does not."""
    before = (spent.usage("model", 0), spent.runs(), spent.spent_since(0, None, []))
    spent.rebuild()
    assert (spent.usage("model", 0), spent.runs(), spent.spent_since(0, None, [])) == before
    assert {row.id: row.cost_micros for row in spent.runs()} == {"run-1": 1100, "run-2": 5000, "run-3": 9999}
