"""Drive one run from where its journal stands to its end, or until it parks, stops or is taken over."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.calls.asking import Question, ask
from runner.engine.steps.budget import Budget
from runner.engine.steps.views import part_paths
from runner.engine.triggers import alerts
from runner.engine.walk.ending import End, leave_open
from runner.engine.walk.walk import Walk
from runner.errors import FenceLost, StoreError
from runner.project.phases import ForeachPhase, ParallelPhase, ToolBody, ToolPhase
from runner.project.startable import startable
from runner.runs.events import RunCancelRequested, RunEnded, RunQueued, RunStarted, Usage
from runner.spec.layout import short

if TYPE_CHECKING:
    from runner.engine.steps.context import RunContext
    from runner.project.phases import PhaseSpec
    from runner.project.project import WorkflowEntry
    from runner.runs.parts import PhaseState


async def drive(ctx: RunContext, *, lost: str = "") -> None:
    """Walk the run's workflow and write its verdict; `lost` says why the revision it began with cannot be opened."""
    try:
        await _drive(ctx, lost)
    except asyncio.CancelledError:
        if not ctx.leaving:
            raise
        if ctx.leaving == "parked":
            await asyncio.shield(ctx.flush())


async def _drive(ctx: RunContext, lost: str) -> None:
    state, queued = ctx.state, ctx.state.queued
    assert queued is not None  # noqa: S101 - every run begins with this event
    if not state.started_at:
        ctx.append(RunStarted())
    if lost:
        await _ask_about_revision(ctx, lost)
    entry = startable(ctx.project, queued.name)
    end = await _end(ctx, queued, entry)
    leave_open(ctx)
    alerts.settle(ctx, end)
    ctx.append(_verdict(ctx, end, entry))
    await ctx.flush()


async def _end(ctx: RunContext, queued: RunQueued, entry: WorkflowEntry | None) -> End:
    if entry is None:
        return End("error", None, f"revision {short(ctx.project.revision)} has no `{queued.name}`", {})
    whole = Budget("", entry.spec.limits, f"workflow {entry.name}", entry.file)
    workspace = ctx.sandbox if queued.sandbox else Path(queued.workspace)
    walk = Walk(ctx, "", entry, queued.inputs, workspace, (whole,))
    try:
        return await walk.conclude()
    except (FenceLost, StoreError):
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours ends this run, never the daemon
        return End("error", None, f"runner itself failed: {type(error).__name__}: {error}", {"internal": True})


async def _ask_about_revision(ctx: RunContext, lost: str) -> None:
    """The files this run began with cannot be had back: a person says whether it goes on with today's."""
    question = Question(
        reason="revision",
        ask=f"The revision this run began with cannot be opened ({lost}). Go on with {short(ctx.project.revision)}?",
    )
    answer = await ask(ctx, "", question)
    if answer.decision != "approve" and ctx.state.cancel is None:
        ctx.append(RunCancelRequested(by=answer.by, note="its revision cannot be opened"))


def _verdict(ctx: RunContext, end: End, entry: WorkflowEntry | None) -> RunEnded:
    state = ctx.state
    red = _red(ctx, entry) if entry and end.verdict == "pass" else []
    why = f"{end.why}; passed with red checks: {', '.join(red)}" if red else end.why
    return RunEnded.model_validate(
        {
            "verdict": end.verdict,
            "why": why,
            "evidence": end.evidence,
            "red": red,
            "output": end.output,
            "work": state.work_now(ctx.clock()),
            "waited": state.waited,
            "usage": Usage(input=state.spent_tokens_in, output=state.spent_tokens_out),
            "cost_micros": state.spent[""].cost,
            "unpriced": state.unpriced,
            "limit": end.limit if end.limit in ("time", "deadline") else "",
        }
    )


def _red(ctx: RunContext, entry: WorkflowEntry) -> list[str]:
    """Tool phases, and branches and items that are tools, whose last record is not ok."""
    scope = ctx.state.scopes[""]
    return [
        path
        for name, spec in entry.spec.phases.items()
        if name in scope.phases
        for path in _red_in(ctx, name, spec, scope.phases[name])
    ]


def _red_in(ctx: RunContext, name: str, spec: PhaseSpec, phase: PhaseState) -> list[str]:
    last, path = phase.history[-1] if phase.history else None, f"{name}/{phase.visits}"
    if isinstance(spec, ToolPhase):
        return [path] if last is not None and not last.ok else []
    parts, checks = part_paths(ctx.state, path, spec), []
    if isinstance(spec, ParallelPhase):
        checks = [parts[branch] for branch, body in spec.parallel.items() if isinstance(body, ToolBody)]
    elif isinstance(spec, ForeachPhase) and isinstance(spec.body, ToolBody):
        checks = [*parts.values()]
    return [part for part in checks if part in ctx.state.left and ctx.state.left[part].status in ("no", "failed")]
