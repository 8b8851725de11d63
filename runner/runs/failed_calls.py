"""Calls of tools that failed or were denied: a run may end well all the same, and its readers are told of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from runner.runs.paths import untried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.runs.events import ToolReturned


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A call that failed or was denied, in its last try; `target` has all hosts of it."""

    path: str
    tool: str
    target: str
    match: str
    why: str

    @property
    def word(self) -> str:
        """What became of it: a rule or a person said no, or it could not be done."""
        return "denied" if self.match == "policy" else "failed"

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "outcome": self.word}


def after(known: Mapping[str, FailedCall], event: ToolReturned) -> dict[str, FailedCall]:
    """The failed calls once one more call is over: another try of the same call stands for those before it."""
    path = untried(event.path)
    found = {name: call for name, call in known.items() if name != path}
    fault = event.record.error
    if event.record.status == "failed" and not event.dry:
        match, why = (fault.match, fault.message) if fault else ("tool", "")
        found[path] = FailedCall(event.path, event.tool, event.target, match, why)
    return found
