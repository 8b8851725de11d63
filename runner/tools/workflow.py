"""The kind `workflow`: a workflow that runs as part of its caller's run."""

from __future__ import annotations

from runner.spec import Name
from runner.tools.base import ToolSpec
from runner.tools.children import run_under
from runner.tools.port import Call, Hands, Outcome


class WorkflowTool(ToolSpec):
    """Runs a workflow; its pass is ok, its fail is no, its error is a failure."""

    workflow: Name
    """The workflow; the parameters are its inputs."""

    def argv(self, call: Call) -> None:
        """No command."""

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Run it under the call's path."""
        return await run_under(self.workflow, "workflow", call, hands, self.hint)
