"""How one load of the project's files went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.project.problems import Problem


@dataclass(frozen=True, slots=True)
class ReloadResult:
    """How one load went; `revision` is the one in use after it, `why` one line of what the problems do not say."""

    ok: bool
    changed: bool
    revision: str
    at: float
    trigger: str
    commit: str = ""
    dirty: bool = False
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    why: str = ""
    needs_restart: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What was odd about the moment: a lock of git that was left behind, a file that somebody keeps open."""
    since: float = 0.0
    """When the first of the loads was that went as this one did, good or refused, without another between them."""
    is_passing: bool = False
    """The fault is none of the files' and may be gone a moment later."""


def news(result: ReloadResult) -> object:
    """What is told again when it is another than before."""
    return result.ok, result.problems, "" if result.ok else result.why, result.notes
