"""Whoever keeps account of the attempts of a call, where the engine is not there to do so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.errors import BudgetSpent
from runner.models.calling import Closed

if TYPE_CHECKING:
    from runner.errors import ModelFailed
    from runner.models.calling import Attempt, Mind
    from runner.models.port import OnDelta, Usage


@dataclass
class Account:
    """Keeps account as the engine does."""

    left: float | None = None
    lines: list[str] = field(default_factory=list)
    taken: list[Usage] = field(default_factory=list)
    heard: list[tuple[int, str]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)

    def seconds_left(self) -> float | None:
        """What limits leave."""
        if self.left is not None and self.left <= 0:
            raise BudgetSpent("the time is up", owner="", limit="time")
        return self.left

    def held(self, mind: Mind | Closed, seconds: float | None, why: str, then: str) -> None:
        """Its not being asked for now."""
        assert (seconds == 0) is isinstance(mind, Closed)
        self.waits.append(f"{mind.name}, then {then}: {why}")

    def begins(self, attempt: Attempt) -> None:
        """An attempt."""
        self.lines.append(f"{attempt.number} {attempt.mind.name}")

    def failed(
        self, attempt: Attempt, fault: ModelFailed, seconds: float, *, usage: Usage, wait: float, then: str
    ) -> None:
        """Its failure."""
        self.taken.append(usage)
        self.troubles.append(fault.trouble)
        assert seconds >= 0
        self.lines.append(f"{attempt.number} {fault.trouble} then {then or 'nobody'}")
        assert wait == 0 or then == attempt.mind.name

    def dropped(self, attempt: Attempt, seconds: float, usage: Usage) -> None:
        """Its being given up."""
        assert seconds >= 0
        self.lines.append(f"{attempt.number} dropped")
        self.taken.append(usage)

    def listen(self, attempt: Attempt) -> OnDelta:
        """Its words."""
        return lambda _kind, text: self.heard.append((attempt.number, text))
