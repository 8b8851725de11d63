"""Phase kind `wait`: time passes, also while nobody runs the daemon."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from runner.engine.calls.dry import foresee
from runner.engine.steps import budget
from runner.errors import OutputInvalid
from runner.runs.events import StepForeseen, TimerFired, TimerSet, Waiting
from runner.runs.record import Record

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.phases import WaitBody


async def run(step: Step) -> Record:
    """Wait until the time that was set when the step began; its output is that time."""
    ctx, path = step.ctx, step.path
    if ctx.is_dry:
        return _passed(step)
    if path not in ctx.state.timers:
        ctx.append(TimerSet(path=path, until=_until(step)))
    until = ctx.state.timers[path]
    while path not in ctx.state.fired:
        now = ctx.clock()
        budget.check_clocks(ctx.state, step.budgets, now)
        if now >= until:
            ctx.append(TimerFired(path=path))
            break
        await ctx.wait(Waiting(kind="timer", path=path, until=budget.no_later(until, ctx.state, step.budgets)))
    return _waited(until)


def _passed(step: Step) -> Record:
    """In a dry run: on at once."""
    done = _waited(_until(step))
    told = StepForeseen(path=step.path, kind="wait", would=f"wait until {done.output['until']}", decision="allow")
    foresee(step.ctx, told)
    return done


def _waited(until: float) -> Record:
    return Record.of("ok", {"until": datetime.fromtimestamp(until, UTC).isoformat()})


def _until(step: Step) -> float:
    pause = cast("WaitBody", step.spec).wait
    if pause.for_ is not None:
        return step.ctx.clock() + pause.for_
    value = step.evaluate(pause.until or "")
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise OutputInvalid(f"wait.until gives {value!r}, which is no ISO 8601 time") from error
    return (moment if moment.tzinfo else moment.astimezone()).timestamp()
