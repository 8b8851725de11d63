"""`runner agents render`: the exact texts that an agent is given, with inputs and records as they are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import show, show_json
from runner.cli.inputs import typed
from runner.cli.names import pick
from runner.cli.runs.prompts import print_prompts
from runner.cli.workflows import standing
from runner.engine.views import phase_view
from runner.errors import ConfigInvalid, RunnerError, UsageError
from runner.project.about.rendered import Telling, Unrendered, rendered, run_to_come
from runner.project.about.uses import place as place_of
from runner.project.parse import parse
from runner.project.phases import AgentBody
from runner.project.steps import steps
from runner.runs.state import RunState, fold
from runner.spec.types import MISSING

if TYPE_CHECKING:
    from runner.project.project import AgentEntry, Project, WorkflowEntry
    from runner.runs.rows import RunRow


HINT = "give inputs by -i NAME=VALUE, records of phases by --given FILE, or both from a run by --run ID"


@dataclass(frozen=True)
class Past:
    """A run whose values are used."""

    row: RunRow
    state: RunState


@click.command
@click.argument("name")
@click.argument("text", required=False)
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="An input; may be given again.")
@click.option("--phase", metavar="WORKFLOW.PHASE", help="As this phase (or PHASE.BRANCH) of a workflow asks it.")
@click.option("--given", type=click.Path(path_type=Path), metavar="FILE", help="YAML with `phases` and other values.")
@click.option("--run", "run", metavar="ID", help="What it was told in this run; with --phase, with that run's values.")
def render(name: str, text: str | None, pairs: tuple[str, ...], phase: str | None, **more: Any) -> None:
    """Print the exact texts an agent is given: its system prompt and the message.

    Alone it gets TEXT, as by `runner run NAME TEXT`. With --phase it gets what that phase says, made of the workflow's
    inputs (-i, or TEXT) and of the records of other phases: from FILE, such as `phases: {plan: {output: {steps: []}}}`,
    or from a run that was here. A value that lacks is told with the file and line that reads it.
    """
    project = place.project()
    agent = pick("agent", project.agents, name)
    past = _past(more["run"]) if more["run"] else None
    if past and not phase:
        if text is not None or pairs or more["given"]:
            raise UsageError("--run shows what the agent was told; other values need --phase as well")
        _print_told(agent, past)
        return
    workflow, telling = _telling(project, agent, phase)
    values = _values(project, workflow, past)
    values["inputs"] |= _inputs(workflow, text, pairs)
    _add(values, workflow, more["given"])
    if phase is None:
        values["inputs"].setdefault("text", "")
    try:
        system, message = rendered(project, telling, values)
    except Unrendered as error:
        if phase is None:
            raise RunnerError(f"the prompt of {name} cannot be rendered: {error}") from error
        raise UsageError(str(error), hint=HINT) from error
    _print({"agent": name, "phase": phase, "revision": project.revision, "system": system, "message": message})


def _print(data: dict[str, Any]) -> None:
    if options.current().json:
        show_json(data)
        return
    show(data["system"])
    if data["message"]:
        show(f"\n---- message ----\n{data['message']}")


# ------------------------------------------------------------------------------------------------ what is asked


def _telling(project: Project, agent: AgentEntry, phase: str | None) -> tuple[WorkflowEntry, Telling]:
    """The workflow and the step that asks the agent: of its own run when no phase is named."""
    name, _, inner = (phase or f"{agent.name}.answer").partition(".")
    workflow = pick("workflow", standing(project), name) if phase else project.workflows[name]
    asking = {place_of(step): step for step in steps(workflow.spec) if isinstance(step.spec, AgentBody)}
    step = pick(f"agent phase of {name}", asking, inner)
    assert isinstance(step.spec, AgentBody)  # noqa: S101 - the others were left out
    if step.spec.agent != agent.name:
        hint = f"`runner agents render {step.spec.agent} --phase {phase}`"
        raise UsageError(f"phase {phase} asks agent {step.spec.agent}, not {agent.name}", hint=hint)
    output = step.spec.output or agent.spec.output
    return workflow, Telling(agent, workflow.file, (*step.loc, "message"), step.spec.message, output)


# ----------------------------------------------------------------------------------------------------- values


def _values(project: Project, workflow: WorkflowEntry, past: Past | None) -> dict[str, Any]:
    """What templates see: of a run that was here, or as it is before anything has run."""
    state, fields = past.state if past else RunState(), workflow.spec.inputs
    if past and past.row.name != workflow.name:
        raise UsageError(f"run {past.row.id} is of {past.row.name}, not of {workflow.name}")
    defaults = {name: kind.default for name, kind in (fields.types if fields else {}).items() if not kind.required}
    given = state.queued.inputs if state.queued else {}
    phases = {name: phase_view(state, "", name, spec) for name, spec in workflow.spec.phases.items()}
    return {
        "inputs": {name: None if value is MISSING else value for name, value in defaults.items()} | given,
        "phases": phases,
        "run": _run(project, workflow.name, past),
    }


def _run(project: Project, name: str, past: Past | None) -> dict[str, Any]:
    """What a prompt sees of its run: the revision is that of the files which are rendered."""
    run = run_to_come(project, name)
    if past is None:
        return run
    started = datetime.fromtimestamp(past.state.started_at, UTC).isoformat(timespec="seconds")
    return {**run, "id": past.row.id, "workspace": past.row.workspace, "started_at": started}


def _inputs(workflow: WorkflowEntry, text: str | None, pairs: tuple[str, ...]) -> dict[str, Any]:
    values = typed(workflow, text, pairs)
    for name in values:
        pick(f"input of {workflow.name}", workflow.spec.inputs.types if workflow.spec.inputs else {}, name)
    return values


def _add(values: dict[str, Any], workflow: WorkflowEntry, file: Path | None) -> None:
    """Add what a file gives: records by phase, inputs, and further names such as a foreach's item."""
    for name, value in _read(file).items() if file else ():
        if name not in ("phases", "inputs"):
            values[name] = value
            continue
        if not isinstance(value, dict):
            raise UsageError(f"{file}: `{name}` has to be a mapping of names and values")
        for inner, one in value.items():
            values[name][inner] = _record(file, values, inner, one, workflow) if name == "phases" else one


def _record(file: Path | None, values: dict[str, Any], phase: str, given: Any, workflow: WorkflowEntry) -> Any:
    """A phase's record with what a file gives of it; one that says no more was good."""
    pick(f"phase of {workflow.name}", workflow.spec.phases, phase)
    if not isinstance(given, dict):
        hint = f"such as {phase}: {{output: …}} or {phase}: {{ok: false}}"
        raise UsageError(f"{file}: `phases.{phase}` has to be a record", hint=hint)
    return {**values["phases"][phase], "status": "ok", "ok": True, "visits": 1, **given}


def _read(file: Path) -> dict[str, Any]:
    parsed = parse(str(file), file.read_bytes(), empty=True)
    if parsed.faults:
        raise ConfigInvalid(f"{file} cannot be read", parsed.faults)
    return parsed.data or {}


# ------------------------------------------------------------------------------------------------ past runs


def _past(run: str) -> Past:
    with place.store() as store:
        row = store.find(run)
        return Past(row, fold(store.events(row.id)))


def _print_told(agent: AgentEntry, past: Past) -> None:
    """What its models were sent in a run, from the journal."""
    past.state.prompts = {path: told for path, told in past.state.prompts.items() if told.agent == agent.name}
    print_prompts(past.row, past.state)
