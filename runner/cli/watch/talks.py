"""What befell the answers and conversations of a run: who answered instead, what was cut short or sent shorter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.cli.watch.answered import answered_data, by_rule, fallbacks
from runner.cli.watch.shortened import lines_of, shortened_data, summaries_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.runs.state import RunState


def talks(state: RunState) -> Iterator[tuple[str, str, str]]:
    """(what it was, path, words) of each."""
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
        **answered_data(state),
        "cut_short": state.cut_short(),
        "shortened": shortened_data(state),
        "summaries": summaries_data(state),
    }
