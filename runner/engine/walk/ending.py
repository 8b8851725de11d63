"""How a walk ends: its verdict, then the one `finally` step, which cannot change it (rules R8, R12)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.engine.phases.parallel import perform_part
from runner.engine.steps import housing
from runner.engine.steps.budget import Budget
from runner.engine.steps.step import Step
from runner.engine.triggers import alerts
from runner.errors import BudgetSpent, StepFailed
from runner.project.agents import PhaseLimits
from runner.project.phases import kind_of
from runner.runs.events import (
    ApprovalDecided,
    BranchLeft,
    ItemLeft,
    ItemStarted,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    ToolReturned,
)
from runner.runs.paths import FINALLY
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from runner.engine.steps.context import RunContext
    from runner.engine.walk.walk import Walk
    from runner.runs.events import BranchStarted


@dataclass(frozen=True, slots=True)
class End:
    """How a walk ended: pass, fail or error, the output of the last phase, why in words, and the evidence."""

    verdict: str
    output: Any
    why: str
    evidence: dict[str, Any]
    fault: Fault | None = None
    limit: str = ""


FINALLY_SECONDS = 300.0
"""Time of a `finally` step that sets no limit of its own."""


async def conclude(walk: Walk) -> End:
    """Walk to an end, whatever it is, then do the `finally` step; of a called workflow also when it is cut off."""
    ctx = walk.ctx
    try:
        if walk.scope or not ctx.state.cancel:  # in a cancelled run, only its `finally` still calls a workflow
            return await _walked(walk)
    except asyncio.CancelledError:
        if not _is_cut_off(ctx, walk.scope):
            raise
        if walk.scope:
            leave_open(ctx, walk.scope)
            await _finally(walk)
            raise
        _begin_again(ctx)
    leave_open(ctx)
    await _finally(walk)
    return _cancelled(walk)


def leave_open(ctx: RunContext, under: str = "") -> None:
    """Write `cancelled` for all that is open under a path: whatever cut it off, everything leaves a record."""

    def is_cut_off(path: str) -> bool:
        return path.startswith(f"{under}/") if under else not path.startswith(f"{FINALLY}/")

    for asked in list(ctx.state.asked.values()):
        if asked.answer is None and is_cut_off(asked.question.path):
            question = asked.question
            ctx.append(ApprovalDecided(path=question.path, approval=question.approval, decision="void"))
    for path, call in reversed(list(ctx.state.intents.items())):
        if is_cut_off(path):
            ctx.append(ToolReturned(path=path, tool=call.tool, record=Record.of("cancelled")))
    for path, begun in reversed(list(ctx.state.open.items())):
        if is_cut_off(path):
            ctx.append(_left(path, begun))


def _left(path: str, begun: PhaseEntered | BranchStarted | ItemStarted) -> PhaseLeft | BranchLeft | ItemLeft:
    cut = Record.of("cancelled")
    if isinstance(begun, PhaseEntered):
        return PhaseLeft(path=path, record=cut.model_copy(update={"visits": begun.visit}))
    if isinstance(begun, ItemStarted):
        return ItemLeft(path=path, index=begun.index, record=cut)
    return BranchLeft(path=path, record=cut)


async def _walked(walk: Walk) -> End:
    try:
        housing.check_clocks(walk.ctx, walk.budgets)
        end = await _housed(walk) or await walk.to_end()
    except BudgetSpent as spent:
        if spent.owner != walk.scope:
            alerts.judge(walk)
            await _finally(walk)
            raise
        evidence = {"limit": spent.limit, "error": spent.message, "hint": spent.hint}
        end = End("error", None, spent.message, evidence, Fault.of(spent), spent.limit)
    alerts.judge(walk)
    await _finally(walk)
    return end


async def _housed(walk: Walk) -> End | None:
    """Have the sandbox that the walk works in; an End when it cannot be had."""
    if walk.workspace != walk.ctx.sandbox:
        return None
    try:
        await housing.house(walk.ctx, walk.scope, walk.budgets)
    except BudgetSpent:
        raise
    except StepFailed as failure:
        evidence = {"error": failure.message, "hint": failure.hint}
        return End("error", None, failure.message, evidence, Fault.of(failure))
    return None


def _is_cut_off(ctx: RunContext, scope: str) -> bool:
    """Whether the walk is over: the run was cancelled, or a join needs this branch no more."""
    if ctx.leaving or not scope:
        return ctx.leaving == "cancelled"
    return not (ctx.task and ctx.task.cancelling())


def _cancelled(walk: Walk) -> End:
    asked = walk.ctx.state.cancel
    by = f" by {asked.by}" if asked and asked.by else ""
    note = f": {asked.note}" if asked and asked.note else ""
    return End("cancelled", None, f"cancelled{by}{note}", {})


def _begin_again(ctx: RunContext) -> None:
    """The cancellation has done its work: what follows runs as usual."""
    ctx.leaving = ""
    if ctx.task is not None:
        ctx.task.uncancel()


async def _finally(walk: Walk) -> None:
    spec = walk.entry.spec.finally_
    if spec is None:
        return
    ctx, path = walk.ctx, f"{walk.scope}/{FINALLY}/1" if walk.scope else f"{FINALLY}/1"
    known = ctx.state.scopes[walk.scope].phases[FINALLY]
    if known.history:
        return
    if not known.open:
        ctx.append(PhaseEntered(path=path, visit=1, kind=kind_of(spec)))
    walk.look_again()  # a phase that was cut off has left its record since
    limits = spec.limits if spec.limits.time else PhaseLimits().model_copy(update={"time": FINALLY_SECONDS})
    own = Budget(path, limits, "`finally`", f"`finally` of {walk.entry.file}")
    step = Step(walk, spec, FINALLY, 1, path, (own,), walk.workspace, {})
    try:
        record = await perform_part(step)
    except asyncio.CancelledError:
        if _is_cut_off(ctx, walk.scope):
            ctx.append(PhaseLeft(path=path, record=Record.of("cancelled")))
        raise
    kind = PhaseFailed if record.status == "failed" else PhaseLeft
    ctx.append(kind(path=path, record=record))
