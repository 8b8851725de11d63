"""Call a tool as a step: check, judge, write the intent, do it, write the record; once recorded, never again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.engine.calls.asking import Question, ask
from runner.engine.calls.dry import is_foreseen, is_walked, withheld
from runner.engine.calls.fleet import on_all
from runner.engine.calls.hands import EngineHands
from runner.engine.calls.judging import is_untrusted, judged
from runner.engine.calls.planning import longer, plan
from runner.engine.steps import budget
from runner.engine.steps.housing import check_room
from runner.errors import BudgetSpent, PolicyDenied, StepFailed, ToolFailed
from runner.project.targets import is_moved
from runner.runs.events import ToolCalled, ToolInterrupted, ToolReturned
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from runner.engine.calls.planning import Planned
    from runner.engine.steps.step import Step
    from runner.runs.events import ApprovalDecided
    from runner.tools.port import Call, Tool


async def call_tool(step: Step, tool: str, arguments: Any, path: str, agent: str = "") -> Record:
    """The record of one call; `agent` is who asked for it, empty for a phase of kind tool."""
    ctx = step.ctx
    if path in ctx.state.results:
        return ctx.state.results[path]
    started = time.monotonic()
    entry = ctx.project.tools.get(tool)
    planned: Planned | None = None
    try:
        planned = plan(step, entry, tool, arguments, path, agent)
        record = withheld(planned) or await _made(planned)
    except BudgetSpent:
        raise
    except StepFailed as failure:
        fault = Fault.of(failure)
        is_targets = entry is not None and is_moved(entry) and fault.match == "unavailable"
        hint = fault.hint or (entry.spec.hint if entry and not is_targets else "")
        if planned and fault.match == "timeout" and not planned.entry.child:
            hint = hint or longer(planned)
        record = Record.of("failed", error=fault.model_copy(update={"hint": hint}))
    except asyncio.CancelledError:
        if ctx.leaving in ("", "cancelled"):
            ctx.append(ToolReturned(path=path, tool=tool, record=Record.of("cancelled")))
        raise
    returned = ToolReturned(path=path, tool=tool, record=record, seconds=time.monotonic() - started)
    ctx.append(_told(returned, planned) if planned else returned)
    if record.error is not None and record.error.match == "timeout":  # perhaps it was a limit that cut the call short
        budget.check_clocks(ctx.state, step.budgets, ctx.clock())
    return ctx.state.results[path]


async def _made(planned: Planned) -> Record:
    attempt = await _after_interruption(planned)
    rule = await _permit(planned)
    return await _execute(planned, attempt, rule)


async def _after_interruption(planned: Planned) -> int:
    """What the files say about a call that a crash cut off; the number of this attempt."""
    ctx, call, entry = planned.step.ctx, planned.call, planned.entry
    intent = ctx.state.intents.get(call.path)
    if intent is None:
        return 1
    if entry.child:  # its own steps know how far it came
        return intent.attempt
    decision = "fail" if ctx.is_dry and entry.interrupted == "ask" else entry.interrupted
    ctx.append(ToolInterrupted(path=call.path, tool=call.tool, decision=decision))
    if decision == "fail":
        why = (
            "a dry run asks nobody whether to do it again"
            if ctx.is_dry
            else "`interrupted: fail` says not to repeat it"
        )
        raise ToolFailed(f"it was interrupted by a crash, and {why}")
    if decision == "ask":
        asked = f"{call.tool} was interrupted by a crash; nobody knows whether it took effect. Do it again?"
        question = replace(_question(planned, asked), reason="interrupted", after=intent.seq)
        answer = await ask(planned.step.ctx, call.path, question, planned.step.budgets)
        if answer.decision != "approve":
            raise ToolFailed(_unanswered("it was interrupted by a crash", answer))
    return intent.attempt + 1


async def _permit(planned: Planned) -> str:
    """Judge by the run's own rules and those in force, ask a person when they say so; the rule that lets it run."""
    judgement = judged(planned)
    if judgement.action == "deny":
        hint = "do it another way, or leave it" if planned.agent else _explained(planned)
        raise PolicyDenied(f"denied by {judgement.rule}", hint=hint)
    if judgement.action == "allow" or _cleared(planned) or is_walked(planned):
        return judgement.rule
    call, ctx = planned.call, planned.step.ctx
    earlier = ctx.state.approval(call.path, "policy")
    asked = f"May {_caller(planned)} call {call.tool}?"
    question = replace(_question(planned, asked), rule=earlier.question.rule if earlier else judgement.rule)
    answer = await ask(ctx, call.path, question, planned.step.budgets)
    if answer.decision != "approve":
        raise PolicyDenied(_unanswered(f"it needs a person's consent ({judgement.rule})", answer))
    if judged(planned).action == "deny":
        raise PolicyDenied("denied by a rule that was tightened while it waited")
    return f"{judgement.rule}; approved by {answer.by or 'a person'}"


