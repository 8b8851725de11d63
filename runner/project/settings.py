"""The fields of runner.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from runner.models import ModelSpec
from runner.policy import Rule
from runner.project.resources import Database
from runner.runs.sandboxes.places import SANDBOX
from runner.runs.sandboxes.spec import SandboxesSpec
from runner.spec import DurationRange, Items, Name, Positive, Selector, Spec
from runner.spec.money import Dollars
from runner.targets.hosts.spec import HostName, HostSpec
from runner.targets.sandbox.spec import SandboxSpec


class TimeoutClass(Spec):
    """How long one call may take: of a model, of a tool."""

    model: DurationRange
    """How long a model call may take; the upper end is the limit."""
    tool: DurationRange
    """How long a tool call may take; the upper end is the limit."""
    ssh: DurationRange = (10.0, 10.0)
    """How long a command on another host may take; the upper end is the limit."""


BUILT_IN_TIMEOUTS = {
    "quick": TimeoutClass(model=(60.0, 120.0), tool=(10.0, 10.0)),
    "standard": TimeoutClass(model=(60.0, 300.0), tool=(30.0, 30.0)),
    "deep": TimeoutClass(model=(120.0, 600.0), tool=(600.0, 600.0), ssh=(60.0, 60.0)),
}


class EngineLimits(Spec):
    """Limits of the whole daemon."""

    concurrent_runs: Positive = 32
    """How many runs work at once; more wait in the queue."""
    cost_usd_per_call: Dollars | None = None
    """US dollars that one model call may cost."""
    cost_usd_per_run: Dollars | None = None
    """US dollars that the model calls of one run may cost together."""
    cost_usd_per_user_per_day: Dollars | None = None
    """US dollars that the runs of one user may cost in a day; days begin at midnight of this machine."""
    cost_usd_per_day: Dollars | None = None
    """US dollars that all runs may cost in a day."""


ROUTER = "router"
"""Who asks the model of a close call: its name where calls of models are counted by agent, and in scripted replies."""


class RouterSpec(Spec):
    """Which agent answers a message that names none."""

    agents: Items[Selector] = Field(default=("*",), min_length=1)
    """The agents that it chooses among, as selectors: name, * for all, -name to take away."""
    threshold: float = Field(default=0.2, ge=0, le=1)
    """The least similarity to what an agent's file says of it: below it, the agent does not fit."""
    margin: float = Field(default=0.1, ge=0, le=1)
    """How near two scores are that are a close call: learned success, and the model, choose inside of it alone."""
    model: Name | None = None
    """The model that is asked about a close call; without it none is."""
    fallback: Name | None = None
    """The agent that answers when none fits; without it nobody does."""


class Server(Spec):
    """Where the daemon listens; a change needs a restart."""

    listen: str = Field(default="127.0.0.1:8700", pattern=r"^.+:\d{1,5}$")
    """The address, HOST:PORT; port 0 takes a free one."""


class Storage(Spec):
    """Where the journal lives; a change needs a restart."""

    path: str = ".runner"
    """The folder, from the project's root."""


def _folders(folders: tuple[str, ...]) -> tuple[str, ...]:
    if SANDBOX in folders:
        what = "`sandbox` is what a workflow says for a workspace of its run's own"
        what += "; write ./sandbox for a folder of that name"
        raise PydanticCustomError("reserved", what, {"at": [folders.index(SANDBOX)]})
    return folders


class Settings(Spec):
    """runner.yaml: every key is optional."""

    use: Items[str] = ()
    """What ships with runner and is used here: std/NAME of a pack, an agent or a workflow."""
    models: dict[Name, ModelSpec] = Field(default_factory=dict)
    """The models that agents name; `default` is the one they get when they name none."""
    timeouts: dict[Name, TimeoutClass] = Field(default_factory=dict)
    """Timeout classes besides quick, standard and deep; one of the same name replaces it whole."""
    limits: EngineLimits = EngineLimits()
    """Limits of the whole daemon."""
    workspaces: Annotated[Items[str], AfterValidator(_folders)] = (".",)
    """Folders that runs may work in; a run that names none gets the first."""
    execute: Literal["direct", "sandbox"] = "direct"
    """Where local commands run: directly on this machine, as the user of the daemon, or in the sandbox."""
    sandbox: SandboxSpec = SandboxSpec()
    """What a command in the sandbox may have."""
    sandboxes: SandboxesSpec = SandboxesSpec()
    """Workspaces of runs' own: how many there are at a time, how large they may be, and how long they are kept."""
    hosts: dict[HostName, HostSpec] = Field(default_factory=dict)
    """Other machines that commands run on, over SSH; one that ~/.ssh/config describes needs only its name here."""
    inventory: str | None = None
    """An inventory of Ansible, INI or YAML, whose hosts are added; from the project's root."""
    permissions: Items[Rule] = ()
    """Rules for tool calls; the first that matches decides."""
    resources: dict[Name, Database] = Field(default_factory=dict)
    """Databases that functions of python tools are given open: `Resource["NAME"]` of a parameter names one."""
    reload: Literal["auto", "poll", "off"] = "auto"
    """How changes are seen: by watching, by comparing every few seconds, or only when asked."""
    learn: bool = True
    """Whether measured speed chooses deadlines inside their ranges, and past success between agents that fit alike."""
    router: RouterSpec = RouterSpec()
    """Which agent answers a message that names none."""
    server: Server = Server()
    """Where the daemon listens."""
    storage: Storage = Storage()
    """Where the journal lives."""
