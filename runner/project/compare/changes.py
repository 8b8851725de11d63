"""What a comparison says: changes of power first, then what agents are told, then the ways of workflows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Effect = Literal["gained", "lost", "changed"]
"""`changed` is a gain and a loss at once: nothing says which of the two values can do more."""
Status = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs; None on one side means that it is not there."""

    effect: Effect
    where: str
    """What it is about: `agent devops`, `tool run_command`, `workflow build, phase verify`, `runner.yaml`."""
    key: str
    """What of it, as the files call it: `limits.turns`; empty for the thing as a whole."""
    old: Any
    new: Any

    @property
    def widens(self) -> bool:
        """Whether more may be possible now."""
        return self.effect != "lost"


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text that models are given; empty on the side where there is none."""

    kind: Literal["system", "message", "template"]
    """A system prompt as it is rendered, a phase's message, or the template that one of them is made from."""
    users: tuple[str, ...]
    """Who is given this text."""
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class GraphChange:
    """What differs in the ways through a workflow, and its worst case on both sides."""

    workflow: str
    status: Status
    changes: tuple[Change, ...]
    worst_case: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the revision that is not the same on both sides; shipped ones begin with `std/`."""

    name: str
    status: Status


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two projects."""

    capabilities: tuple[Change, ...]
    prompts: tuple[TextChange, ...]
    graphs: tuple[GraphChange, ...]
    others: tuple[Change, ...]
    """What gives no power: descriptions, tags, how outputs are read."""
    files: tuple[FileChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.capabilities or self.prompts or self.graphs or self.others or self.files)

    @property
    def widens(self) -> bool:
        """Whether a capability or a way through a workflow was gained, or changed so that it may have been."""
        ways = (change for graph in self.graphs for change in graph.changes)
        return any(change.widens for change in (*self.capabilities, *ways))

    def to_dict(self) -> dict[str, Any]:
        """What `diff --json` prints of it."""
        data = asdict(self)
        return {**data, "capabilities": _by_effect(self.capabilities), "same": self.is_empty, "widens": self.widens}


def _by_effect(changes: tuple[Change, ...]) -> dict[str, list[dict[str, Any]]]:
    effects: tuple[Effect, ...] = ("gained", "lost", "changed")
    return {effect: [asdict(change) for change in changes if change.effect == effect] for effect in effects}
