"""Call a tool as a step: check, judge, write the intent, do it, write the record; once recorded, never again."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.engine import budget
from runner.engine.asking import Question, ask
from runner.engine.hands import EngineHands
from runner.engine.fleet import on_all
from runner.engine.judging import judged
from runner.engine.targeting import HERE, aimed
from runner.errors import BudgetSpent, PolicyDenied, StepFailed, ToolFailed
from runner.policy import Judgement, strictest
from runner.project.targets import LOCAL, SANDBOX
from runner.runs.events import ToolCalled, ToolInterrupted, ToolReturned
from runner.runs.record import Fault, Record
from runner.tools.port import Call

if TYPE_CHECKING:
    from runner.engine.step import Step
    from runner.project.project import ToolEntry
    from runner.project.settings import TimeoutClass
    from runner.runs.events import ApprovalDecided
    from runner.tools.port import Tool

HERE_OR_SANDBOX = (LOCAL, SANDBOX)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A call whose arguments are checked."""

    step: Step
    entry: ToolEntry
    call: Call
    agent: str
    argv: list[str] | None
    targets: tuple[str, ...]


async def call_tool(step: Step, tool: str, arguments: Any, path: str, agent: str = "") -> Record:
    """The record of one call; `agent` is who asked for it, empty for a phase of kind tool."""
    ctx = step.ctx
    if path in ctx.state.results:
        return ctx.state.results[path]
    started = time.monotonic()
    entry = ctx.project.tools.get(tool)
    try:
        planned = _plan(step, entry, tool, arguments, path, agent)
        attempt = await _after_interruption(planned)
        rule = await _permit(planned)
        record = await _execute(planned, attempt, rule)
    except BudgetSpent:
        raise
    except StepFailed as failure:
        fault = Fault.of(failure)
        hint = fault.hint or (entry.spec.hint if entry else "")
        record = Record.of("failed", error=fault.model_copy(update={"hint": hint}))
    except asyncio.CancelledError:
        if ctx.leaving in ("", "cancelled"):
            ctx.append(ToolReturned(path=path, tool=tool, record=Record.of("cancelled")))
        raise
    ctx.append(ToolReturned(path=path, tool=tool, record=record, seconds=time.monotonic() - started))
    if record.error is not None and record.error.match == "timeout":  # perhaps it was a limit that cut the call short
        budget.check_clocks(ctx.state, step.budgets, ctx.clock())
    return ctx.state.results[path]


def _plan(step: Step, entry: ToolEntry | None, tool: str, arguments: Any, path: str, agent: str) -> _Planned:
    if entry is None or not entry.spec.enabled:
        raise ToolFailed(f"there is no tool `{tool}`")
    if not isinstance(arguments, dict):
        raise ToolFailed(f"the arguments of {tool} are no JSON object: {str(arguments)[:200]}")
    own, places = aimed(step, entry, arguments, agent)
    try:
        checked = entry.params.check(own)
    except ValueError as error:
        raise ToolFailed(f"arguments of {tool}: {error}") from error
    timeouts = _timeouts(step, entry, agent)
    seconds = timeouts.tool[1] if places[0] in HERE_OR_SANDBOX else timeouts.ssh[1]
    call = Call(tool, checked, step.workspace, places[0], seconds, step.ctx.run, path)
    return _Planned(step, entry, call, agent, step.ctx.bench.tool(tool).argv(call), places)


def _timeouts(step: Step, entry: ToolEntry, agent: str) -> TimeoutClass:
    """A tool's own timeout wins over those of an agent and its phase, not over a phase that calls it itself."""
    own, phase, project = entry.spec.timeout, step.timeout, step.ctx.project
    if agent:
        return project.timeout(own or phase or project.agents[agent].spec.timeout)
    return project.timeout(phase or own or "standard")


async def _after_interruption(planned: _Planned) -> int:
    """What the files say about a call that a crash cut off; the number of this attempt."""
    ctx, call, entry = planned.step.ctx, planned.call, planned.entry
    intent = ctx.state.intents.get(call.path)
    if intent is None:
        return 1
    if entry.kind == "workflow":  # its own steps know how far it came
        return intent.attempt
    decision = entry.interrupted
    ctx.append(ToolInterrupted(path=call.path, tool=call.tool, decision=decision))
    if decision == "fail":
        raise ToolFailed("it was interrupted by a crash, and `interrupted: fail` says not to do it again")
    if decision == "ask":
        question = Question(
            reason="interrupted",
            ask=f"{call.tool} was interrupted by a crash; nobody knows whether it took effect. Do it again?",
            show=_shown(planned),
            tool=call.tool,
            arguments=call.arguments,
            after=intent.seq,
        )
        answer = await ask(planned.step.ctx, call.path, question, planned.step.budgets)
        if answer.decision != "approve":
            raise ToolFailed(_unanswered("it was interrupted by a crash", answer))
    return intent.attempt + 1


