"""What was done about a conversation that came near its model's context, in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.runs.events import ContextShortened
    from runner.runs.state import RunState


def shortening(event: ContextShortened) -> str:
    """`conversation shortened, 9 messages summed up: about 7,600 → 4,300 of 10,000 tokens`."""
    summed = f", {event.how.messages} messages summed up" if event.how.messages else ""
    of = f" of {event.window:,}" if event.window else ""
    return f"conversation shortened{summed}: about {event.tokens:,} → {event.left:,}{of} tokens"


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
