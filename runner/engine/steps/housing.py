"""A run's own sandbox: taken before the first step that works in it; while all are in use, the run waits as rows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.engine.steps import budget
from runner.errors import BudgetSpent, StepFailed, ToolFailed
from runner.runs.events import SandboxTaken, Waiting
from runner.runs.sandboxes.keeper import Full
from runner.spec.sizes import format_size

if TYPE_CHECKING:
    from pathlib import Path

    from runner.engine.steps.budget import Budget
    from runner.engine.steps.context import RunContext
    from runner.runs.sandboxes.keeper import Taken

_SOONEST, _LATEST = 1.0, 30.0
"""Seconds between two looks for a place: a quarter of what was waited by then, within these."""


async def house(ctx: RunContext, path: str, budgets: tuple[Budget, ...]) -> Path:
    """The run's own sandbox, made, unpacked or as it is; raises `BudgetSpent` when a limit ends the wait for one."""
    work = ctx.sandbox
    if ctx.state.sandboxes and work.is_dir():
        return work
    while isinstance(found := await _taken(ctx), Full):
        check_clocks(ctx, budgets, found.why)
        again = ctx.clock() + min(_LATEST, max(_SOONEST, ctx.state.waited / 4))
        until = budget.no_later(again, ctx.state, budgets)
        await ctx.wait(Waiting(kind="sandbox", path=path, until=until, why=found.why))
    ctx.append(SandboxTaken(path=path, sandbox=work.parent.name, workspace=str(work), how=found.how))
    return work


def check_clocks(ctx: RunContext, budgets: tuple[Budget, ...], why: str = "") -> None:
    """As `budget.check_clocks`; where the run has waited for a sandbox, with who has them."""
    try:
        budget.check_clocks(ctx.state, budgets, ctx.clock())
    except BudgetSpent as spent:
        waits = [one.why for one in ctx.state.waiting if one.kind == "sandbox" and not ctx.state.sandboxes]
        if not (whose := why or next(iter(waits), "")):
            raise
        message = f"{spent.message}, waiting for a sandbox: {whose}"
        hint = "`runner sandboxes ls` lists them, `sandboxes: {max: …}` of runner.yaml allows more"
        raise BudgetSpent(message, owner=spent.owner, limit=spent.limit, hint=hint) from spent


async def check_room(ctx: RunContext) -> None:
    """Raise `ToolFailed` when the sandbox holds more than it may, or hides what it holds."""
    name, most = ctx.sandbox.parent.name, ctx.current().settings.sandboxes.size
    try:
        held = await asyncio.to_thread(ctx.scale.held, most)
    except OSError as error:
        hint = f"a person opens or removes that, in {ctx.sandbox}"
        raise ToolFailed(f"the sandbox of run {name} cannot be measured: {error}", match="budget", hint=hint) from error
    if held > most:
        message = f"the sandbox of run {name} holds {format_size(held)}, at most {format_size(most)} (sandboxes.size)"
        hint = f"a person removes files in {ctx.sandbox}, or raises `sandboxes: {{size: …}}` of runner.yaml"
        raise ToolFailed(message, match="budget", hint=hint)


async def _taken(ctx: RunContext) -> Taken | Full:
    most = ctx.current().settings.sandboxes.max
    try:
        return await asyncio.to_thread(ctx.sandboxes.take, ctx.sandbox.parent.name, ctx.run, most)
    except OSError as error:
        raise StepFailed(f"the run can have no sandbox: {error}", match="unavailable") from error
