"""What the kinds `agent` and `workflow` share: something of the project that runs as part of its caller's run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.tools.port import Outcome

if TYPE_CHECKING:
    from runner.tools.port import Call, Hands


async def run_under(name: str, what: str, call: Call, hands: Hands, hint: str) -> Outcome:
    """Run it under the call's path: its pass is ok, its fail is no, its error is a failure."""
    record = await hands.start_child(name, call.arguments, call)
    if record.error is not None:
        raise ToolFailed(record.error.message, match=record.error.match, hint=record.error.hint or hint)
    if record.status == "cancelled":
        raise ToolFailed(f"the {what} {name} was cancelled", hint=hint)
    return Outcome(record.output, "ok" if record.ok else "no")
