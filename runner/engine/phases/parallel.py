"""Phase kind `parallel`: branches side by side, joined inside the phase (rule R5)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from runner.engine import phases
from runner.engine.steps.parts import together
from runner.engine.steps.step import perform
from runner.project.phases import kind_of
from runner.runs.events import BranchLeft, BranchStarted
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.phases import ParallelPhase


async def run(step: Step) -> Record:
    """Run the branches until the join is decided; the rest is cancelled and gone before the phase is left.

    What is cancelled leaves its record with the phase, innermost first.
    """
    spec = cast("ParallelPhase", step.spec)
    names = list(spec.parallel)
    needed = len(names) if spec.join == "all" else 1 if spec.join == "any" else spec.join
    results = await together(
        step.ctx,
        [partial(branch, step.part(name, spec.parallel[name])) for name in names],
        enough=lambda done: spec.join != "all" and _decided(done, needed, len(names)),
    )
    records = [results.get(index, Record.of("cancelled")) for index in range(len(names))]
    return _joined(records, dict(zip(names, records, strict=True)), None if spec.join == "all" else needed)


async def branch(part: Step) -> Record:
    """One branch, begun now, gone on with, or read from the journal."""
    ctx = part.ctx
    if part.path in ctx.state.left:
        return ctx.state.left[part.path]
    if part.path not in ctx.state.marks:
        ctx.append(BranchStarted(path=part.path))
    record = await perform_part(part)
    ctx.append(BranchLeft(path=part.path, record=record))
    return record


async def perform_part(part: Step) -> Record:
    """A branch or an item: skipped when its `when` is false."""

    async def action(step: Step) -> Record:
        when = getattr(step.spec, "when", None)
        if when is not None and not step.evaluate(when):
            return Record.of("skipped")
        return await phases.ACTIONS[kind_of(step.spec)](step)

    return await perform(part, action)


def _decided(done: dict[int, Record], needed: int, count: int) -> bool:
    good = sum(record.status == "ok" for record in done.values())
    return good >= needed or good + count - len(done) < needed


def _joined(records: list[Record], named: dict[str, Record], needed: int | None) -> Record:
    output: dict[str, Any] = {name: record.output for name, record in named.items()}
    failed = next((record for record in records if record.status == "failed"), None)
    good = sum(record.status == "ok" for record in records)
    if needed is None:
        if failed is None:
            return Record.of("ok" if all(record.ok for record in records) else "no", output)
    elif good >= needed or failed is None:
        return Record.of("ok" if good >= needed else "no", output)
    name = next(name for name, record in named.items() if record is failed)
    return Record.of("failed", output, _fault(name, failed))


def _fault(name: str, record: Record) -> Fault:
    fault = record.error or Fault(match="tool", message="it failed")
    return fault.model_copy(update={"message": f"{name}: {fault.message}"})
