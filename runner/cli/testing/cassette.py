"""What answers for the models of a case: its cassette, made anew only by a run that came to its end with answers."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from runner.cli import tapes
from runner.errors import UsageError
from runner.models import ScriptedModel
from runner.models.cassettes import Recorder
from runner.project.cases import FOLDER
from runner.runs.events import AttemptFailed, ModelReplied

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.models.cassettes import Tape
    from runner.project.cases import NamedCase
    from runner.project.project import Project
    from runner.runs.events import AnyEvent

DRAFT = "cassette.yaml"
"""What is recorded, until it is known to be good."""
_CUT_OFF = ("error", "cancelled", "waiting")
"""Verdicts of a run that could have gone on to ask more."""


def place_of(project: Project, case: NamedCase, model: str) -> Path:
    """The file of the case's cassette; raises `UsageError` for one outside of the project."""
    # neither a file nor a case can have a `.` in its name: `all.calls` is nothing but the case `calls` of all.yaml
    name = case.spec.cassette or f"{FOLDER}/cassettes/{case.name.replace('/', '.')}.yaml"
    path = project.root / name
    path = path.parent / model / path.name if model else path
    if not path.resolve().is_relative_to(project.root.resolve()):  # whoever records would write there
        raise UsageError(f"{case.file}: the cassette {name} lies outside of the project", hint="name one inside of it")
    return path


def player(file: Path, project: Project, placed: Project, words: str) -> Tape | None:
    """The cassette that answers, or None for the models themselves; `words` are those that record it."""
    if file.exists():
        return tapes.player(file, placed)
    served = [name for name, spec in placed.settings.models.items() if not isinstance(spec, ScriptedModel)]
    asked = {entry.spec.model for entry in placed.agents.values()} & {*served}
    if not asked:
        return None
    raise UsageError(f"there is no cassette {file.relative_to(project.root)}", hint=f"`{words}` makes it")


def recorder(file: Path, folder: Path, placed: Project) -> Recorder:
    """A draft in `folder` of the cassette `file`; raises `UsageError` when that could not be written later."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            file.open("ab").close()
        else:
            tempfile.TemporaryFile(dir=file.parent).close()
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from error
    return tapes.recorder(folder / DRAFT, placed)


def keep(tape: Recorder, folder: Path, file: Path, against: str) -> str:
    """Put the draft in the cassette's place; where something speaks against it, say so in a line instead."""
    against = against or (f"it could not be written: {tape.fault}" if tape.fault else "")
    if against:
        return (
            f"not recorded: {against}; the cassette {file.name} {'stays as it was' if file.exists() else 'is not made'}"
        )
    file.write_bytes((folder / DRAFT).read_bytes())
    return ""


def why_not(events: Sequence[AnyEvent], verdict: str, expected: str) -> str:
    """Why what a run recorded is no cassette of its case; empty where it is one."""
    last = {event.path: event for event in events if isinstance(event, AttemptFailed | ModelReplied)}
    for path, event in last.items():
        if isinstance(event, AttemptFailed) and event.trouble != "interrupted":
            return f"the model call {path} failed"
    if verdict in _CUT_OFF and verdict != expected:
        return f"the run {'waits' if verdict == 'waiting' else f'ended in {verdict}'}"
    return ""
