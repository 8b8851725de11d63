"""Commands of people to a run (cancel, decide): taken from the durable inbox, applied by whoever owns the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.runs.events import ApprovalDecided, RunCancelRequested
from runner.runs.inbox import Answer, Answered

if TYPE_CHECKING:
    from runner.engine.steps.context import RunContext
    from runner.runs.inbox import Command
    from runner.runs.store import Store


async def apply_command(ctx: RunContext, store: Store, command: Command) -> None:
    """Write what a command says into the run's journal, let the run act on it, and answer once that is on disk."""
    answer = {"cancel": _cancel, "decide": _decide}[command.kind](ctx, command)
    await ctx.flush()
    store.inbox.answer(command.id, answer)


def _cancel(ctx: RunContext, command: Command) -> Answer:
    if ctx.state.ended is not None:
        return _refused("the run has ended")
    if ctx.state.cancel is None:
        ctx.append(RunCancelRequested(by=command.payload.get("by", ""), note=command.payload.get("note", "")))
        ctx.leave("cancelled")
    return Answer(Answered.DONE, "cancelled")


def _decide(ctx: RunContext, command: Command) -> Answer:
    payload = command.payload
    asked = ctx.state.asked.get(payload["approval"])
    if asked is None:
        return _refused(f"run {ctx.run} has no approval {payload['approval']}")
    question = asked.question
    if asked.answer is not None or ctx.state.ended is not None:
        return _refused("it was decided before, or the run has ended")
    if question.by and payload.get("by") not in question.by:
        return _refused(f"only {', '.join(question.by)} may decide this")
    decided = ApprovalDecided(
        path=question.path,
        approval=question.approval,
        decision=payload["decision"],
        by=payload.get("by", ""),
        note=payload.get("note", ""),
    )
    ctx.append(decided)
    ctx.wake(question.path)
    return Answer(Answered.DONE, "denied" if payload["decision"] == "deny" else "approved")


def _refused(why: str) -> Answer:
    return Answer(Answered.REFUSED, f"refused: {why}")
