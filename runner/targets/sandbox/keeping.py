"""Places in a workspace that a command must not change, or not even read: the project's own files, git's, secrets.

A read-only mount keeps what is there from being written, removed or renamed. Two ways round it are closed here: the
folders above such a place are mounts too, as one could be renamed with all in it; and a place that is not there is
made, empty, as whoever makes it first says what is in it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runner.errors import ToolFailed
from runner.secrets.env_file import ENV_FILE
from runner.spec.layout import KNOWN_HOSTS, SETTINGS, TOP_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GIT = ".git"
_PACKAGES = "/node_modules"
"""A folder of a thousand others, none of which is anybody's repository."""


class Kept(NamedTuple):
    """What is mounted over a workspace, outer ones first."""

    pinned: list[Path]
    """Folders above the others, as they are."""
    fixed: list[Path]
    """Read-only."""
    closed: list[Path]
    """Hidden."""


def kept(workspace: Path, closed: Iterable[str], fixed: Iterable[str]) -> Kept:
    """The places inside a workspace; raises ToolFailed for one that is reached by a link, which cannot be kept."""
    hidden = _inside(workspace, closed)
    unchanged = _inside(workspace, [*fixed, *_gits(workspace)])
    for place in hidden | unchanged:
        _make(place, workspace)
    above = {parent for place in hidden | unchanged for parent in place.parents if parent.is_relative_to(workspace)}
    pinned = above - {workspace} - hidden - unchanged
    return Kept(sorted(pinned), sorted(unchanged - hidden), sorted(hidden))


def _gits(workspace: Path) -> Iterator[str]:
    """What is git's in the workspace, and in the folders of two levels below it: hooks, and settings that are run."""
    if os.path.lexists(workspace / _GIT):
        yield str(workspace / _GIT)
    for folder in _folders(str(workspace)):
        for below in (folder, *_folders(folder)):
            git = f"{below}/{_GIT}"
            if os.path.lexists(git) and not os.path.islink(git):  # noqa: PTH114 - thousands of paths; a link is no place
                yield git


def _folders(folder: str) -> list[str]:
    """Those in a folder, links and git's own aside; none where it may not be read, or where packages lie."""
    if folder.endswith(_PACKAGES):
        return []
    with suppress(OSError), os.scandir(folder) as entries:
        return [one.path for one in entries if one.name != _GIT and one.is_dir(follow_symlinks=False)]
    return []


def _inside(workspace: Path, places: Iterable[str]) -> set[Path]:
    return {place for text in places if (place := _followed(Path(text), workspace)).is_relative_to(workspace)} - {
        workspace
    }


def _followed(place: Path, workspace: Path) -> Path:
    """Where a place is, followed link by link; one that the command could put another link in place of is refused."""
    reached = Path("/")
    for part in Path(os.path.abspath(place)).parts[1:]:  # noqa: PTH100 - pathlib's own follows links
        reached /= part
        if reached.is_symlink():
            if reached.is_relative_to(workspace):
                raise ToolFailed(
                    f"the sandbox cannot keep {place} as it is: {reached} is a symbolic link in the workspace",
                    match="unavailable",
                    hint="put the file or folder itself there, or use a workspace that does not hold the link",
                )
            reached = reached.resolve()
    return reached


def _make(place: Path, workspace: Path) -> None:
    """Make an absent place, empty, of the workspace's owner; its parent is there, and is what it was found to be."""
    if os.path.lexists(place):
        return
    try:
        parent = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            if Path(f"/proc/self/fd/{parent}").readlink() != place.parent:
                raise FileNotFoundError(f"{place.parent} was replaced")
            _make_in(parent, place.name, workspace.stat())
        finally:
            os.close(parent)
    except OSError as error:
        message = f"the sandbox cannot keep {place}, which is not there, as it is: it could not be made: {error}"
        raise ToolFailed(message, match="unavailable") from error


def _make_in(parent: int, name: str, owner: os.stat_result) -> None:
    with suppress(FileExistsError):
        if name in (SETTINGS, ENV_FILE, KNOWN_HOSTS) or (Path(name).suffix and name not in TOP_FOLDERS):
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=parent))
        else:
            os.mkdir(name, 0o700, dir_fd=parent)
        if os.geteuid() == 0:
            os.chown(name, owner.st_uid, owner.st_gid, dir_fd=parent, follow_symlinks=False)
