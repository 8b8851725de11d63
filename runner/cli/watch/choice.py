"""Who answers a message that named no agent, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.cli.display import one_line
from runner.cli.watch.line import Line
from runner.runs.events import AgentChosen
from runner.runs.paths import CHAT

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.runs.events import RunQueued
    from runner.runs.state import RunState


def name(state: RunState, queued: RunQueued) -> str:
    """What a run is of: the agent that was chosen, where none was named."""
    chosen = (one.agent for one in state.chosen.values() if one.agent)
    return next(chosen, "chat" if queued.name == CHAT else queued.name)


def _chosen(event: AgentChosen, _state: RunState) -> list[Line]:
    if not event.agent:
        return []  # the step fails with the same words
    return [Line(f"  → {event.agent}: {one_line(event.reason, 400)}", "cyan")]


WORDS: dict[type, Callable[[Any, RunState], list[Line]]] = {AgentChosen: _chosen}
