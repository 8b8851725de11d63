"""The kind `python`: a function of a Python file beside the pack, called in a worker process."""

from __future__ import annotations

from pydantic import Field

from runner.errors import ToolFailed
from runner.tools.base import FUNCTION, ToolSpec
from runner.tools.port import Call, Hands, Outcome


class PythonTool(ToolSpec):
    """Calls a function; its result is the output, a text as `{text}`."""

    python: str = Field(pattern=FUNCTION)
    """The function, `module:function`; without `params` its type hints say what it takes."""

    def argv(self, call: Call) -> None:
        """No command."""

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Call it; its resources are read-only when its risk is `read`."""
        try:
            output = await hands.workers.call(self.python, call.arguments, call, writes=self.risk != "read")
        except ToolFailed as error:
            error.hint = error.hint or self.hint
            raise
        return Outcome({"text": output} if isinstance(output, str) else output)
