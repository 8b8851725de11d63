"""Which way out of a phase: the first entry that is true, its bound counted over the whole run (rules R2, R3, R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.steps.step import rendering
from runner.errors import StepFailed
from runner.project.flow import Edge, ErrorEdge
from runner.prompts import expression
from runner.runs.events import EdgeTaken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.steps.step import Step
    from runner.runs.record import Record

    Taken = Mapping[tuple[str, str, int], int]


def choose(step: Step, record: Record, taken: Taken) -> EdgeTaken | None:
    """The edge to take after a record; None when it failed and no `errors` entry takes it."""
    if record.status == "failed":
        return _after_failure(step, record, taken)
    spec = step.walk.entry.spec.phases[step.phase]
    ways = spec.next
    if ways is None:
        return EdgeTaken(path=step.path, via="next", index=0, to=_following(step))
    if isinstance(ways, str):
        return EdgeTaken(path=step.path, via="next", index=0, to=ways)
    return _first_true(step, ways, taken)


def _first_true(step: Step, ways: tuple[Edge, ...], taken: Taken) -> EdgeTaken:
    refused: list[str] = []
    for index, edge in enumerate(ways):
        if edge.when is None:
            reason = " and ".join(f"not ({when})" for when in refused)
            return _because(step, _counted(step, "next", index, edge, taken), reason, refused)
        if _is_true(step, index, edge.when):
            return _because(step, _counted(step, "next", index, edge, taken), edge.when, [edge.when])
        refused.append(edge.when)
    raise AssertionError("checked at load: the last entry has no `when`")  # pragma: no cover


def _is_true(step: Step, index: int, when: str) -> bool:
    """Whether an edge's condition holds; one that cannot be worked out is told with its place."""
    values = step.values()
    try:
        return bool(rendering(lambda: expression(when).evaluate(values)))
    except StepFailed as failure:
        failure.message = f"`{when}`: {failure.message}"
        failure.hint = f"see {step.walk.entry.file}, phases.{step.phase}.next[{index}].when"
        raise


def _because(step: Step, event: EdgeTaken, reason: str, read: list[str]) -> EdgeTaken:
    """The edge with its expression, and the values that the expressions behind it read."""
    values = step.values()
    explained = {name: value for when in read for name, value in expression(when).explain(values).items()}
    return event.model_copy(update={"expression": reason, "values": explained})


def _after_failure(step: Step, record: Record, taken: Taken) -> EdgeTaken | None:
    spec = step.walk.entry.spec.phases[step.phase]
    match = record.error.match if record.error else "tool"
    for index, edge in enumerate(spec.errors):
        if edge.match in ("any", match):
            event = _counted(step, "errors", index, edge, taken)
            return event.model_copy(update={"expression": f"match {edge.match}", "values": {"error": match}})
    return None


def _counted(step: Step, via: str, index: int, edge: Edge | ErrorEdge, taken: Taken) -> EdgeTaken:
    count = taken.get((step.phase, via, index), 0)
    exhausted = edge.max is not None and count >= edge.max
    to = edge.exhausted if exhausted else edge.to
    count = count if exhausted else count + 1
    return EdgeTaken.model_validate(
        {
            "path": step.path,
            "via": via,
            "index": index,
            "to": to,
            "count": count,
            "max": edge.max,
            "exhausted": exhausted,
        }
    )


def _following(step: Step) -> str:
    names = list(step.walk.entry.spec.phases)
    place = names.index(step.phase) + 1
    return names[place] if place < len(names) else "pass"