def _explained(planned: Planned) -> str:
    """Where a person reads why a call is denied."""
    return f"`runner tools explain {planned.call.tool}` tells what each list of rules says"


def _caller(planned: Planned) -> str:
    """Who wants to make a call: an agent, a person, or a workflow."""
    queued = planned.step.ctx.state.queued
    person = queued.by if queued and planned.step.walk.entry.tool else ""
    return planned.agent or person or "the workflow"


def _question(planned: Planned, asked: str) -> Question:
    """All that a person has to know of a call."""
    call = planned.call
    return Question(
        reason="policy",
        ask=asked,
        show=planned.shown,
        tool=call.tool,
        arguments=call.arguments,
        agent=planned.agent,
        targets=planned.targets,
        cwd=planned.cwd,
        env=planned.env,
    )


def _cleared(planned: Planned) -> bool:
    """A person said yes to doing an interrupted call again: that covers the policy's question too."""
    asked = planned.step.ctx.state.approval(planned.call.path, "interrupted")
    return bool(asked and asked.answer and asked.answer.decision == "approve")


async def _execute(planned: Planned, attempt: int, rule: str) -> Record:
    """Intent on disk, then the effect; a tool that only reads need not wait for the disk."""
    ctx, entry = planned.step.ctx, planned.entry
    async with ctx.bench.slot(planned.call.tool):
        # Not before: a person or a slot may have been waited for, and the limits went on counting.
        call = replace(planned.call, seconds=planned.step.seconds(planned.call.seconds))
        if planned.fills_sandbox:
            await check_room(ctx)
        if not (entry.child and call.path in ctx.state.intents):
            ctx.append(_intent(planned, attempt, rule))
        tool, hands = ctx.bench.tool(call.tool), EngineHands(planned.step, call.tool)
        if entry.risk == "read":
            return await _done(planned, tool, call, hands)
        await ctx.flush()
        return await _let_finish(planned, asyncio.ensure_future(_done(planned, tool, call, hands)))


async def _done(planned: Planned, tool: Tool, call: Call, hands: EngineHands) -> Record:
    """What the tool did, on its target or on all of them."""
    if len(planned.calls) > 1:
        calls = [replace(one, seconds=call.seconds) for one in planned.calls]
        return await on_all(tool, calls, hands, getattr(planned.step.spec, "fleet", None))
    outcome = await tool.run(call, hands)
    return Record.of(outcome.status, outcome.output)


def _intent(planned: Planned, attempt: int, rule: str) -> ToolCalled:
    call = planned.call
    return ToolCalled(
        path=call.path,
        tool=call.tool,
        arguments=dict(call.arguments),
        risk=planned.entry.risk,
        target=", ".join(planned.targets),
        cwd=str(call.workspace),
        argv=planned.argv,
        rule=rule,
        attempt=attempt,
    )


async def _let_finish(planned: Planned, doing: asyncio.Future[Record]) -> Record:
    """Wait for a tool that changes something; on a stop it gets the grace, on a cancellation it is killed."""
    ctx, started = planned.step.ctx, time.monotonic()
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        if ctx.leaving == "stopped":
            await asyncio.wait([doing], timeout=ctx.grace)
            if doing.done():
                _note_end(planned, doing, time.monotonic() - started)
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        raise


def _note_end(planned: Planned, done: asyncio.Future[Record], seconds: float) -> None:
    """Write what a tool came to while runner was stopping."""
    ctx, call = planned.step.ctx, planned.call
    try:
        record = done.result()
    except StepFailed as failure:
        record = Record.of("failed", error=Fault.of(failure))
    ctx.append(_told(ToolReturned(path=call.path, tool=call.tool, record=record, seconds=seconds), planned))


def _told(returned: ToolReturned, planned: Planned) -> ToolReturned:
    """What a call came to, with all that is known of it before."""
    ctx, targets = planned.step.ctx, ", ".join(planned.targets)
    is_dry = is_foreseen(ctx, returned.path)
    return returned.model_copy(update={"untrusted": is_untrusted(planned), "target": targets, "dry": is_dry})


def _unanswered(why: str, answer: ApprovalDecided) -> str:
    if answer.decision == "expired":
        return f"{why}, and nobody answered before the deadline"
    return f"{why}, and {answer.by or 'a person'} said no{f': {answer.note}' if answer.note else ''}"
