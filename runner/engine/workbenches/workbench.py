"""A workbench: a project opened. Its live parts come from the pool; it closes when superseded and held by no run."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import nullcontext
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from pydantic import BaseModel, ValidationError

from runner.engine.turns.telling import tool_defs
from runner.engine.workbenches.keeping import own_places
from runner.engine.workbenches.minds import served_by
from runner.engine.workbenches.pythons import Pythons
from runner.engine.workbenches.servers import Servers
from runner.engine.workbenches.targets import Targets
from runner.errors import ModelFailed, RunnerError, ToolFailed
from runner.models import ScriptedModel, address_of, needs_key, open_model
from runner.models.calling import Caller, Closed
from runner.project.files.literals import references_of
from runner.runs.events.turn import REPLAY

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from runner.engine.workbenches.minds import Minds
    from runner.engine.workbenches.pool import Pool
    from runner.models.cassettes import Tape
    from runner.models.port import Model, ToolDef
    from runner.project.project import Project
    from runner.runs.store import Store
    from runner.secrets import Secrets
    from runner.targets.port import Target
    from runner.tools.port import Tool, ToolServer, Workers

ModelT = TypeVar("ModelT", bound=BaseModel)


class Shared(NamedTuple):
    """What all workbenches of an engine share: live parts, what is known of models, the mark of its processes.

    `tape` stands around the models that they open.
    """

    pool: Pool
    minds: Minds
    mark: str
    tape: Tape | None = None


class Workbench:
    """What runs of one revision work with."""

    def __init__(self, project: Project, known: Secrets, store: Store, parts: Shared) -> None:
        self.project = project
        self.secrets = known
        self._lacking: dict[str, str] = {}
        self._store = store
        self._pool = parts.pool
        self._minds = parts.minds
        self._tape = parts.tape
        self._leases: list[tuple[str, str]] = []
        places = own_places(project, store)
        self._pythons = Pythons(project, store, parts.mark, places, self._lease)
        self._targets = Targets(project, known, store, parts.mark, lease=self._lease, places=places)
        self.servers = Servers(project, known, parts.mark, self._lease, self._targets.sandbox)
        self._models: dict[str, Model] = {}
        self._tools: dict[str, Tool] = {}
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._tool_defs: dict[str, tuple[ToolDef, ...]] = {}
        self._holders = 0
        self.is_current = False
        self.is_closed = False

    def open(self) -> None:
        """Open the models; whatever lacks its secret is marked unavailable."""
        for name in self.project.settings.models:
            try:
                self._models[name] = self._taped(name)
            except RunnerError as error:
                reason = ": ".join(filter(None, (error.message, error.hint)))
                self._lacking[f"model {name}"] = reason.removeprefix(f"model {name}: ")
        for name, entry in self.project.tools.items():
            if missing := self.secrets.missing(references_of(entry.spec)):
                self._lacking[f"tool {name}"] = f"{missing[0]} not set (looked in {self.secrets.looked(missing[0])})"

    @property
    def unavailable(self) -> dict[str, str]:
        """What cannot be used and why: `model NAME`, `tool NAME` or `server PACK` -> the reason."""
        found: dict[str, str] = self.redact(self._lacking | self.servers.unavailable())
        return found

    # ------------------------------------------------------------------------------------------- live parts

    @cached_property
    def caller(self) -> Caller:
        """Who calls the models."""
        settings = self.project.settings
        minds = self._minds.of(settings.models, self._models, learns=settings.learn, redact=self.redact)
        for mind in minds.values() if self._tape and self._tape.is_replay else ():
            mind.served = REPLAY + mind.served  # figures of the real model are not made of it
        closed = {
            name: Closed(name, address_of(spec), reason, spec.fallback)
            for name, spec in settings.models.items()
            if (reason := self._lacking.get(f"model {name}"))
        }
        return Caller(minds, closed, clock=self._minds.clock)

    def tool(self, name: str) -> Tool:
        """The tool of that name, its secrets filled in; raises `ToolFailed` when one is missing."""
        if reason := self._lacking.get(f"tool {name}"):
            raise ToolFailed(f"tool {name} is unavailable: {reason}", match="unavailable")
        if name not in self._tools:
            self._tools[name] = cast("Tool", self.project.tools[name].spec.filled(self.secrets.fill))
        return self._tools[name]

    def tool_defs(self, agent: str) -> tuple[ToolDef, ...]:
        """The tools of an agent as its model sees them, always in the same order."""
        if agent not in self._tool_defs:
            self._tool_defs[agent] = tool_defs(self.project, self.project.agents[agent])
        return self._tool_defs[agent]

    def slot(self, tool: str) -> AbstractAsyncContextManager[Any]:
        """A place among the calls that a tool may have at once."""
        most = self.project.tools[tool].spec.concurrency
        if most is None:
            return nullcontext()
        return self._slots.setdefault(tool, asyncio.Semaphore(most))

    def target(self, name: str) -> Target:
        """The open target of that name; raises `ToolFailed` when there is none."""
        return self._targets.of(name)

    def server(self, pack: str) -> ToolServer:
        """The server that has a pack's tools; started by the first call."""
        return self.servers.server(pack)

    def workers(self, tool: str) -> Workers:
        """The python workers of the folder that holds a tool's pack; started by the first call."""
        return self._pythons.workers(tool)

    # --------------------------------------------------------------------------------------------- secrets

    def redact(self, data: Any) -> Any:
        """Plain data without the value of any secret."""
        return self.secrets.redact(data)

    def redacted(self, model: ModelT) -> ModelT:
        """A record or an event without the value of any secret."""
        if not self.secrets.values:
            return model
        data = model.model_dump()
        hidden = self.secrets.redact(data)
        if hidden == data:
            return model
        try:
            return type(model).model_validate(hidden)
        except ValidationError:  # a figure of ours happens to be a secret of digits
            return type(model).model_validate(self.secrets.redact(data, numbers=False))

    # ---------------------------------------------------------------------------------------------- leases

    def hold(self) -> None:
        """One more run works here."""
        self._holders += 1

    def take_over(self, former: Workbench) -> None:
        """Lease what the former workbench has open and this one would open alike: it goes on as it is."""
        self._pythons.take_over(former._pythons)
        self.servers.take_over(former.servers)

    async def let_go(self) -> None:
        """A run works here no more."""
        self._holders -= 1
        await self.close_if_unused()

    async def close_if_unused(self) -> None:
        """Give all parts back, unless it is the current one or a run holds it."""
        if not self.is_current and self._holders == 0:
            self.is_closed = True
            leases, self._leases = self._leases, []
            self._models = {}
            self._pythons.forget()
            self.servers.forget()
            for kind, digest in leases:
                await self._pool.release(kind, digest)

    def _lease(self, kind: str, digest: str, opener: Any) -> Any:
        part = self._pool.lease(kind, digest, opener)
        self._leases.append((kind, digest))
        return part

    def _taped(self, name: str) -> Model:
        if self._tape is None:
            return self._open_model(name)
        return self._tape.around(name, served_by(self.project.settings.models[name]), lambda: self._open_model(name))

    def _open_model(self, name: str) -> Model:
        spec = self.project.settings.models[name]
        variable = needs_key(spec)
        if variable and self.secrets.missing([variable]):
            what = f"{variable} not set (looked in {self.secrets.looked(variable)})"
            raise ModelFailed(what, match="unavailable", hint=self.secrets.mended(variable))
        key = self.secrets.values.get(variable) if variable else None
        found = self.secrets.found.get(variable, "") if variable else ""
        replies = self.project.files.get(spec.replies) if isinstance(spec, ScriptedModel) else None
        made_of = json.dumps([name, spec.model_dump(), key]).encode() + (replies or b"")
        digest = hashlib.sha256(made_of).hexdigest()
        hold = partial(self._minds.hold, spec)
        opener = partial(open_model, name, spec, key=key, replies=replies, found=found, hold=hold)
        model: Model = self._lease("model", digest, opener)
        return model
