"""The event of a dry run: what would have happened."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.runs.events.base import Event


class StepForeseen(Event):
    """In a dry run: what a step would do, and whether it might; it is not done, but a `child` is gone into."""

    type: Literal["step.foreseen"] = "step.foreseen"
    kind: Literal["tool", "child", "approval", "wait"]
    """A call of a tool, one of a workflow or an agent as a tool, a question to a person, or time that passes."""
    would: str
    """The exact words of the command and where, the request, the question, or until when."""
    decision: Literal["allow", "ask", "deny"]
    rule: str = ""
    tool: str = ""
    arguments: dict[str, Any] = Field(default_factory=dict)
    targets: list[str] = Field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As JSON has it, without what the journal stamps on every event."""
        return self.model_dump(exclude={"v", "run", "seq", "time", "type"})
