"""Which of two values can do more: one judge for each sort of value that fields have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from runner.project.compare.plain import plain, written
from runner.spec import format_duration

if TYPE_CHECKING:
    from runner.project.compare.changes import Effect
    from runner.project.project import Project
    from runner.spec import Spec

Judged = list[tuple["Effect", Any, Any]]
"""Effect, old and new value as they are shown."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


@dataclass(frozen=True, slots=True)
class Sides:
    """The two projects that are compared."""

    old: Project
    new: Project


Judge = Callable[[Any, Any, Sides], Judged]


def changed(old: Any, new: Any, _sides: Sides) -> Judged:
    """Neither can do more than the other."""
    return [("changed", written(old), written(new))]


def found_by(old: Sequence[str] | Spec, new: Sequence[str] | Spec, _sides: Sides) -> Judged:
    """Whether a model is told of its tools, or searches them; which those are is told of each."""
    before, after = ("listed" if isinstance(one, tuple) else "by search" for one in (old, new))
    return [] if before == after else [("changed", before, after)]


def more(old: float | None, new: float | None, _sides: Sides) -> Judged:
    """The larger limit can do more, and most of all none."""
    return [(wider_limit(old, new), old, new)]


def longer(old: float | None, new: float | None, _sides: Sides) -> Judged:
    """The longer time can do more, and most of all without an end."""
    return [(wider_limit(old, new), _seconds(old), _seconds(new))]


def at_most(old: tuple[float, float], new: tuple[float, float], _sides: Sides) -> Judged:
    """A range of durations: its upper end is the limit, its lower end only where the upper ones are the same."""
    return [(_wider(old[::-1], new[::-1]), _range(old), _range(new))]


def timeout(*parts: str) -> Judge:
    """A time-out class or a duration, by what it gives a call: that of a `model`, of a `tool`, or of both."""

    def judge(old: str | None, new: str | None, sides: Sides) -> Judged:
        if old is None or new is None:
            return [("changed", old, new)]
        effects = {_wider(_end(sides.old, old, part), _end(sides.new, new, part)) for part in parts}
        return [(effects.pop() if len(effects) == 1 else "changed", old, new)]

    return judge


def names(old: Collection[str] | None, new: Collection[str] | None, _sides: Sides) -> Judged:
    """What is on the list is allowed; None allows all."""
    if old is None or new is None:
        return [("lost" if old is None else "gained", plain(old), plain(new))]
    gained, lost = [name for name in new if name not in old], [name for name in old if name not in new]
    if not gained and not lost:
        return [("changed", plain(old), plain(new))]  # the order says which is the first
    return [
        *([("gained", None, gained)] if gained else []),  # type: ignore[list-item]  # words of Effect
        *([("lost", lost, None)] if lost else []),  # type: ignore[list-item]  # likewise
    ]


def deciders(old: tuple[str, ...], new: tuple[str, ...], sides: Sides) -> Judged:
    """Who may decide; an empty list is everyone."""
    return names(old or None, new or None, sides)


def order(*levels: str) -> Judge:
    """A word on a scale, the weakest first."""

    def judge(old: str, new: str, sides: Sides) -> Judged:
        if old not in levels or new not in levels:
            return changed(old, new, sides)
        return [(_wider(levels.index(old), levels.index(new)), old, new)]

    return judge


def truth(old: bool, new: bool, _sides: Sides) -> Judged:  # noqa: FBT001 - a field's two values
    """True can do more."""
    return [(_wider(old, new), old, new)]


def listening(old: str, new: str, sides: Sides) -> Judged:
    """An address that others reach can do more than one of this machine alone."""
    open_to_others = [address.rpartition(":")[0] not in LOOPBACK for address in (old, new)]
    if open_to_others[0] == open_to_others[1]:
        return changed(old, new, sides)
    return [(_wider(*open_to_others), old, new)]


def retry(old: Any, new: Any, _sides: Sides) -> Judged:
    """None never tries again."""
    return [(presence(old, new), written(old), written(new))]


def presence(old: object, new: object) -> Effect:
    """For what is None where it is not there."""
    return "gained" if old is None else "lost" if new is None else "changed"


def wider_limit(old: float | None, new: float | None) -> Effect:
    """For limits, of which None is the widest."""
    return _wider(inf if old is None else old, inf if new is None else new)


def _wider(old: Any, new: Any) -> Effect:
    return "changed" if old == new else "gained" if new > old else "lost"


def _seconds(value: float | None) -> str | None:
    return None if value is None else format_duration(value)


def _range(ends: tuple[float, float]) -> str:
    low, high = map(format_duration, ends)
    return high if low == high else f"{low}..{high}"


def _end(project: Project, name: str, part: str) -> float:
    ends: tuple[float, float] = getattr(project.timeout(name), part)
    return ends[1]
