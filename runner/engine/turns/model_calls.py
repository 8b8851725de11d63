"""A model call as a step: limits, the account of its attempts, the reply in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.engine.steps import budget
from runner.engine.turns import costs
from runner.engine.turns.attempts import Account
from runner.engine.turns.conversation import first
from runner.engine.turns.patience import longer
from runner.errors import ModelFailed, StepFailed
from runner.models.calling.tokens import estimate
from runner.models.port import Deadline, Place, Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.engine.steps.step import Step
    from runner.models.port import Message, ToolDef
    from runner.project.project import AgentEntry
    from runner.runs.events import ModelReplied


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is asked; `turn` counts the model calls of a visit, 0 is for one beside them."""

    messages: Sequence[Message]
    tools: Sequence[ToolDef] = ()
    schema: Mapping[str, Any] | None = None
    turn: int = 0


async def ask_model(step: Step, entry: AgentEntry, path: str, asked: Asked) -> ModelReplied:
    """The reply of the agent's model at a path that has none yet; raises StepFailed when there is no answer."""
    ctx = step.ctx
    bounds = ctx.project.timeout(step.timeout or entry.spec.timeout).model
    request = Request(
        messages=asked.messages,
        tools=asked.tools,
        schema=asked.schema,
        deadline=Deadline(bounds[1]),  # each attempt gets its own
        place=Place(entry.name, step.phase, step.visit, asked.turn),
        sampling=entry.spec.sampling,
        max_tokens=costs.most_output(step, entry),
        cache_key=f"{ctx.run}/{first(ctx.state, step.path)}",
    )
    account = Account(step, entry, path, request)
    account.close_former()
    budget.check(ctx.state, step.budgets, ctx.clock())
    try:
        account.replied(await ctx.bench.caller.ask(entry.spec.model, request, bounds, estimate(request), account))
    except StepFailed as failure:
        step.seconds_left()  # a call cut short by a limit has used that limit up
        if failure.match == "timeout":
            failure.hint = longer(step, entry)
        if isinstance(failure, ModelFailed) and failure.trouble == "empty":
            more = f"`sampling` of {entry.file} may leave it too few `max_tokens`"
            failure.hint = f"name a `fallback` of models.{entry.spec.model} in runner.yaml; {more}"
        raise
    return ctx.state.replies[path]
