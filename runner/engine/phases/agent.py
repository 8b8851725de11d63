"""Phase kind `agent`: an agent answers a message, turn by turn, with its tools (rule R7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from runner.engine.routing.choosing import chosen
from runner.engine.steps.budget import Budget
from runner.engine.turns.loop import converse
from runner.engine.turns.telling import latest, told
from runner.project.render import render_message, render_system
from runner.runs.paths import CHAT

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.phases import AgentBody, AgentPhase
    from runner.project.project import AgentEntry
    from runner.runs.events import PromptRendered
    from runner.runs.record import Record


async def run(step: Step) -> Record:
    """Render the prompts once, then converse until there is an answer that fits."""
    spec = cast("AgentBody", step.spec)
    name = spec.agent if spec.agent != CHAT else await chosen(step, _message(step, spec))
    entry = step.ctx.project.agents[name]
    own = Budget(step.path, entry.spec.limits, f"agent {entry.name} in `{step.path}`", entry.file)
    step = replace(step, budgets=(*step.budgets, own))
    if step.path not in step.ctx.state.prompts:
        step.ctx.append(_rendered(step, spec, entry))
    return await converse(step, entry, spec.output or entry.spec.output)


def _rendered(step: Step, spec: AgentBody, entry: AgentEntry) -> PromptRendered:
    project, values = step.ctx.project, step.values()
    output = spec.output or entry.spec.output
    system = step.rendering(lambda: render_system(project, entry, output, values["run"]))
    return told(entry, step.path, system, _message(step, spec), _continued(step, spec))


def _message(step: Step, spec: AgentBody) -> str:
    values = step.values()
    text: str = step.rendering(lambda: render_message(step.ctx.project, spec.message, values))
    return text


def _continued(step: Step, spec: AgentBody) -> str:
    """The path of the last conversation of the phase that `continue` names."""
    name = cast("AgentPhase", spec).continue_ if hasattr(spec, "continue_") else None
    return "" if name is None else latest(step.ctx.state, step.walk.scope, name, step.path)
