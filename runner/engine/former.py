"""What a run takes over of the run whose conversation it goes on with: what was said, and what came from strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runner.engine.turns.conversation import written
from runner.errors import UsageError
from runner.runs.events import Shown
from runner.runs.paths import CHAT
from runner.runs.state import fold
from runner.spec.cuts import begin_of

if TYPE_CHECKING:
    from runner.engine.submit import Start
    from runner.runs.state import RunState
    from runner.runs.store import Store

MESSAGES = 40
"""Messages of a conversation that a run is told, the last."""
LONGEST = 20_000
"""Characters of one of them."""
IN_ALL = 100_000
"""Characters of all of them: each run of a conversation keeps them in its first event."""
TALKS = ("agent", "chat")
"""Kinds of runs that are a part of a conversation."""


class Former(NamedTuple):
    """What was said, the oldest first, who answered last, and which run read what strangers may have written."""

    said: tuple[Shown, ...] = ()
    agent: str = ""
    tainted: str = ""


def former(store: Store, start: Start) -> Former:
    """What a start with a `previous` takes over; raises `UsageError` when it is no conversation, or not at its end."""
    if start.repeats is not None:
        return Former(start.repeats.said, start.repeats.answered, start.repeats.tainted)
    row = store.find(start.previous)
    state = fold(store.events(row.id))
    first, ended = state.queued, state.ended
    assert first is not None  # noqa: S101 - every run begins with this event
    if first.kind not in TALKS:
        raise UsageError(f"run {row.id} is of the {first.title}: only runs of an agent are a conversation")
    if ended is None:
        wait = "waits for a person" if row.status == "waiting" else "has not ended yet"
        hint = "`runner approve` lists what waits"
        raise UsageError(f"run {row.id} {wait}, so there is no answer to go on from", hint=hint)
    said = (*first.said, Shown(role="user", text=_cut(str(first.inputs["text"]))), _answer(state))
    tainted = first.tainted or (f"{row.id} {state.tainted}" if state.tainted else "")
    return Former(_last(said), first.answered if row.name == CHAT else row.name, tainted)


def _last(said: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """The end of what was said, as much as a run is told; messages go with their answers."""
    kept = said[-MESSAGES:]
    while sum(len(message.text) for message in kept) > IN_ALL:
        kept = kept[2:]
    return kept


def _answer(state: RunState) -> Shown:
    """The run's last word; that it has none is said, as servers want an answer between two messages."""
    assert state.ended is not None  # noqa: S101 - the caller has looked
    output = state.ended.output
    text = f"(no answer: {state.ended.why})" if output in (None, "") else written(output)
    return Shown(role="assistant", text=_cut(text))


def _cut(text: str) -> str:
    return begin_of(text, LONGEST)
