"""Events of a run as a whole."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from runner.runs.events.base import Event
from runner.runs.events.turn import Shown, Usage
from runner.runs.paths import title


class RunQueued(Event):
    """Accepted: from here on the run is never lost."""

    type: Literal["run.queued"] = "run.queued"
    kind: Literal["workflow", "agent", "tool", "chat"]
    name: str
    """For one call of a tool: `tool:` and its name; `chat:` for a message whose agent is to be chosen."""
    inputs: dict[str, Any]
    revision: str
    commit: str = ""
    dirty: bool = False
    workspace: str = ""
    sandbox: str = ""
    """The run whose sandbox it works in: itself, or the one that it repeats; empty where it begins elsewhere."""
    by: str = ""
    rerun_of: str = ""
    """The run whose inputs it was begun with again."""
    trigger: str = ""
    """The trigger that began it, such as `watch every 5m`."""
    tick: float = 0.0
    """The moment of the trigger's cadence that it was begun for."""
    dry: bool = False
    """Whether it only reads: what would change something is judged, told and not done."""
    previous: str = ""
    """The run whose conversation it goes on with."""
    said: tuple[Shown, ...] = ()
    """What was said in that conversation, the messages and the answers of its runs; the oldest may be left out."""
    answered: str = ""
    """The agent that answered last in it."""
    tainted: str = ""
    """The run of that conversation that brought in what strangers may have written, and the call that did."""

    @property
    def title(self) -> str:
        """What it is of, in words."""
        return title(self.kind, self.name)


class RunClaimed(Event):
    """An owner has taken the run; the former owner's next append collides."""

    type: Literal["run.claimed"] = "run.claimed"
    owner: str
    why: Literal["start", "resume", "wake"]


class RunStarted(Event):
    """The first phase is about to be entered."""

    type: Literal["run.started"] = "run.started"


Housed = Literal["made", "found", "unpacked"]
"""How a run came by its workspace: `found` is as an earlier run left it."""


class SandboxTaken(Event):
    """The run has a workspace of its own: made, found as an earlier run left it, or unpacked."""

    type: Literal["sandbox.taken"] = "sandbox.taken"
    sandbox: str
    workspace: str
    how: Housed


class Waiting(BaseModel):
    """One thing that a waiting run waits for; `until` is seconds since the epoch, when it looks again."""

    kind: Literal["approval", "timer", "sandbox"]
    path: str
    until: float | None = None
    why: str = ""
    """Who has it, in words."""


class RunWaiting(Event):
    """Nothing can go on before a person or a timer: the run is only rows now."""

    type: Literal["run.waiting"] = "run.waiting"
    on: list[Waiting]

    @property
    def is_for_person(self) -> bool:
        """Whether an answer of somebody is among what it waits for."""
        return any(one.kind == "approval" for one in self.on)


class RunCancelRequested(Event):
    """Somebody asked for the run to stop."""

    type: Literal["run.cancel_requested"] = "run.cancel_requested"
    by: str = ""
    note: str = ""


Verdict = Literal["pass", "fail", "error", "cancelled"]


class RunEnded(Event):
    """The verdict and its evidence: the edge that led to the end, or the fault."""

    type: Literal["run.ended"] = "run.ended"
    verdict: Verdict
    why: str
    evidence: dict[str, Any] = Field(default_factory=dict)
    red: list[str] = Field(default_factory=list)
    """Paths of checks whose last record was not ok although the verdict is pass."""
    output: Any = None
    work: float = 0.0
    waited: float = 0.0
    usage: Usage = Usage()
    cost_micros: int = 0
    """Millionths of a US dollar, of the calls whose cost is known."""
    unpriced: int = 0
    """Model calls whose cost nobody knows."""
    limit: Literal["", "time", "deadline"] = ""
    """Which clock ended the run, when one did."""
