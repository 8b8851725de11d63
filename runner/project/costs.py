"""The check that a limit of money can hold: the price of every model that it reaches is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models import ServedModel
from runner.models.pricing import chain, is_installed, is_own_address, pricing_of
from runner.project.calls import called_workflow
from runner.project.findings import Finding
from runner.project.phases import AgentBody, ParallelPhase, ToolBody, WorkflowBody
from runner.project.steps import steps
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.project import Project, WorkflowEntry
    from runner.project.steps import AnySpec


def check(project: Project) -> Iterator[Finding]:
    """The models without a known price that a limit of money holds for, each with the first such limit."""
    reasons: dict[str, str] = {}
    for model, limit in _limited(project):
        reasons.setdefault(model, limit)
    for model, limit in reasons.items():
        spec = project.settings.models[model]
        if not pricing_of(spec).is_known:
            what = f"nobody knows what `{model}` costs, and {limit} limits that"
            yield Finding("unknown-price", SETTINGS, ("models", model), what, _hint(spec), at_key=True)


def _limited(project: Project) -> Iterator[tuple[str, str]]:
    """Each model that a limit of money holds for, with the words for that limit."""
    limits = project.settings.limits
    for key in type(limits).model_fields:
        if key.startswith("cost_usd") and getattr(limits, key) is not None:
            yield from _models(project, project.agents, f"`limits.{key}` of {SETTINGS}")
    for agent in project.agents.values():
        if agent.spec.limits.cost_usd is not None:
            yield from _models(project, (agent.name,), f"`limits.cost_usd` of {agent.file}")
    for entry in project.workflows.values():
        if not entry.agent:
            yield from _of_workflow(project, entry)


def _of_workflow(project: Project, entry: WorkflowEntry) -> Iterator[tuple[str, str]]:
    if entry.spec.limits.cost_usd is not None:
        yield from _models(project, _agents_of(project, entry.name), f"`limits.cost_usd` of {entry.file}")
    for step in steps(entry.spec):
        if step.spec.limits.cost_usd is not None:
            limit = f"`limits.cost_usd` of {step.words} in {entry.file}"
            yield from _models(project, _agents(project, step.spec, frozenset()), limit)


def _models(project: Project, agents: Iterable[str], limit: str) -> Iterator[tuple[str, str]]:
    """The models that agents may be answered by, fallbacks included."""
    for agent in agents:
        for name in chain(project.settings.models, project.agents[agent].spec.model):
            yield name, limit


def _agents_of(project: Project, workflow: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The agents that a workflow reaches, by the workflows that it calls too."""
    if workflow in project.workflows and workflow not in seen:
        for step in steps(project.workflows[workflow].spec):
            yield from _agents(project, step.spec, seen | {workflow})


def _agents(project: Project, spec: AnySpec, seen: frozenset[str]) -> Iterator[str]:
    match spec:
        case AgentBody() if spec.agent in project.agents:
            yield spec.agent
            for tool in project.agents[spec.agent].tools:
                yield from _by_tool(project, tool, seen)
        case ToolBody():
            yield from _by_tool(project, spec.tool, seen)
        case ParallelPhase():
            for branch in spec.parallel.values():
                yield from _agents(project, branch, seen)
        case WorkflowBody():
            yield from _agents_of(project, spec.workflow, seen)


def _by_tool(project: Project, name: str, seen: frozenset[str]) -> Iterator[str]:
    tool = project.tools.get(name)
    called = called_workflow(tool) if tool else ""
    if called:
        yield from _agents_of(project, called, seen)


def _hint(spec: object) -> str:
    hint = "add `price: {input: …, output: …}`: US dollars for a million tokens"
    if isinstance(spec, ServedModel) and is_own_address(spec) and not is_installed():
        hint += "; or install the price list with `pip install 'agents-runner[prices]'`"
    return hint
