"""What a dry run would have done, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.display import one_line, show, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.runs.events import StepForeseen

_VERBS = {"tool": "call ", "child": "go into ", "approval": "ask: ", "wait": ""}


def told(event: StepForeseen) -> str:
    """What a step would do, on one line: `call note: {"text": "x"} in /srv`."""
    tool = f"{event.tool}: " if event.tool else ""
    return f"{_VERBS[event.kind]}{tool}{one_line(event.would)}"


def print_foreseen(events: Sequence[StepForeseen]) -> None:
    """Print the table."""
    show("what would have been done, and was not:")
    table(("ANSWER", "STEP", "WHAT", "RULE"), [(one.decision, one.path, told(one), one.rule) for one in events])
