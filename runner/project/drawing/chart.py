"""A workflow as boxes and lines with their words, before anybody draws it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from runner.project.about.steps import act, edges, one_line
from runner.project.phases import ForeachPhase, ParallelPhase, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.phases import Body, PhaseSpec
    from runner.project.project import WorkflowEntry

Via = Literal["next", "errors", "exhausted"]


@dataclass(frozen=True, slots=True)
class Box:
    """A phase, a branch, or `finally`."""

    name: str
    kind: str
    """agent, tool, workflow, approval, wait or parallel; of a foreach that of its body."""
    words: tuple[str, ...]
    """What it does and when, a sentence each."""
    each: tuple[str, ...] = ()
    """What a foreach goes over, and how many at once; nothing for all else."""
    branches: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A way from a phase to a phase or an end."""

    source: str
    target: str
    via: Via
    words: tuple[str, ...] = ()
    """Its conditions and bounds; none for a way that is always taken."""


@dataclass(frozen=True, slots=True)
class Chart:
    """All of a workflow that is drawn; the first box is entered first."""

    name: str
    description: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    last: Box | None = None
    """`finally`."""

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, for those who draw it themselves."""
        lines = [{"from": one.source, "to": one.target, "via": one.via, "words": one.words} for one in self.lines]
        return {
            "name": self.name,
            "description": self.description,
            "phases": [asdict(box) for box in self.boxes],
            "edges": lines,
            "finally": None if self.last is None else asdict(self.last),
        }


def chart_of(entry: WorkflowEntry) -> Chart:
    """The boxes and lines of a workflow; ways of one sort between the same two places are one line."""
    spec = entry.spec
    boxes = tuple(_box(name, phase) for name, phase in spec.phases.items())
    last = None if spec.finally_ is None else _box("finally", spec.finally_)
    return Chart(entry.name, spec.description, boxes, tuple(_lines(spec.phases)), last)


def _box(name: str, spec: Body | PhaseSpec) -> Box:
    if isinstance(spec, ForeachPhase):
        each = spec.foreach
        abreast = (f"{each.concurrency} at once",) if each.concurrency > 1 else ()
        over = f"↻ each {each.as_} in {one_line(each.in_)}"
        return Box(name, kind_of(spec.body), _words(spec.body), (over, *abreast))
    branches = spec.parallel.items() if isinstance(spec, ParallelPhase) else ()
    return Box(name, kind_of(spec), _words(spec), branches=tuple(_box(branch, body) for branch, body in branches))


def _words(spec: Body) -> tuple[str, ...]:
    what = f"{spec.join} of these" if isinstance(spec, ParallelPhase) else act(spec)
    return (what,) if spec.when is None else (what, f"when {one_line(spec.when)}")


def _lines(phases: Mapping[str, PhaseSpec]) -> Iterator[Line]:
    ways = edges(phases)
    choices = Counter(way["from"] for way in ways if way["via"] == "next")
    words: defaultdict[tuple[str, str, Via], list[str]] = defaultdict(list)
    for way in ways:
        condition = _condition(way, is_choice=choices[way["from"]] > 1)
        most = f"max {way['max']}" if "max" in way else ""
        words[way["from"], way["to"], way["via"]] += filter(None, (condition, most))
        if most:
            words[way["from"], way["exhausted"], "exhausted"].append(f"after {way['max']} time{'s' * (way['max'] > 1)}")
    for (source, to, via), said in words.items():
        yield Line(source, to, via, tuple(said))


def _condition(way: Mapping[str, Any], *, is_choice: bool) -> str:
    if way["via"] == "errors":
        return "on any failure" if way["match"] == "any" else f"on {way['match']}"
    return one_line(way["when"]) if "when" in way else "else" if is_choice else ""
