"""What was done about a conversation that came near its model's context, in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from runner.runs.paths import SUMMARY

if TYPE_CHECKING:
    from runner.runs.events import ContextShortened, SummaryMade
    from runner.runs.state import RunState


def shortening(event: ContextShortened) -> str:
    """`conversation shortened, 9 messages summed up: about 7,600 → 4,300 of 10,000 tokens`."""
    summed = f", {event.how.messages} messages summed up" if event.how.messages else ""
    of = f" of {event.window:,}" if event.window else ""
    return f"conversation shortened{summed}: about {event.tokens:,} → {event.left:,}{of} tokens"


def summing(event: SummaryMade, state: RunState) -> str:
    """The same of older messages of a conversation that goes on, by the tokens of the call that summed them up."""
    tokens, left = _tokens(event, state)
    counted = f": about {tokens:,} → {left:,} tokens" if tokens else ""
    return f"conversation shortened, {event.messages} earlier messages summed up{counted}"


def summaries_data(state: RunState) -> list[dict[str, Any]]:
    """The same as plain data, without the summaries; tokens are an estimate where nobody counted."""
    found: list[dict[str, Any]] = []
    for path, event in state.summaries.items():
        tokens, left = _tokens(event, state)
        found.append({"path": path, "messages": event.messages, "tokens": tokens or None, "left": left or None})
    return found


def _tokens(event: SummaryMade, state: RunState) -> tuple[int, int]:
    call = state.replies.get(f"{event.path}/{SUMMARY}")
    return (call.usage.input, call.usage.output) if call else (0, 0)


def shortenings(state: RunState) -> list[ContextShortened]:
    """All of a run, in order."""
    found: Iterable[ContextShortened] = chain.from_iterable(state.shortened.values())
    return sorted(found, key=lambda event: event.seq)


def shortened_data(state: RunState) -> list[dict[str, Any]]:
    """The same as plain data, without the summaries."""
    return [
        event.model_dump(include={"path", "model", "tokens", "left", "window", "refused"})
        | {"messages": event.how.messages}
        for event in shortenings(state)
    ]


def lines_of(state: RunState) -> list[tuple[str, str]]:
    """(path, words) of every shortening and every summary of a run, in order."""
    told = [(event.seq, event.path, shortening(event)) for event in shortenings(state)]
    told += [(event.seq, path, summing(event, state)) for path, event in state.summaries.items()]
    return [(path, words) for _, path, words in sorted(told)]
