"""Ask a person and wait, durably: the question is on disk before anyone can see it, its answer counts once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from runner.engine.steps import budget
from runner.runs.events import ApprovalAsked, ApprovalDecided, Waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.steps.budget import Budget
    from runner.engine.steps.context import RunContext

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is shown; `after` is the event behind which an earlier answer no longer counts."""

    reason: Literal["phase", "policy", "interrupted", "revision"]
    ask: str
    show: str = ""
    tool: str = ""
    arguments: Mapping[str, Any] | None = None
    by: tuple[str, ...] = ()
    rule: str = ""
    agent: str = ""
    targets: tuple[str, ...] = ()
    cwd: str = ""
    env: tuple[str, ...] = ()
    seconds: float = DAY
    after: int = -1

    def shown(self, revision: str) -> str:
        """The sha256 of all that the person sees, and of the revision it was asked under."""
        call = [self.tool, self.arguments, self.agent, self.targets, self.cwd, self.env]
        seen = [revision, self.ask, self.show, self.rule, *call]
        return hashlib.sha256(json.dumps(seen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def ask(ctx: RunContext, path: str, question: Question, budgets: tuple[Budget, ...] = ()) -> ApprovalDecided:
    """The answer, or `expired` once the deadline has passed; the limits of `budgets` go on counting.

    An answer counts for what was shown: under another revision, or for other words, the question is asked anew.
    """
    seen = {"ask": question.ask, "show": question.show, "arguments": question.arguments and dict(question.arguments)}
    question = replace(question, **ctx.bench.redact(seen))
    asked = ctx.state.approval(path, question.reason, question.after)
    if asked is None or asked.question.shown != question.shown(ctx.project.revision):
        if asked is not None and asked.answer is None:  # what it asks about is not what would be done
            ctx.append(ApprovalDecided(path=path, approval=asked.question.approval, decision="void"))
        ctx.append(_asked(ctx, path, question))
        await ctx.flush()
        asked = ctx.state.approval(path, question.reason, question.after)
        assert asked is not None  # noqa: S101 - just appended
    while asked.answer is None:
        now = ctx.clock()
        budget.check_clocks(ctx.state, budgets, now)
        if now >= asked.question.deadline:
            ctx.append(ApprovalDecided(path=path, approval=asked.question.approval, decision="expired"))
            break
        until = budget.no_later(asked.question.deadline, ctx.state, budgets)
        await ctx.wait(Waiting(kind="approval", path=path, until=until))
    assert asked.answer is not None  # noqa: S101 - the loop ends with an answer
    return asked.answer


def _asked(ctx: RunContext, path: str, question: Question) -> ApprovalAsked:
    return ApprovalAsked(
        path=path,
        approval=f"{ctx.run}-{len(ctx.state.asked) + 1}",
        reason=question.reason,
        ask=question.ask,
        show=question.show,
        tool=question.tool,
        arguments=dict(question.arguments) if question.arguments is not None else None,
        by=list(question.by),
        deadline=ctx.clock() + question.seconds,
        shown=question.shown(ctx.project.revision),
        rule=question.rule,
        agent=question.agent,
        targets=list(question.targets),
        cwd=question.cwd,
        env=list(question.env),
        revision=ctx.project.revision,
    )
