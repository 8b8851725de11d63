"""What on this machine is runner's own: places that no tool reads, and files that none changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runner.project import std
from runner.project.own_files import ruling_files, secret_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.project import Project
    from runner.runs.store import Store


class Places(NamedTuple):
    """Absolute paths: nobody reads what is at and below the `closed` ones, or changes what is at the `fixed` ones."""

    closed: Sequence[str]
    fixed: Sequence[str]


def own_places(project: Project, store: Store) -> Places:
    """The store and the secrets; and the project's files: its folders whole, others by name or behind a link."""
    root = project.root.resolve()
    places = [root / place.relative_to(project.root) for place in ruling_files(project)]
    files = {(root / name).resolve() for name in project.files if not name.startswith(std.PREFIX)}
    elsewhere = sorted(file for file in files if not any(file.is_relative_to(place) for place in places))
    closed = [str(store.folder.resolve()), *map(str, secret_files(project))]
    return Places(closed, [str(place) for place in (*places, *elsewhere)])
