"""How a walk ends: its verdict, then the one `finally` step, which cannot change it (rules R8, R12)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.engine import budget
from runner.engine.budget import Budget
from runner.engine.phases import ACTIONS
from runner.engine.step import Step, perform
from runner.errors import BudgetSpent
from runner.project.agents import PhaseLimits
from runner.project.phases import kind_of
from runner.runs.events import PhaseEntered, PhaseFailed, PhaseLeft
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from runner.engine.walk import Walk


@dataclass(frozen=True, slots=True)
class End:
    """How a walk ended: pass, fail or error, the output of the last phase, why in words, and the evidence."""

    verdict: str
    output: Any
    why: str
    evidence: dict[str, Any]
    fault: Fault | None = None
    limit: str = ""


FINALLY = "finally"
"""The path of the last step; no phase may be called so."""
FINALLY_SECONDS = 300.0
"""Time of a `finally` step that sets no limit of its own."""


async def conclude(walk: Walk) -> End:
    """Walk to an end, whatever it is, then do the `finally` step."""
    ctx = walk.ctx
    try:
        end = _cancelled(walk) if ctx.state.cancel else await _walked(walk)
    except asyncio.CancelledError:
        if ctx.leaving != "cancelled" or walk.scope:
            raise
        _begin_again(walk)
        end = _cancelled(walk)
    await _finally(walk)
    return end


async def _walked(walk: Walk) -> End:
    try:
        budget.check_clocks(walk.ctx.state, walk.budgets, walk.ctx.clock())
        return await walk.to_end()
    except BudgetSpent as spent:
        if spent.owner != walk.scope:
            raise
        evidence = {"limit": spent.limit, "error": spent.message}
        return End("error", None, spent.message, evidence, Fault.of(spent), spent.limit)


def _cancelled(walk: Walk) -> End:
    asked = walk.ctx.state.cancel
    by = f" by {asked.by}" if asked and asked.by else ""
    note = f": {asked.note}" if asked and asked.note else ""
    return End("cancelled", None, f"cancelled{by}{note}", {})


def _begin_again(walk: Walk) -> None:
    """The cancellation has done its work: what follows runs as usual."""
    walk.ctx.leaving = ""
    if walk.ctx.task is not None:
        walk.ctx.task.uncancel()


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
    limits = spec.limits if spec.limits.time else PhaseLimits(time=FINALLY_SECONDS)
    step = Step(walk, spec, FINALLY, 1, path, (Budget(path, limits, "`finally`"),), walk.workspace, {})
    record: Record = await perform(step, ACTIONS[kind_of(spec)])
    kind = PhaseFailed if record.status == "failed" else PhaseLeft
    ctx.append(kind(path=path, record=record))
