"""The kind `workflow`: a workflow that runs as part of its caller's run."""

from __future__ import annotations

from runner.errors import ToolFailed
from runner.spec import Name
from runner.tools.base import ToolSpec
from runner.tools.port import Call, Hands, Outcome


class WorkflowTool(ToolSpec):
    """Runs a workflow; its pass is ok, its fail is no, its error is a failure."""

    workflow: Name
    """The workflow; the parameters are its inputs."""

    def argv(self, call: Call) -> None:
        """No command."""

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Run it under the call's path."""
        record = await hands.start_child(self.workflow, call.arguments, call)
        if record.error is not None:
            raise ToolFailed(record.error.message, match=record.error.match, hint=record.error.hint or self.hint)
        if record.status == "cancelled":
            raise ToolFailed(f"the workflow {self.workflow} was cancelled", hint=self.hint)
        return Outcome(record.output, "ok" if record.ok else "no")
