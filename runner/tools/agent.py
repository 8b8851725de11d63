"""The kind `agent`: an agent that answers as part of its caller's run."""

from __future__ import annotations

from typing import ClassVar

from runner.spec import Name
from runner.spec.types import Fields, parse_fields
from runner.tools.base import ToolSpec
from runner.tools.children import run_under
from runner.tools.port import Call, Hands, Outcome

_ASKED = parse_fields({"text": {"type": "str", "description": "What it is asked, with all that it has to know."}})


class AgentTool(ToolSpec):
    """Asks an agent; its answer is the output."""

    takes: ClassVar[Fields] = _ASKED

    agent: Name
    """The agent; the parameter `text` is what it is asked."""

    def argv(self, call: Call) -> None:
        """No command."""

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Ask it under the call's path."""
        return await run_under(self.agent, "agent", call, hands, self.hint)
