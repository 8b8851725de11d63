"""The servers of a workbench that bring tools: leased from the pool by the first call, the required ones at once."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from runner.errors import ToolFailed
from runner.project.files.literals import references
from runner.targets.sandbox.spec import ONLY_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.project.project import Project
    from runner.secrets import Secrets
    from runner.targets.sandbox.container import Container
    from runner.targets.sandbox.sandbox import Sandbox
    from runner.tools.mcp.connection import Link
    from runner.tools.mcp.server import McpServer
    from runner.tools.mcp.spec import McpServerSpec
    from runner.tools.mcp.tool import McpTool

    Lease = Callable[[str, str, Callable[[], McpServer]], McpServer]
    Opener = Callable[..., Sandbox | Container]


class Servers:
    """The servers that a project's packs name; `lease` takes one from the pool, `mark` is that of our processes.

    `sandbox` opens one, with or without the `network`.
    """

    def __init__(self, project: Project, secrets: Secrets, mark: str, lease: Lease, sandbox: Opener) -> None:
        self._project = project
        self._secrets = secrets
        self._mark = mark
        self._lease = lease
        self._sandbox = sandbox
        self._open: dict[str, McpServer] = {}

    def server(self, pack: str) -> McpServer:
        """The server that has a pack's tools; raises `ToolFailed` for what it would have to run without."""
        if pack not in self._open:
            if lacking := dict(self.lacking()).get(pack):
                raise ToolFailed(f"the server {pack} is unavailable: {lacking}", match="unavailable")
            self._take(pack, self._digest(pack))
        return self._open[pack]

    def keep_up(self) -> None:
        """Start the required servers; the pool holds each once."""
        lacking = dict(self.lacking())
        for pack, spec in self._specs():
            if spec.lifecycle.required and pack not in lacking:
                self.server(pack).keep_up()

    def take_over(self, former: Servers) -> None:
        """Lease the servers of the former workbench that this one would open alike: they go on as they are."""
        known = dict(self._specs())
        for pack in former._open.keys() - self._open.keys():
            if pack in known and (digest := self._digest(pack)) == former._digest(pack):
                self._take(pack, digest)

    def forget(self) -> None:
        """Hold none any more; the leases are given back by whoever keeps them."""
        self._open = {}

    def lacking(self) -> Iterator[tuple[str, str]]:
        """The packs whose server lacks a secret, and which; or a sandbox that servers can run in."""
        driver = self._project.settings.sandbox.driver
        for pack, spec in self._specs():
            if spec.command and spec.sandbox and driver != "bubblewrap":
                yield pack, ONLY_COMMANDS.format(driver=driver)
                continue
            if missing := self._secrets.missing(references({"mcp": spec.holding_secrets()})):
                yield pack, f"{missing[0]} not set (looked in {self._secrets.looked(missing[0])})"

    def unavailable(self) -> dict[str, str]:
        """What cannot be used and why: `server PACK`, and `tool NAME` of those that are not what was agreed on."""
        found: dict[str, str] = {f"server {pack}": server.fault for pack, server in self._open.items() if server.fault}
        lacking = dict(self.lacking())
        for name, entry in self._project.tools.items():
            if entry.kind != "mcp":
                continue
            server, spec = self._open.get(entry.pack), cast("McpTool", entry.spec)
            if reason := lacking.get(entry.pack) or (server.changed.get(spec.mcp) if server else None):
                found[f"tool {name}"] = reason
        return found

    def _take(self, pack: str, digest: str) -> None:
        self._open[pack] = self._lease("mcp", digest, lambda: self._opened(pack))

    def _specs(self) -> Iterator[tuple[str, McpServerSpec]]:
        for name, pack in self._project.packs.items():
            if pack.server is not None:
                yield name, pack.server

    def _spec(self, pack: str) -> McpServerSpec:
        spec = self._project.packs[pack].server
        assert spec is not None  # noqa: S101 - only tools of servers ask
        return spec

    def _pins(self, pack: str) -> dict[str, str]:
        tools: Any = [entry.spec for entry in self._project.tools.values() if (entry.pack, entry.kind) == (pack, "mcp")]
        return {tool.mcp: tool.sha256 for tool in tools}

    def _digest(self, pack: str) -> str:
        spec = self._spec(pack)
        said = spec.model_dump(mode="json", exclude={"annotations", "only", "tools"})
        filled = self._secrets.fill(json.dumps(spec.holding_secrets()))
        settings = self._project.settings
        walls = [settings.execute, settings.sandbox.model_dump(mode="json")] if spec.command else []
        made_of = json.dumps([pack, str(self._project.root), said, filled, walls, self._pins(pack)], sort_keys=True)
        return hashlib.sha256(made_of.encode()).hexdigest()

    def _opened(self, pack: str) -> McpServer:
        from runner.tools.mcp.server import McpServer

        spec = self._spec(pack)
        link = partial(self._link, pack, spec, self._sandbox(network=spec.network))
        return McpServer(pack, link, self._pins(pack), spec.lifecycle, legacy=spec.legacy)

    def _link(self, pack: str, spec: McpServerSpec, sandbox: Sandbox | Container) -> Link:
        from runner.tools.mcp.links import link_of

        fill, root, owner = self._secrets.fill, self._project.root, self._mark
        return link_of(pack, spec, fill=fill, cwd=root, owner=owner, sandbox=sandbox)
