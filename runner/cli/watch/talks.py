"""What befell the calls, answers and conversations of a run: what failed, who answered instead, what was cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.cli.watch.answered import answered_data, by_rule, fallbacks
from runner.cli.watch.calls import on
from runner.cli.watch.failures import whole
from runner.cli.watch.shortened import lines_of, shortened_data, summaries_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.runs.failed_calls import FailedCall
    from runner.runs.state import RunState

SHOWN = 3
"""Calls that are named at the end of a run."""


def talks(state: RunState) -> Iterator[tuple[str, str, str]]:
    """(what it was, path, words) of each."""
    for call in _untold(state):
        yield call.word, call.path, failed_call(call)
    for rule in by_rule(state):
        yield "by rule", rule.path, str(rule)
    for fallback in fallbacks(state):
        yield "fallback", fallback.path, str(fallback)
    for path in state.cut_short():
        yield "cut short", path, "the answer reached the most tokens that it may have"
    for path, words in lines_of(state):
        yield "shortened", path, words


def talks_data(state: RunState) -> dict[str, list[Any]]:
    """The same as plain data."""
    return {
        "failed_calls": [call.plain() for call in state.failed_calls.values()],
        **answered_data(state),
        "cut_short": state.cut_short(),
        "shortened": shortened_data(state),
        "summaries": summaries_data(state),
    }


def failed_call(call: FailedCall) -> str:
    """`restart on web1: the unit is masked`."""
    return f"{call.tool}{on(call.target)}: {whole(call.why)}"


def failed_calls(state: RunState) -> list[str]:
    """Of each word, how many calls of a run, and which."""
    found: dict[str, list[FailedCall]] = {}
    for call in _untold(state):
        found.setdefault(call.word, []).append(call)
    return [f"{len(calls)} call{'s' * (len(calls) != 1)} {word}: {_named(calls)}" for word, calls in found.items()]


def _untold(state: RunState) -> list[FailedCall]:
    """The failed calls but those that the reason of the run's end tells already."""
    why = state.ended.why if state.ended else ""
    return [call for call in state.failed_calls.values() if call.why not in why]


def _named(calls: list[FailedCall]) -> str:
    rest = len(calls) - SHOWN
    return "; ".join(map(failed_call, calls[:SHOWN])) + (f"; and {rest} more (`runner runs why`)" if rest > 0 else "")
