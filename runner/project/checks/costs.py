"""The check that a limit of money can hold: the price of every model that it reaches is known, and a call fits in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from runner.models import ServedModel
from runner.models.chains import chain
from runner.models.pricing import MOST_OUTPUT, is_installed, pricing_of
from runner.models.providers import is_own
from runner.project.findings import Finding
from runner.project.phases import AgentBody, ParallelPhase, ToolBody, WorkflowBody
from runner.project.steps import steps
from runner.spec.layout import SETTINGS
from runner.spec.money import format_micros, micros

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.models import ScriptedModel
    from runner.project.agents import AgentSpec
    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import Project, WorkflowEntry
    from runner.project.steps import AnySpec


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit of money, and where it stands."""

    file: str
    loc: Loc
    most: float
    """US dollars."""
    words: str


def check(project: Project, recall: Recall) -> Iterator[Finding]:
    """The models without a known price that a limit of money holds for, and the limits that no call fits in."""
    reasons: dict[str, str] = {}
    small: dict[_Limit, Finding] = {}
    for agent, limit in _limited(project, recall):
        for model in chain(project.settings.models, project.agents[agent].spec.model):
            reasons.setdefault(model, limit.words)
        if limit not in small:
            small.update((limit, finding) for finding in _too_small(project, project.agents[agent].spec, limit))
    for model, words in reasons.items():
        spec = project.settings.models[model]
        if not pricing_of(spec).is_known:
            what = f"nobody knows what `{model}` costs, and {words} limits that"
            yield Finding("unknown-price", SETTINGS, ("models", model), what, _hint(spec), at_key=True)
    yield from small.values()


def _too_small(project: Project, agent: AgentSpec, limit: _Limit) -> Iterator[Finding]:
    """A call is not made unless its longest answer could be paid for, whatever it sends."""
    spec = project.settings.models.get(agent.model)
    output = agent.sampling.max_tokens or MOST_OUTPUT
    price = _price(spec, output) if spec else 0
    if price > micros(limit.most):
        what = f"{limit.words} allows less than one call of `{agent.model}` may cost: {format_micros(price)}"
        hint = f"that is for an answer of {output:,} tokens: `sampling.max_tokens` of the agent makes it less"
        yield Finding("small-limit", limit.file, limit.loc, what, hint, "warning")


@lru_cache(maxsize=256)
def _price(spec: ServedModel | ScriptedModel, output: int) -> int:
    """What a call that sends nothing may cost; 0 where nobody knows."""
    return pricing_of(spec).most(0, output)


def _limited(project: Project, recall: Recall) -> Iterator[tuple[str, _Limit]]:
    """Each agent that a limit of money holds for, with the limit."""
    limits = project.settings.limits
    for key in type(limits).model_fields:
        most = getattr(limits, key)
        if key.startswith("cost_usd") and most is not None:
            limit = _Limit(SETTINGS, ("limits", key), most, f"`limits.{key}` of {SETTINGS}")
            yield from ((agent, limit) for agent in project.agents)
    for agent in project.agents.values():
        if agent.spec.limits.cost_usd is not None:
            yield agent.name, _own(agent.file, (), agent.spec.limits.cost_usd, agent.file)
    declared = project.declared_workflows
    written = recall.each("limits of money", lambda name: tuple(_written(declared[name])), declared)
    for entry, found in zip(declared.values(), written, strict=True):
        for limit, step in found:
            reached = _agents(project, step, frozenset()) if step else _agents_of(project, entry.name)
            yield from ((agent, limit) for agent in reached)


def _written(entry: WorkflowEntry) -> Iterator[tuple[_Limit, AnySpec | None]]:
    """The limits of a workflow, each with the step that it is of, if it is not of the whole."""
    if entry.spec.limits.cost_usd is not None:
        yield _own(entry.file, (), entry.spec.limits.cost_usd, entry.file), None
    for step in steps(entry.spec):
        if step.spec.limits.cost_usd is not None:
            whose = f"{step.words} in {entry.file}"
            yield _own(entry.file, step.loc, step.spec.limits.cost_usd, whose), step.spec


def _own(file: str, loc: Loc, most: float, whose: str) -> _Limit:
    return _Limit(file, (*loc, "limits", "cost_usd"), most, f"`limits.cost_usd` of {whose}")


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
    called = tool.child if tool else ""
    if called:
        yield from _agents_of(project, called, seen)


def _hint(spec: object) -> str:
    hint = "add `price: {input: …, output: …}`: US dollars for a million tokens"
    if isinstance(spec, ServedModel) and is_own(spec.provider, spec.base_url) and not is_installed():
        hint += "; or install the price list with `pip install 'agents-runner[prices]'`"
    return hint
