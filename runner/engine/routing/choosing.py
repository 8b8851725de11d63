"""A message that names no agent gets one, as the first thing of its run: the choice and its scores are journaled."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from runner.engine.routing.router import LATEST, among, route, settled
from runner.engine.turns.model_calls import Asked, ask_model
from runner.errors import StepFailed
from runner.models.port import Message
from runner.project.agents import AgentSpec
from runner.project.project import AgentEntry
from runner.project.settings import ROUTER
from runner.runs.events import AgentChosen
from runner.runs.paths import CHOICE

if TYPE_CHECKING:
    from runner.engine.routing.router import Routed
    from runner.engine.steps.step import Step

TOLD = 20
"""Candidates that the journal keeps, the best."""


async def chosen(step: Step, message: str) -> str:
    """The agent that answers; raises `StepFailed` when none fits."""
    ctx = step.ctx
    choice = ctx.state.chosen.get(step.path)
    if choice is None:
        fits = route(ctx.project, message, ctx.passed(LATEST))
        routed = _kept(step, await settled(fits, ctx.project, message, partial(_answer, step)))
        best = routed.candidates[:TOLD]
        event = AgentChosen(path=step.path, agent=routed.agent, how=routed.how, reason=routed.reason, candidates=best)
        choice = ctx.append(event)
    if not choice.agent:
        hint = "`router: {fallback: NAME}` in runner.yaml names an agent for such messages"
        raise StepFailed(choice.reason, hint=hint)
    return choice.agent


def _kept(step: Step, routed: Routed) -> Routed:
    """In a conversation, what fits nobody is for the agent that answered last: `and tomorrow?` means what it said."""
    queued = step.ctx.state.queued
    last = queued.answered if queued else ""
    if routed.how not in ("fallback", "none") or last not in among(step.ctx.project):
        return routed
    reason = f"no agent fits, and {last} answered last in this conversation"
    return replace(routed, agent=last, how="previous", reason=reason)


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
