"""The open targets of a workbench: here, the sandbox, and hosts whose connections all workbenches share."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from runner.engine.workbenches.spills import Spills
from runner.errors import ToolFailed
from runner.project import targets
from runner.spec.words import did_you_mean
from runner.targets.local import Local

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.workbenches.keeping import Places
    from runner.project.project import Project
    from runner.runs.store import Store
    from runner.secrets import Secrets
    from runner.targets.port import Target
    from runner.targets.sandbox.container import Container
    from runner.targets.sandbox.sandbox import Sandbox

    Lease = Callable[[str, str, Callable[[], Any]], Any]


class Targets:
    """Where the commands of one revision run."""

    def __init__(
        self,
        project: Project,
        known: Secrets,
        store: Store,
        mark: str,
        *,
        lease: Lease,
        places: Places,
    ) -> None:
        self._project = project
        self._secrets = known
        self._spills = Spills(store.blobs, known)
        self._mark = mark
        self._lease = lease
        self._places = places
        self._hosts: dict[str, Target] = {}

    def of(self, name: str) -> Target:
        """The open target of that name; raises ToolFailed when there is none."""
        if name == targets.LOCAL:
            return self._local
        if name == targets.SANDBOX:
            return self._sandbox
        if name not in self._project.hosts:
            known = [thing.name for thing in self._project.targets.things]
            raise ToolFailed(f"there is no target {name!r}", match="unavailable", hint=did_you_mean(name, known) or "")
        if name not in self._hosts:
            self._hosts[name] = self._lease("host", self._digest(name), lambda: self._open_host(name))
        return self._hosts[name]

    @cached_property
    def _local(self) -> Target:
        return Local(self._mark, self._spills)

    @cached_property
    def _sandbox(self) -> Target:
        return self.sandbox(network=self._project.settings.sandbox.network)

    def sandbox(self, *, network: bool) -> Sandbox | Container:
        """A sandbox with the project's limits, by the project's driver."""
        from runner.targets.sandbox.choosing import sandbox_of

        spec = self._project.settings.sandbox.model_copy(update={"network": network})
        return sandbox_of(spec, self._mark, self._spills, closed=self._places.closed, fixed=self._places.fixed)

    def _open_host(self, name: str) -> Target:
        from runner.targets.hosts.host import Host

        project = self._project
        return Host(name, project.hosts, root=project.root, fill=self._secrets.fill, spill=self._spills)

    def _digest(self, name: str) -> str:
        """Of all that a connection is made from: the host's fields, those it may go through, and their passwords."""
        specs = {host: spec.model_dump() for host, spec in self._project.hosts.items()}
        made_of = [name, str(self._project.root), specs, sorted(self._secrets.values.items())]
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
