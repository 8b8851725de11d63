"""The cassettes of a project: its folder is hidden on them, and so are its secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import secrets
from runner.models import needs_key
from runner.models.cassettes import Player, Recorder
from runner.models.cassettes.plain import Places

if TYPE_CHECKING:
    from pathlib import Path

    from runner.project.project import Project


def recorder(file: Path, project: Project) -> Recorder:
    """A cassette to be made."""
    return Recorder(file, _places(project))


def player(file: Path, project: Project) -> Player:
    """A cassette to answer from; raises `UsageError` or `ConfigInvalid`."""
    return Player(file, _places(project))


def _places(project: Project) -> Places:
    keys = {name for spec in project.settings.models.values() if (name := needs_key(spec))}
    return Places(str(project.root), secrets.guarded(project.secrets | keys, project.root).redact)
