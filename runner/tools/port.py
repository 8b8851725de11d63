"""What a kind of tool is given for a call, what it needs of the rest of the house, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.runs.record import Record
    from runner.targets.port import Target


@dataclass(frozen=True, slots=True)
class Ready:
    """A free command line as it was judged: the words that run, and their environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool: checked arguments, and where, how long and as which step it runs."""

    tool: str
    arguments: Mapping[str, Any]
    workspace: Path
    target: str
    seconds: float
    run: str
    path: str
    ready: Ready | None = None
    """Of a free command line: what was judged runs, and nothing else."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool did: `no` is a done call whose answer is no. What could not be done is raised as ToolFailed."""

    output: Any
    status: Literal["ok", "no"] = "ok"
    untrusted: bool = False
    """Whether strangers may have written parts of it: what follows in the run is judged more strictly."""


class Workers(Protocol):
    """Python workers of one revision: processes started from its own copy of the files."""

    async def call(self, function: str, arguments: Mapping[str, Any], call: Call, *, writes: bool = False) -> Any:
        """What `module:function` returns; raises ToolFailed; the worker is killed past `call.seconds`.

        With `writes` the resources that it is given can be changed.
        """


class ToolServer(Protocol):
    """A server that has tools: one that speaks the Model Context Protocol."""

    async def call(self, tool: str, arguments: Mapping[str, Any], seconds: float) -> Outcome:
        """What its tool answers; raises ToolFailed."""


class Hands(Protocol):
    """What a kind of tool needs of the house; the engine fills it."""

    def target(self, name: str) -> Target:
        """The open target of that name."""

    @property
    def workers(self) -> Workers:
        """The python workers of this revision."""

    def server(self, pack: str) -> ToolServer:
        """The server that a pack names; started by the first call."""

    async def start_child(self, workflow: str, inputs: Mapping[str, Any], call: Call) -> Record:
        """Run a workflow as part of the caller's run, under the call's path; its record."""


class Tool(Protocol):
    """A tool that is open: its kind's fields and its behaviour."""

    def argv(self, call: Call) -> list[str] | None:
        """The words of the command, when the tool is one: what a person is shown before it runs."""

    def shown(self, call: Call) -> str:
        """What another machine would be sent, without the value of any secret; empty when the tool asks none."""

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Do it."""
