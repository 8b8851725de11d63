"""What differs between two versions of one thing of the files, field by field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.project.compare.changes import Change
from runner.project.compare.plain import plain, without_words, written
from runner.project.compare.table import placed
from runner.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.compare.changes import Effect
    from runner.project.compare.judges import Judge, Sides
    from runner.project.compare.table import Placed


@dataclass(slots=True)
class Found:
    """The changes of fields by the section that shows them."""

    sides: Sides
    capabilities: list[Change] = field(default_factory=list)
    graphs: dict[str, list[Change]] = field(default_factory=dict)
    """By workflow."""
    others: list[Change] = field(default_factory=list)

    def power(self, effect: Effect, where: str, key: str = "", old: Any = None, new: Any = None) -> None:
        """Note a change of power."""
        self.capabilities.append(Change(effect, where, key, old, new))

    def judged(self, where: str, key: str, judge: Judge, old: Any, new: Any) -> None:
        """Note a change of power as its judge sees it, unless there is none."""
        if plain(old) != plain(new):
            for effect, before, after in judge(old, new, self.sides):
                self.power(effect, where, key, before, after)

    def interface(self, where: str, key: str, old: Any, new: Any) -> None:
        """Note what lets other values through; other words about it give no power."""
        before, after = plain(old), plain(new)
        if without_words(before) != without_words(after):
            self.power("changed", where, key, before, after)
        elif before != after:
            self.others.append(Change("changed", where, key, before, after))


def compare_fields(found: Found, where: str, old: Spec, new: Spec, *, workflow: str = "", prefix: str = "") -> None:
    """Note every field that differs; things of two classes differ as a whole."""
    if type(old) is not type(new):
        found.power("changed", where, prefix.rstrip("."), written(old), written(new))
        return
    for name, one in type(old).model_fields.items():
        key, place = f"{prefix}{one.alias or name}", placed(type(old), name)
        before, after = getattr(old, name), getattr(new, name)
        if place.section == "inside":
            compare_fields(found, where, before, after, workflow=workflow, prefix=f"{key}.")
        elif plain(before) != plain(after):
            _note(found, place, Change("changed", where, key, before, after), workflow)


def compare_named(found: Found, sort: str, old: Mapping[str, Spec], new: Mapping[str, Spec]) -> list[str]:
    """Note things that came or went, each as a whole, and the fields of those that stayed; returns their names."""
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            found.power("lost", f"{sort} {name}", old=written(old[name]))
        elif name not in old:
            found.power("gained", f"{sort} {name}", new=written(new[name]))
        else:
            compare_fields(found, f"{sort} {name}", old[name], new[name])
    return [name for name in old if name in new]


def _note(found: Found, place: Placed, change: Change, workflow: str) -> None:
    match place.section:
        case "capability":
            found.judged(change.where, change.key, place.judge, change.old, change.new)
        case "interface":
            found.interface(change.where, change.key, change.old, change.new)
        case "graph":
            found.graphs.setdefault(workflow, []).append(_written(change))
        case "other":
            found.others.append(_written(change))


def _written(change: Change) -> Change:
    return Change(change.effect, change.where, change.key, written(change.old), written(change.new))
