"""Accept a run: find what is named, check its inputs, settle its workspace; every refusal is the caller's to mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from runner.engine.calls.targeting import found_targets
from runner.engine.former import Former
from runner.engine.steps.step import workspace
from runner.errors import StepFailed, ToolFailed, UsageError
from runner.project.messages import check_message
from runner.project.startable import startable
from runner.project.targets import PARAMETER, is_moved
from runner.prompts import RenderError, template
from runner.runs.events import RunQueued
from runner.runs.paths import CHAT, TOOL
from runner.runs.sandboxes.places import SANDBOX
from runner.spec.layout import DIGITS, short
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from runner.git import Commit
    from runner.project.project import Project, ToolEntry, WorkflowEntry


@dataclass(frozen=True, slots=True)
class Start:
    """What somebody wants started; `key` makes it start once."""

    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    key: str = ""
    at: str = ""
    """Files other than those in use: a kept revision (or the beginning of it), or a commit's name."""
    kind: Literal["", "agent", "chat", "tool", "workflow"] = ""
    """What the name has to be."""
    dry: bool = False
    """Whether only what reads is done, and all else told."""
    trigger: str = ""
    """The trigger that begins it, and the moment of its cadence."""
    tick: float = 0.0
    previous: str = ""
    """The run whose conversation it goes on with."""
    repeats: RunQueued | None = None
    """The beginning of the run whose inputs these are: it works where that one did."""


def message(agent: str, text: str, by: str, *, key: str = "", previous: str = "") -> Start:
    """The start of a message to an agent, or to the one that it fits when none is named."""
    kind: Literal["agent", "chat"] = "agent" if agent else "chat"
    return Start(agent or CHAT, {"text": text}, by=by, key=key, kind=kind, previous=previous)


class Own(NamedTuple):
    """What a run has of its own before it begins: its id, where the workspace of a run's own lies, what was said."""

    run: str
    work: Callable[[str], Path]
    former: Former = Former()


def again(first: RunQueued, by: str, key: str, at: str) -> Start:
    """The same as a run that was begun before, with the files of its own revision unless others are named."""
    at = at or first.revision
    return Start(
        first.name,
        first.inputs,
        by=by,
        key=key,
        at=at,
        kind=first.kind,
        dry=first.dry,
        previous=first.previous,
        repeats=first,
    )


def queued(project: Project, now: Project, start: Start, commit: Commit, own: Own) -> RunQueued:
    """The first event of a run with a project's files, where those of `now` are in force; raises `UsageError`."""
    entry = _entry(project, start)
    inputs = _inputs(entry, start)
    if entry.tool:
        _check_call(project, project.tools[entry.tool], inputs)
    sandbox = _sandbox(entry, start.repeats, own.run)
    return RunQueued(
        kind=entry.kind,
        name=start.name,
        inputs=inputs,
        revision=project.revision,
        commit=commit.sha,
        dirty=commit.dirty,
        workspace=str(own.work(sandbox)) if sandbox else _workspace(project, now, entry, inputs, start.repeats),
        sandbox=sandbox,
        by=start.by,
        rerun_of=start.repeats.run if start.repeats else "",
        trigger=start.trigger,
        tick=start.tick,
        dry=start.dry,
        previous=start.previous,
        said=own.former.said,
        answered=own.former.agent,
        tainted=own.former.tainted,
    )


def _entry(project: Project, start: Start) -> WorkflowEntry:
    entry = startable(project, start.name)
    if entry is None and start.kind == "tool":
        name = start.name.removeprefix(TOOL)
        raise UsageError(f"there is no tool `{name}`{_at(start)}", hint=did_you_mean(name, project.tools))
    if entry is None and start.kind == "agent":
        raise UsageError(f"there is no agent `{start.name}`{_at(start)}", hint=_hint(start.name, project.agents))
    if entry is None or (entry.kind in ("tool", "chat") and start.kind not in ("", entry.kind)):
        hint = _hint(start.name, project.workflows)
        raise UsageError(f"there is no agent or workflow `{start.name}`{_at(start)}", hint=hint)
    if start.kind == "agent" and not entry.agent:
        raise UsageError(f"`{start.name}` is a workflow, not an agent{_at(start)}", hint='say {"workflow": …}')
    return entry


def _hint(name: str, things: Iterable[str]) -> str:
    known = sorted(things)
    there = f"there are: {', '.join(known)}" if known else "the project has none yet: add agents.d/NAME.yaml"
    return did_you_mean(name, known) or there


def _inputs(entry: WorkflowEntry, start: Start) -> dict[str, Any]:
    hint = f"`runner run {entry.name}` begins it with other inputs" if start.repeats else ""
    if entry.spec.inputs is None:
        if start.inputs:
            names = ", ".join(start.inputs)
            raise UsageError(f"{entry.name} takes no inputs{_at(start)}, and was given {names}", hint=hint)
        return {}
    try:
        inputs = dict(entry.spec.inputs.check(start.inputs))
    except ValueError as error:
        raise UsageError(f"inputs of {entry.name}{_at(start)}: {error}", hint=hint) from error
    if entry.agent or entry.kind == "chat":
        check_message(inputs["text"])
    return inputs


def _check_call(project: Project, tool: ToolEntry, inputs: Mapping[str, Any]) -> None:
    """Refuse what a person would only learn from a run that fails at once."""
    if not tool.spec.enabled:
        raise UsageError(f"the tool `{tool.name}` is off", hint=f"{tool.file} says `enabled: false`")
    try:
        if is_moved(tool):
            found_targets(project, tool, inputs[PARAMETER])
    except ToolFailed as error:
        raise UsageError(error.message, hint=error.hint) from error


def _at(start: Start) -> str:
    """Which files are meant, if they are not those in use."""
    if not start.at:
        return ""
    return f" at {short(start.at) if len(start.at) == DIGITS else start.at}"


def _sandbox(entry: WorkflowEntry, repeats: RunQueued | None, run: str) -> str:
    """Whose sandbox a run works in: that of the run that it repeats, or its own; empty when it works elsewhere."""
    if repeats is not None and repeats.sandbox:
        return repeats.sandbox
    return run if entry.spec.workspace == SANDBOX else ""


def _workspace(
    project: Project, now: Project, entry: WorkflowEntry, inputs: Mapping[str, Any], repeats: RunQueued | None
) -> str:
    wanted = project.settings.workspaces[0]
    try:
        if repeats is not None:
            wanted = repeats.workspace
        elif entry.spec.workspace:
            wanted = template(entry.spec.workspace).render({"inputs": inputs})
        return str(workspace(project, now, wanted))
    except RenderError as error:
        raise UsageError(f"the workspace of {entry.name} cannot be rendered: {error}") from error
    except StepFailed as error:
        raise UsageError(error.message, hint=error.hint) from error
