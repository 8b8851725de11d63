"""What a run can be of: a workflow, an agent alone, a message to whom it fits, or one call of a tool."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from runner.errors import UsageError
from runner.project import targets
from runner.project.project import WorkflowEntry
from runner.project.workflows import WorkflowSpec
from runner.runs.paths import CHAT, TOOL
from runner.spec.cuts import begin_of
from runner.spec.types import Fields, parse_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.project import Project, ToolEntry


def startable(project: Project, name: str) -> WorkflowEntry | None:
    """The workflow that a run of that name walks; None when the project has none."""
    if name == CHAT:
        return chat_of()
    tool = project.tools.get(name.removeprefix(TOOL)) if name.startswith(TOOL) else None
    return project.workflows.get(name) if tool is None else call_of(project, tool)


def call_of(project: Project, tool: ToolEntry) -> WorkflowEntry:
    """A workflow of one phase that calls a tool; its inputs are the tool's, and `target` where a command runs."""
    # A server of tools may have chosen their names: they stand in the templates as quoted words.
    phase: dict[str, Any] = {
        "tool": tool.name,
        "with": {name: f"{{{{ inputs[{json.dumps(name)}] }}}}" for name in tool.params.types},
        "next": [{"when": "phases.call.ok", "to": "pass"}, {"to": "fail"}],
    }
    types = dict(tool.params.types)
    if targets.is_moved(tool):
        phase["target"] = f"{{{{ inputs.{targets.PARAMETER} }}}}"
        types[targets.PARAMETER] = parse_type({"type": "str", "default": targets.default(project.settings)})
    spec = {"description": f"A call of {tool.name}.", "inputs": Fields(types), "phases": {"call": phase}}
    return WorkflowEntry(f"{TOOL}{tool.name}", tool.file, WorkflowSpec.model_validate(spec), tool=tool.name)


@cache
def chat_of() -> WorkflowEntry:
    """A workflow of one phase, in which the agent that a message fits answers it; `agent` is no name until then."""
    phase = {"agent": CHAT, "message": "{{ inputs.text }}"}
    spec = {"description": "A message to whom it fits.", "inputs": {"text": "str"}, "phases": {"answer": phase}}
    return WorkflowEntry(CHAT, "runner.yaml", WorkflowSpec.model_validate(spec))


def inputs_of_call(tool: ToolEntry, arguments: Mapping[str, Any], target: str) -> dict[str, Any]:
    """The inputs of a run of one call; raises `UsageError` for a target of a tool that has none."""
    if not target:
        return dict(arguments)
    if not targets.is_moved(tool):
        hint = "only tools that run a command have a target"
        raise UsageError(
            f"{tool.name} is of kind {tool.kind} and acts from here, not on {begin_of(target, 80)!r}", hint=hint
        )
    return {**arguments, targets.PARAMETER: target}
