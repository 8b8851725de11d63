"""What files say of runner.yaml and of each other outside the graph: models, timeouts, rules."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.project.checks import denied_calls, shadows
from runner.project.checks.offers import hint_for
from runner.project.findings import Finding
from runner.project.settings import BUILT_IN_TIMEOUTS
from runner.project.targets import ALL_HOSTS, grounds
from runner.spec import parse_duration
from runner.spec.durations import timeout_hint
from runner.spec.selectors import Selectables, matches
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from runner.models import ModelSpec
    from runner.policy import Rule
    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import AgentEntry, Project, WorkflowEntry


def check(project: Project, seen: Project, recall: Recall, tools: Selectables) -> Iterator[Finding]:
    """Every name that leads nowhere; `seen` is the project's view, `tools` finds them by selectors."""
    models, timeouts = project.settings.models, {**BUILT_IN_TIMEOUTS, **project.settings.timeouts}
    risks = recall.same("risks", {name: tool.risks for name, tool in project.tools.items()})
    reach = shadows.Reach(tools, risks)
    yield from _rules(project, tools, reach, "runner.yaml", project.settings.permissions)
    yield from _fallbacks(project.settings.models)
    for agent in project.agents.values():
        if agent.spec.model not in models:
            yield _unknown_model(agent, models)
        if agent.spec.timeout not in timeouts:
            yield from _timeout(timeouts, agent.file, ("timeout",), agent.spec.timeout)
    for tool in project.tools.values():
        if tool.spec.timeout is not None and tool.spec.timeout not in timeouts:
            yield from _timeout(timeouts, tool.file, ("tools", tool.name, "timeout"), tool.spec.timeout)
    holders: Sequence[AgentEntry | WorkflowEntry] = (*project.agents.values(), *project.declared_workflows.values())
    ruled = {entry.file: entry for entry in holders if entry.spec.permissions}
    told = recall.each(
        "rules",
        lambda file: tuple(_rules(seen, tools, reach, file, ruled[file].spec.permissions)),
        ruled,
        tools,
        risks,
        grounds(project, recall),
    )
    yield from chain.from_iterable(told)
    yield from denied_calls.check(project, seen, recall)


def _fallbacks(models: Mapping[str, ModelSpec]) -> Iterator[Finding]:
    for name, spec in models.items():
        for index, other in enumerate(spec.fallback):
            loc = ("models", name, "fallback", index)
            if other == name:
                yield Finding("unknown-model", "runner.yaml", loc, f"`{name}` is no fallback of itself", "take it away")
            elif other not in models:
                hint = did_you_mean(other, models) or _models_hint(other, models)
                yield Finding("unknown-model", "runner.yaml", loc, f"there is no model `{other}`", hint)


def _unknown_model(agent: AgentEntry, models: Collection[str]) -> Finding:
    hint = did_you_mean(agent.spec.model, models) or _models_hint(agent.spec.model, models)
    return Finding("unknown-model", agent.file, ("model",), f"there is no model `{agent.spec.model}`", hint)


def _models_hint(name: str, models: Collection[str]) -> str:
    if models:
        return f"runner.yaml has: {', '.join(models)}; a provider's model gets its name there, under `models`"
    return f"add to runner.yaml: models: {{{name}: {{provider: ollama, model: qwen3:8b}}}}"


def _timeout(known: Collection[str], file: str, loc: Loc, name: str) -> Iterator[Finding]:
    try:
        parse_duration(name)
    except ValueError:
        what = f"`{name}` is no timeout class and no duration"
        yield Finding("unknown-timeout", file, loc, what, timeout_hint(name, known))


def _rules(
    project: Project, tools: Selectables, reach: shadows.Reach, file: str, rules: Sequence[Rule]
) -> Iterator[Finding]:
    if len(rules) > 1:
        yield from shadows.check(file, rules, reach)
    for index, rule in enumerate(rules):
        loc = ("permissions", index)
        if rule.tool and not tools.find(rule.tool):
            names = [thing.name for thing in tools.things]
            names += sorted({f"{thing.pack}/*" for thing in tools.things})
            yield _idle(file, (*loc, "tool"), rule.tool, "tool", did_you_mean(rule.tool, names))
        if rule.agent and rule.agent not in project.agents and not any(matches(rule.agent, a) for a in project.agents):
            yield _idle(file, (*loc, "agent"), rule.agent, "agent", did_you_mean(rule.agent, project.agents))
        # A rule about all hosts is no mistake in a project that has none yet.
        if rule.target and rule.target != ALL_HOSTS and not project.targets.find(rule.target):
            hint = hint_for(rule.target, "target", project.targets.things)
            yield _idle(file, (*loc, "target"), rule.target, "target", hint)


def _idle(file: str, loc: Loc, selector: str, what: str, hint: str) -> Finding:
    return Finding("unknown-selector", file, loc, f"`{selector}` finds no {what}: the rule would never hold", hint)
