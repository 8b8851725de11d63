"""Projects of one workflow, with two agents, a few tools and a prompt around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner.project.agents import AgentSpec, PromptSpec
from runner.project.findings import Finding
from runner.project.graph import checks as graph
from runner.project.memory import Recall
from runner.project.names import checks as names
from runner.project.project import AgentEntry, Pack, Project, ToolEntry, WorkflowEntry
from runner.project.settings import Settings
from runner.project.workflows import WorkflowSpec
from runner.spec.types import parse_fields
from runner.tools.base import ToolSpec
from runner.tools.command import CommandTool
from runner.tools.workflow import WorkflowTool

AGENTS = """
coder: {description: Writes code., prompt: "Write code.", tools: [look, edit]}
planner: {description: Plans., prompt: "Plan.", output: {steps: [str], first: {title: str}}}
reader: {description: Reads., prompt: "Read.", tools: [look]}
"""
TOOLS = """
look: {description: Shows a file., command: [cat, "{{ path }}"], risk: read,
       params: {path: str, lines: {type: int, default: 10}}}
edit: {description: Writes a file., command: [tee, "{{ path }}"], params: {path: str}, timeout: quick}
run_tests: {description: Runs tests., command: [pytest], interrupted: again}
"""
PROMPTS = """
task: {description: Asks., inputs: {goal: str, tone: {type: str, default: kind}},
       template: "{{ goal }} {{ inputs.request }}"}
"""
Load = Callable[..., Project]
Complaints = Callable[[Project], list[str]]


def _tool(name: str, spec: dict[str, Any]) -> ToolEntry:
    kind: type[ToolSpec] = WorkflowTool if "workflow" in spec else CommandTool
    tool = kind.model_validate(spec)
    risk = tool.risk or "write"
    interrupted = tool.interrupted or ("again" if risk == "read" else "ask")
    params = tool.params or parse_fields({})
    file = "tools.d/work.yaml"
    return ToolEntry(
        name, "work", next(k for k in ("workflow", "command") if k in spec), file, tool, params, risk, interrupted
    )


def _answer(agent: str) -> WorkflowEntry:
    phases = {"answer": {"agent": agent, "message": "{{ inputs.text }}"}}
    spec = WorkflowSpec.model_validate({"description": "Answers.", "inputs": {"text": "str"}, "phases": phases})
    return WorkflowEntry(agent, f"agents.d/{agent}.yaml", spec, agent)


def _read(text: str, extra: str) -> dict[str, Any]:
    return {**yaml.safe_load(text), **(yaml.safe_load(extra) or {})}


@pytest.fixture
def project_of() -> Load:
    """Makes a project of the phases of workflow `build`, or of whole workflows by name."""

    def make(phases: str = "", *, agents: str = "", tools: str = "", prompts: str = "", **more: str) -> Project:
        agent_specs = {n: AgentSpec.model_validate(s) for n, s in _read(AGENTS, agents).items()}
        workflows = {name: yaml.safe_load(text) for name, text in more.items()}
        if phases:
            inputs = {
                "request": "str",
                "count": {"type": "int", "default": 3},
                "names": {"type": ["str"], "default": []},
            }
            workflows["build"] = {"inputs": inputs, "phases": yaml.safe_load(phases)}
        entries = {n: _workflow(n, spec) for n, spec in workflows.items()}
        return Project(
            root=Path(),
            revision="r1",
            files={},
            settings=Settings(),
            agents={n: AgentEntry(n, f"agents.d/{n}.yaml", s, s.selectors) for n, s in agent_specs.items()},
            prompts={n: PromptSpec.model_validate(s) for n, s in _read(PROMPTS, prompts).items()},
            packs={"work": Pack("work", "tools.d/work.yaml", "Work.")},
            tools={n: _tool(n, s) for n, s in _read(TOOLS, tools).items()},
            workflows={**entries, **{n: _answer(n) for n in agent_specs}},
        )

    return make


def _workflow(name: str, spec: Mapping[str, Any]) -> WorkflowEntry:
    return WorkflowEntry(
        name, f"workflows/{name}.yaml", WorkflowSpec.model_validate({"description": "Does it.", **spec})
    )


@pytest.fixture
def graph_says() -> Complaints:
    """What the graph checks say of a project, a line each."""
    return lambda project: [_words(finding) for finding in graph.check(project, project, Recall())]


@pytest.fixture
def names_say() -> Complaints:
    """What the checks of templates say of a project, a line each; its inputs are there for those who read them."""

    def say(project: Project) -> list[str]:
        found = names.check(project, project, Recall())
        return [_words(finding) for finding in found if finding.code != "unused-input"]

    return say


def _words(finding: Finding) -> str:
    place = ".".join(str(part) for part in finding.loc)
    line = f"+{finding.line - 1}" if finding.line and finding.line > 1 else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{finding.severity} {finding.code} {finding.file}:{place}{line}: {finding.what}{hint}"
