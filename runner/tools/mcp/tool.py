"""A tool of a server, as runs see it: what the lock says of it, and what the pack does."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.tools.base import Risk, Shared, ToolSpec
from runner.tools.mcp.schemas import fields
from runner.tools.mcp.spec import McpServerSpec
from runner.tools.port import Call, Hands, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.tools.mcp.lock import LockedTool


_APART: dict[str, Any] = {"tools": {}, "only": None}
"""What a pack says of a server that is not of the server."""


class McpTool(ToolSpec):
    """Asks a server that speaks the Model Context Protocol."""

    egress: bool | None = True
    """Whether a call can carry data out of this machine; what the server does with it nobody here knows."""
    untrusted: bool | None = True
    """Whether strangers may have written what it gives back."""
    pack: str
    """The pack that names the server."""
    server: McpServerSpec
    """How the server is reached."""
    mcp: str
    """What the server calls the tool."""
    sha256: str
    """The digest of what the server said of it when it was agreed on."""

    def argv(self, call: Call) -> None:
        """No command."""

    def shown(self, call: Call) -> str:
        """The server, its own name for the tool, and what it would be given; its secrets stay `${NAME}`."""
        where = self.server.url or shlex.join(self.server.command or ())
        given = json.dumps(dict(call.arguments), indent=2, ensure_ascii=False)
        return f"server {self.pack}: {where}\nits tool {self.mcp}\n{given}"

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Ask the server; what may be left out and is null is left out."""
        required = self.params.schema["required"] if self.params else ()
        given = {name: value for name, value in call.arguments.items() if value is not None or name in required}
        try:
            return await hands.server(self.pack).call(self.mcp, given, call.seconds)
        except ToolFailed as error:
            error.hint = error.hint or self.hint
            raise


def tool_of(pack: str, spec: McpServerSpec, short: str, locked: LockedTool, defaults: Shared) -> McpTool:
    """The tool that a lock's entry and a pack make: the author's word on it first, then the pack's defaults."""
    own = spec.tools.get(short)
    said: dict[str, Any] = _said(defaults) | (_said(own) if own else {})
    said.setdefault("description", locked.description)
    hints = locked.annotations if spec.annotations == "trust" else {}
    said.setdefault("risk", risk_of(hints))
    if hints.get("openWorldHint") is False:
        said.setdefault("egress", False)
    made_of = {
        "pack": pack,
        "server": spec.model_copy(update=_APART),
        "mcp": locked.name,
        "sha256": locked.sha256,
        "params": fields(locked.params),
    }
    return McpTool.model_construct(**{**_defaults(), **said, **made_of})


def risk_of(annotations: Mapping[str, bool]) -> Risk:
    """The risk that a trusted server's word gives; without one a tool destroys."""
    if annotations.get("readOnlyHint") is True:
        return "read"
    return "write" if annotations.get("destructiveHint") is False else "danger"


def _said(spec: Shared) -> dict[str, Any]:
    """The fields that a mapping says; they were checked with it."""
    return {name: getattr(spec, name) for name in spec.model_fields_set if getattr(spec, name) is not None}


def _defaults() -> dict[str, Any]:
    return {name: field.get_default() for name, field in McpTool.model_fields.items() if not field.is_required()}
