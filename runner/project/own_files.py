"""A project's files that are no tool's: those that hold secrets, and those that say what agents may do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runner.secrets.env_file import ENV_FILE
from runner.spec.layout import KNOWN_HOSTS, SETTINGS, TOP_FOLDERS

if TYPE_CHECKING:
    from runner.project.project import Project


def secret_files(project: Project) -> list[Path]:
    """The file of secrets, and the private keys that are shown to hosts; no tool reads them."""
    named = (project.root / Path(spec.key).expanduser() for spec in project.hosts.values() if spec.key)
    return [project.root / ENV_FILE, *dict.fromkeys(key for key in named if key.is_file())]


def ruling_files(project: Project) -> list[Path]:
    """The settings, the project's folders, and which hosts are who they say; no tool changes them."""
    names = (SETTINGS, *TOP_FOLDERS, *([KNOWN_HOSTS] if project.hosts else []))
    return [project.root / name for name in names]
