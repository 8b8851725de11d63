"""The entry of an agent, with the tools that its selectors find, and the workflow that it stands for alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from runner.project.checks.offers import selected
from runner.project.findings import Finding
from runner.project.project import AgentEntry, WorkflowEntry
from runner.project.workflows import WorkflowSpec

if TYPE_CHECKING:
    from runner.project.agents import AgentSpec
    from runner.project.catalogue import Item
    from runner.project.checks.offers import Offers
    from runner.project.findings import Loc

Made = tuple[AgentEntry, WorkflowEntry, list[Finding]]


def agent_entry(item: Item, offers: Offers, last: Made | None) -> Made:
    """An agent, and the workflow that it stands for alone; the same objects while its file and its tools stay alike."""
    spec: AgentSpec = item.spec
    loc: Loc = ("tools", "from") if spec.searches else ("tools",)
    found, findings = selected(spec.selectors, offers.things, item.file, loc, "tool")
    for index, selector in enumerate(spec.selectors):
        refusal = offers.refusal(item.name, selector)
        if refusal:
            findings.append(Finding("not-offered", item.file, (*loc, index), *refusal))
    tools = sorted(name for name in found if offers.may_call(item.name, name))
    if last and last[0].spec is spec and last[0].tools == tuple(tools):
        return last[0], last[1], findings
    entry = AgentEntry(item.name, item.file, spec, tuple(tools))
    return entry, _alone(entry), findings


def _alone(agent: AgentEntry) -> WorkflowEntry:
    """The workflow that a single agent stands for; the parts of it that files say were checked with the agent."""
    pattern = _pattern()
    answer = pattern.phases["answer"].model_copy(update={"agent": agent.name})
    described = {"description": agent.spec.description, "phases": {"answer": answer}}
    return WorkflowEntry(agent.name, agent.file, pattern.model_copy(update=described), agent.name)


@cache
def _pattern() -> WorkflowSpec:
    return WorkflowSpec.model_validate(
        {
            "description": "A single agent.",
            "inputs": {"text": "str"},
            "phases": {"answer": {"agent": "agent", "message": "{{ inputs.text }}"}},
        }
    )