def _judged(planned: _Planned) -> Judgement:
    """The strictest answer for the targets of a call."""
    return strictest(judged(planned.step, planned.entry, planned.agent, target) for target in planned.targets)


async def _permit(planned: _Planned) -> str:
    """Judge by the run's own rules and those in force, ask a person when they say so; the rule that lets it run."""
    judgement = _judged(planned)
    if judgement.action == "deny":
        raise PolicyDenied(f"denied by {judgement.rule}", hint="do it another way, or leave it")
    if judgement.action == "allow" or _cleared(planned):
        return judgement.rule
    call, ctx = planned.call, planned.step.ctx
    earlier = ctx.state.approval(call.path, "policy")
    question = Question(
        reason="policy",
        ask=f"May {planned.agent or 'the workflow'} call {call.tool}?",
        show=_shown(planned),
        tool=call.tool,
        arguments=call.arguments,
        rule=earlier.question.rule if earlier else judgement.rule,
    )
    answer = await ask(ctx, call.path, question, planned.step.budgets)
    if answer.decision != "approve":
        raise PolicyDenied(_unanswered(f"it needs a person's consent ({judgement.rule})", answer))
    if _judged(planned).action == "deny":
        raise PolicyDenied("denied by a rule that was tightened while it waited")
    return f"{judgement.rule}; approved by {answer.by or 'a person'}"


def _cleared(planned: _Planned) -> bool:
    """A person said yes to doing an interrupted call again: that covers the policy's question too."""
    asked = planned.step.ctx.state.approval(planned.call.path, "interrupted")
    return bool(asked and asked.answer and asked.answer.decision == "approve")


async def _execute(planned: _Planned, attempt: int, rule: str) -> Record:
    """Intent on disk, then the effect; a tool that only reads need not wait for the disk."""
    ctx, entry = planned.step.ctx, planned.entry
    async with ctx.bench.slot(planned.call.tool):
        # Not before: a person or a slot may have been waited for, and the limits went on counting.
        call = replace(planned.call, seconds=planned.step.seconds(planned.call.seconds))
        if not (entry.kind == "workflow" and call.path in ctx.state.intents):
            ctx.append(_intent(planned, attempt, rule))
        tool, hands = ctx.bench.tool(call.tool), EngineHands(planned.step, call.tool)
        if entry.risk == "read":
            return await _done(planned, tool, call, hands)
        await ctx.flush()
        return await _let_finish(planned, asyncio.ensure_future(_done(planned, tool, call, hands)))


async def _done(planned: _Planned, tool: Tool, call: Call, hands: EngineHands) -> Record:
    """What the tool did, on its target or on all of them."""
    if len(planned.targets) > 1:
        return await on_all(tool, call, planned.targets, hands, getattr(planned.step.spec, "fleet", None))
    outcome = await tool.run(call, hands)
    return Record.of(outcome.status, outcome.output)


def _intent(planned: _Planned, attempt: int, rule: str) -> ToolCalled:
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


async def _let_finish(planned: _Planned, doing: asyncio.Future[Record]) -> Record:
    """Wait for a tool that changes something; on a stop it gets the grace, on a cancellation it is killed."""
    ctx = planned.step.ctx
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        if ctx.leaving == "stopped":
            await asyncio.wait([doing], timeout=ctx.grace)
            if doing.done():
                _note_end(planned, doing)
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        raise


def _note_end(planned: _Planned, done: asyncio.Future[Record]) -> None:
    """Write what a tool came to while runner was stopping."""
    ctx, call = planned.step.ctx, planned.call
    try:
        record = done.result()
    except StepFailed as failure:
        record = Record.of("failed", error=Fault.of(failure))
    ctx.append(ToolReturned(path=call.path, tool=call.tool, record=record))


def _shown(planned: _Planned) -> str:
    """What a person sees of a call: the exact words of the command, or the arguments, and where."""
    call, argv = planned.call, planned.argv
    what = shlex.join(argv) if argv is not None else json.dumps(call.arguments, ensure_ascii=False, indent=2)
    return f"{what}\n{_where(planned)}"


def _where(planned: _Planned) -> str:
    """Where a call runs, every host of it: a person says yes to these and to no others."""
    names = planned.targets
    if names == HERE:
        return f"in {planned.call.workspace}"
    if names[0] in HERE_OR_SANDBOX:
        return f"in {planned.call.workspace}, in the sandbox"
    return f"on {names[0]}" if len(names) == 1 else f"on {len(names)} hosts: {', '.join(names)}"


def _unanswered(why: str, answer: ApprovalDecided) -> str:
    if answer.decision == "expired":
        return f"{why}, and nobody answered before the deadline"
    return f"{why}, and {answer.by or 'a person'} said no{f': {answer.note}' if answer.note else ''}"
