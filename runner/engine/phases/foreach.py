"""Phase kind `foreach`: the same body for each item of a list (rule R5)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from runner.engine.phases.parallel import perform_part
from runner.engine.steps.parts import together
from runner.errors import OutputInvalid, StepFailed
from runner.runs.events import ItemLeft, ItemStarted
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.phases import ForeachPhase


def items(step: Step) -> list[Any] | None:
    """The list the phase goes over, worked out once as it is entered; None when that fails."""
    try:
        return _evaluate(step)
    except StepFailed:
        return None


async def run(step: Step) -> Record:
    """Do the body for each item; up to `max_failures` items may be no or failed."""
    each = cast("ForeachPhase", step.spec).foreach
    listed = step.ctx.state.items.get(step.path)
    if listed is None:
        listed = _evaluate(step)
    results = await together(
        step.ctx,
        [partial(_item, step, index, item) for index, item in enumerate(listed)],
        concurrency=each.concurrency,
    )
    return _summed([results[index] for index in range(len(listed))], each.max_failures)


async def _item(step: Step, index: int, item: Any) -> Record:
    spec, ctx = cast("ForeachPhase", step.spec), step.ctx
    part = step.part(str(index), spec.body, {spec.foreach.as_: item})
    if part.path in ctx.state.left:
        return ctx.state.left[part.path]
    if part.path not in ctx.state.marks:
        ctx.append(ItemStarted(path=part.path, index=index))
    record = await perform_part(part)
    ctx.append(ItemLeft(path=part.path, index=index, record=record))
    return record


def _evaluate(step: Step) -> list[Any]:
    source = cast("ForeachPhase", step.spec).foreach.in_
    value = step.evaluate(source)
    if not isinstance(value, list):
        raise OutputInvalid(f"foreach.in: `{source}` gives {type(value).__name__}, not a list")
    return value


def _summed(records: list[Record], max_failures: int) -> Record:
    output = [record.output for record in records]
    bad = [index for index, record in enumerate(records) if record.status in ("no", "failed")]
    if len(bad) <= max_failures:
        return Record.of("ok", output)
    failed = next((index for index in bad if records[index].status == "failed"), None)
    if failed is None:
        return Record.of("no", output)
    fault = records[failed].error or Fault(match="tool", message="it failed")
    return Record.of("failed", output, fault.model_copy(update={"message": f"item {failed}: {fault.message}"}))
