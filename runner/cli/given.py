"""Values that templates see, as somebody gives them: from a file, or as they were in a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.cli import place
from runner.cli.names import pick
from runner.engine.steps.views import phase_view
from runner.errors import ConfigInvalid, UsageError
from runner.project.names import samples
from runner.project.parsing.parse import parse
from runner.runs.state import fold
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from runner.project.project import Project, WorkflowEntry
    from runner.runs.rows import RunRow
    from runner.runs.state import RunState


_TABLES = ("phases", "inputs", "run")
"""What a file may give besides the item of a foreach."""


@dataclass(frozen=True)
class Past:
    """A run that was here."""

    row: RunRow
    state: RunState


def past(run: str) -> Past:
    """The run whose id begins so; raises `UsageError`."""
    with place.store() as store:
        row = store.find(run)
        return Past(row, fold(store.events(row.id)))


def before(project: Project, workflow: WorkflowEntry) -> dict[str, Any]:
    """What templates see before there is a run: samples, no inputs."""
    phases = samples.of_phases(project, workflow.spec)
    return {"inputs": {}, "phases": phases, "run": samples.of_run(project, workflow.name)}


def then(project: Project, workflow: WorkflowEntry, run: Past) -> dict[str, Any]:
    """What templates see at the end of a run of this workflow; the revision is that of the files as they are now."""
    row, state = run.row, run.state
    if row.name != workflow.name:
        raise UsageError(f"run {row.id} is of {row.name}, not of {workflow.name}")
    started = datetime.fromtimestamp(state.started_at, UTC).isoformat(timespec="seconds")
    known = {"id": row.id, "workspace": row.workspace, "started_at": started}
    return {
        "inputs": dict(state.queued.inputs) if state.queued else {},
        "phases": {name: phase_view(state, "", name, spec) for name, spec in workflow.spec.phases.items()},
        "run": {**samples.of_run(project, workflow.name), **known},
    }


def add(values: dict[str, Any], workflow: WorkflowEntry, file: Path) -> None:
    """Add what a YAML file gives: records under `phases`, `inputs`, values of `run`, and the item of a foreach."""
    items = {name for spec in workflow.spec.phases.values() for name in samples.of_item(spec)}
    for name, value in _read(file).items():
        if name in items:
            values[name] = value
            continue
        _refuse_unknown(file, "name", name, [*_TABLES, *sorted(items)])
        if not isinstance(value, dict):
            raise UsageError(f"{file}: `{name}` has to be a mapping of names and values")
        for key in value if name == "run" else ():
            _refuse_unknown(file, "value of `run`", key, values["run"])
        values[name] |= {
            key: _record(file, values, workflow, key, one) if name == "phases" else one for key, one in value.items()
        }


def _refuse_unknown(file: Path, kind: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        hint = did_you_mean(str(name), known) or f"there are: {', '.join(known)}"
        raise UsageError(f"{file}: there is no {kind} `{name}` that a template could read", hint=hint)


def _record(file: Path, values: dict[str, Any], workflow: WorkflowEntry, phase: str, given: Any) -> dict[str, Any]:
    """A phase's record with what a file gives of it; one that says no more was good."""
    pick(f"phase of {workflow.name}", workflow.spec.phases, phase)
    if not isinstance(given, dict):
        hint = f"such as {phase}: {{output: …}} or {phase}: {{ok: false}}"
        raise UsageError(f"{file}: `phases.{phase}` has to be a record", hint=hint)
    for key in given:
        _refuse_unknown(file, f"part of `phases.{phase}`", key, values["phases"][phase])
    return {**values["phases"][phase], "status": "ok", "ok": True, "visits": 1, **given}


def _read(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"--given {file} cannot be read: {error.strerror or error}") from error
    parsed = parse(str(file), content, empty=True)
    if parsed.faults:
        raise ConfigInvalid(f"{file} cannot be read", parsed.faults, files={str(file): content})
    return parsed.data or {}
