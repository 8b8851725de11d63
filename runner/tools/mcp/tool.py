"""A tool of a server, as runs see it: what the lock says of it, and what the pack does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.tools.base import Risk, Shared, ToolSpec
from runner.tools.mcp.schemas import fields
from runner.tools.port import Call, Hands, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.tools.mcp.lock import LockedTool
    from runner.tools.mcp.spec import McpServerSpec


class McpTool(ToolSpec):
    """Asks a server that speaks the Model Context Protocol."""

    egress: bool | None = True
    """Whether a call can carry data out of this machine; what the server does with it nobody here knows."""
    untrusted: bool | None = True
    """Whether strangers may have written what it gives back."""
    server: str
    """The pack that says where the server is."""
    mcp: str
    """What the server calls the tool."""
    sha256: str
    """The digest of what the server said of it when it was agreed on."""

    def argv(self, call: Call) -> None:
        """No command."""

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Ask the server; what may be left out and is null is left out."""
        required = self.params.schema["required"] if self.params else ()
        given = {name: value for name, value in call.arguments.items() if value is not None or name in required}
        try:
            return await hands.server(self.server).call(self.mcp, given, call.seconds)
        except ToolFailed as error:
            error.hint = error.hint or self.hint
            raise


def tool_of(pack: str, spec: McpServerSpec, short: str, locked: LockedTool, defaults: Shared) -> McpTool:
    """The tool that a lock's entry and a pack make: the author's word on it first, then the pack's defaults."""
    own = spec.tools.get(short)
    said: dict[str, Any] = _said(defaults) | (_said(own) if own else {})
    said.setdefault("description", locked.description)
    if said.get("risk") is None:
        said["risk"] = risk_of(locked.annotations) if spec.annotations == "trust" else "danger"
    made_of = {"server": pack, "mcp": locked.name, "sha256": locked.sha256, "params": fields(locked.params)}
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
    return {name: field.get_default() for name, field in Shared.model_fields.items()}
