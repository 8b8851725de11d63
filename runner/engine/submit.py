"""Accept a run: find what is named, check its inputs, settle its workspace; every refusal is the caller's to mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.engine.step import workspace
from runner.errors import StepFailed, UsageError
from runner.prompts import RenderError, template
from runner.runs.events import RunQueued
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.git import Commit
    from runner.project.project import Project, WorkflowEntry


@dataclass(frozen=True, slots=True)
class Start:
    """What somebody wants started; `key` makes it start once, `revision` is a digest (empty: the current one)."""

    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    key: str = ""
    revision: str = ""


def queued(project: Project, start: Start, commit: Commit) -> RunQueued:
    """The first event of the run; raises `UsageError`."""
    entry = project.workflows.get(start.name)
    if entry is None:
        raise UsageError(f"there is no agent or workflow `{start.name}`", hint=_hint(start.name, project))
    inputs = _inputs(entry, start.inputs)
    return RunQueued(
        kind="agent" if entry.agent else "workflow",
        name=start.name,
        inputs=inputs,
        revision=project.revision,
        commit=commit.sha,
        dirty=commit.dirty,
        workspace=_workspace(project, entry, inputs),
        by=start.by,
    )


def _hint(name: str, project: Project) -> str:
    known = sorted(project.workflows)
    there = f"there are: {', '.join(known)}" if known else "the project has none yet: add agents.d/NAME.yaml"
    return did_you_mean(name, known) or there


def _inputs(entry: WorkflowEntry, given: Mapping[str, Any]) -> dict[str, Any]:
    if entry.spec.inputs is None:
        if given:
            raise UsageError(f"{entry.name} takes no inputs, and was given {', '.join(given)}")
        return {}
    try:
        return dict(entry.spec.inputs.check(given))
    except ValueError as error:
        raise UsageError(f"inputs of {entry.name}: {error}") from error


def _workspace(project: Project, entry: WorkflowEntry, inputs: Mapping[str, Any]) -> str:
    allowed = project.settings.workspaces
    try:
        wanted = template(entry.spec.workspace).render({"inputs": inputs}) if entry.spec.workspace else allowed[0]
        return str(workspace(project, wanted))
    except RenderError as error:
        raise UsageError(f"the workspace of {entry.name} cannot be rendered: {error}") from error
    except StepFailed as error:
        raise UsageError(error.message, hint=error.hint) from error
