"""Why this agent answered: what a run of a message tells of its conversation, and of who was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.runs.state import RunState


def choice_data(state: RunState) -> dict[str, Any]:
    """`previous`, the run that it goes on with, and `chosen`, the choice with its reason; null where none was made."""
    chosen = next((one.model_dump(include={"agent", "how", "reason"}) for one in state.chosen.values()), None)
    return {"previous": state.queued.previous if state.queued else "", "chosen": chosen}


def choice_words(state: RunState) -> list[tuple[str, str]]:
    """The same as pairs of a label and words; nothing for a run that names its agent and begins a conversation."""
    told = choice_data(state)
    words = [("goes on", f"with run {told['previous']}")] if told["previous"] else []
    if chosen := told["chosen"]:
        words.append(("chosen", f"{chosen['agent'] or 'nobody'}: {chosen['reason']}"))
    return words
