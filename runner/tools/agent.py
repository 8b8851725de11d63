"""The kind `agent`: an agent that answers as part of its caller's run."""

from __future__ import annotations

from runner.spec import Name
from runner.spec.types import Fields, parse_fields
from runner.tools.base import ToolSpec
from runner.tools.children import run_under
from runner.tools.port import Call, Hands, Outcome

ASKED = parse_fields({"text": {"type": "str", "description": "What it is asked, with all that it has to know."}})
"""What an agent takes."""


class AgentTool(ToolSpec):
    """Asks an agent; its answer is the output."""

    agent: Name
    """The agent; the parameter `text` is what it is asked."""
    params: Fields | None = ASKED
    """What it takes; an agent takes `text`."""

    def argv(self, call: Call) -> None:
        """No command."""

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Ask it under the call's path."""
        return await run_under(self.agent, "agent", call, hands, self.hint)
