"""A message that names no agent gets one, as the first thing of its run: the choice and its scores are journaled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from runner.engine.routing.router import LATEST, route, settled
from runner.engine.turns.model_calls import Asked, ask_model
from runner.errors import StepFailed
from runner.models.port import Message
from runner.project.agents import AgentSpec
from runner.project.project import AgentEntry
from runner.runs.events import AgentChosen
from runner.runs.paths import CHOICE

if TYPE_CHECKING:
    from runner.engine.steps.step import Step

ROUTER = "router"
"""Who asks the model of a close call, where calls of models are counted by agent."""
TOLD = 20
"""Candidates that the journal keeps, the best."""


async def chosen(step: Step, message: str) -> str:
    """The agent that answers; raises `StepFailed` when none fits."""
    ctx = step.ctx
    if step.path in ctx.state.chosen:
        return ctx.state.chosen[step.path].agent
    close = route(ctx.project, message, ctx.passed(LATEST))
    routed = await settled(close, ctx.project, message, partial(_answer, step))
    if not routed.agent:
        hint = "`router: {fallback: NAME}` in runner.yaml names an agent for such messages"
        raise StepFailed(routed.reason, hint=hint)
    best = routed.candidates[:TOLD]
    event = AgentChosen(path=step.path, agent=routed.agent, how=routed.how, reason=routed.reason, candidates=best)
    return ctx.append(event).agent


async def _answer(step: Step, question: str) -> str:
    """What the model of a close call says; the call has its limits, costs and events as any other."""
    place = f"{step.path}/{CHOICE}"
    reply = step.ctx.state.replies.get(place)
    if reply is None:
        reply = await ask_model(step, _router(step), place, Asked([Message("user", question)]))
    return reply.text


def _router(step: Step) -> AgentEntry:
    """The model's caller; it has no tools, and nothing that is said to it is obeyed."""
    model = step.ctx.project.settings.router.model
    spec = {"description": "Chooses.", "prompt": "-", "model": model, "timeout": "quick"}
    return AgentEntry(ROUTER, "runner.yaml", AgentSpec.model_validate(spec), ())
