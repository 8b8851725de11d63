"""The graph of a workflow's phases: which ways lead where, what can come before what, which phases form a loop."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from runner.project.flow import ENDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.findings import Loc
    from runner.project.flow import Edge, ErrorEdge
    from runner.project.workflows import WorkflowSpec


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a phase to another, or from a workflow to one that it calls."""

    source: str
    target: str
    loc: Loc
    kind: Literal["next", "errors", "exhausted", "call"] = "next"
    bound: int | None = None
    """Times it may be taken; None: no bound."""
    after_failure: bool = False
    """Whether the phase it leaves has failed."""


class PhaseGraph:
    """The ways between the phases of one workflow; those that end the run or lead nowhere are left out."""

    def __init__(self, workflow: WorkflowSpec) -> None:
        self.names = tuple(workflow.phases)
        found = list(written_ways(workflow))
        self.unknown = tuple(way for way in found if way.target not in workflow.phases and way.target not in ENDS)
        self.ways = tuple(way for way in found if way.target in workflow.phases)

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The phases that a run can enter."""
        return self.reach(self.names[:1])

    @cached_property
    def free(self) -> tuple[Way, ...]:
        """The ways without a bound."""
        return tuple(way for way in self.ways if way.bound is None)

    @cached_property
    def after(self) -> dict[str, frozenset[str]]:
        """For each phase, what can come after it; itself only when it is in a loop."""
        return {name: self.reach(self._targets(name)) for name in self.names}

    def before(self, name: str) -> frozenset[str]:
        """What can have been entered and left before a phase is entered."""
        return frozenset(other for other in self.reachable if name in self.after[other])

    def surely_done_before(self, name: str, other: str) -> bool:
        """Whether `other` was entered, and left by its `next`, on every path that leads to `name`."""
        around = [way for way in self.ways if way.source != other or way.after_failure]
        return name not in self.reach(self.names[:1], around)

    def loop(self, name: str) -> frozenset[str]:
        """The phases of the loop that a phase is in; empty when it is in none."""
        after = self.after[name]
        return frozenset(other for other in after if name in self.after[other]) if name in after else frozenset()

    def reach(self, starts: Iterable[str], ways: Iterable[Way] | None = None) -> frozenset[str]:
        """`starts` and all that the ways (by default all) lead to from there."""
        targets = self._by_source if ways is None else _by_source(ways)
        found: set[str] = set()
        waiting = list(starts)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(way.target for way in targets.get(name, ()))
        return frozenset(found)

    @cached_property
    def _by_source(self) -> dict[str, list[Way]]:
        return _by_source(self.ways)

    def _targets(self, name: str) -> list[str]:
        return [way.target for way in self._by_source.get(name, ())]


def written_ways(workflow: WorkflowSpec) -> Iterator[Way]:
    """Every way as the file has it, also to the ends and to names that are no phase."""
    names = [*workflow.phases, "pass"]
    for following, (name, phase) in enumerate(workflow.phases.items(), start=1):
        loc = ("phases", name, "next")
        if phase.next is None:
            yield Way(name, names[following], ("phases", name))
        elif isinstance(phase.next, str):
            yield Way(name, phase.next, loc)
        else:
            for index, edge in enumerate(phase.next):
                yield from _edge_ways(name, edge, (*loc, index), after_failure=False)
        for index, error_edge in enumerate(phase.errors):
            yield from _edge_ways(name, error_edge, ("phases", name, "errors", index), after_failure=True)


def closing_ways(names: Iterable[str], ways: Iterable[Way]) -> Iterator[tuple[Way, list[str]]]:
    """Each way that closes a cycle, with the names of the cycle from the way's target to its source."""
    by_source = _by_source(ways)
    done: set[str] = set()
    for root in names:
        if root in done:
            continue
        trail = [root]
        open_ways = [iter(by_source.get(root, ()))]
        while open_ways:
            way = next(open_ways[-1], None)
            if way is None:
                open_ways.pop()
                done.add(trail.pop())
            elif way.target in trail:
                yield way, trail[trail.index(way.target) :]
            elif way.target not in done:
                trail.append(way.target)
                open_ways.append(iter(by_source.get(way.target, ())))


def _edge_ways(source: str, edge: Edge | ErrorEdge, loc: Loc, *, after_failure: bool) -> Iterator[Way]:
    kind: Literal["next", "errors"] = "errors" if after_failure else "next"
    yield Way(source, edge.to, (*loc, "to"), kind, edge.max, after_failure)
    if edge.max is not None or "exhausted" in edge.model_fields_set:
        yield Way(source, edge.exhausted, (*loc, "exhausted"), "exhausted", None, after_failure)


def _by_source(ways: Iterable[Way]) -> dict[str, list[Way]]:
    found: defaultdict[str, list[Way]] = defaultdict(list)
    for way in ways:
        found[way.source].append(way)
    return found
