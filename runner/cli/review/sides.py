"""The two revisions that are compared: `A..B`, of which an empty B is the files as they are on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.cli import place
from runner.errors import Unreadable, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from runner.project.load import Loaded

DISK = "the files on disk"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what it was called, and what its files say."""

    name: str
    loaded: Loaded

    def to_dict(self) -> dict[str, Any]:
        """What `diff --json` says of it."""
        project = self.loaded.project
        problems = [problem.to_dict() for problem in self.loaded.problems]
        return {"name": self.name, "revision": project.revision if project else None, "problems": problems}


def sides(words: str) -> tuple[Side, Side]:
    """Both sides of `A..B`; raises `UsageError` for a name that stands for nothing."""
    root = place.root()
    old, new = split(words)
    return side(root, old or "HEAD"), side(root, new)


def split(words: str) -> tuple[str, str]:
    """The names before and behind the dots; one name alone is compared with the files on disk."""
    if "..." in words:
        hint = 'write A..B; from where a branch began it is "$(git merge-base A B)..B"'
        raise UsageError(f"`{words}` has three dots, and two revisions stand around two", hint=hint)
    old, _dots, new = words.partition("..")
    if ".." in new:
        raise UsageError(f"`{words}` names more than two revisions", hint="write A..B")
    return old, new


def side(root: Path, name: str) -> Side:
    """What a name stands for: a kept revision, else a commit; the empty one is the files on disk."""
    from runner.project.load import load
    from runner.project.sources import Disk

    if not name:
        return Side(DISK, load(Disk(root), root))
    return Side(name, _kept(root, name) or _committed(root, name))


def _kept(root: Path, name: str) -> Loaded | None:
    """The files of a revision that the journal keeps; without a journal none is made."""
    from runner.engine.workbenches.versions import kept_revision
    from runner.project.load import load
    from runner.project.sources import Stored

    if not place.has_run():
        return None
    with place.store() as store:
        revision = kept_revision(store, name)
        files = store.revisions.files(revision) if revision else None
    return None if files is None else load(Stored(files), root)


def _committed(root: Path, name: str) -> Loaded:
    """The files of a commit; one from before there was a project has none, and nothing may be done there."""
    from runner.git import GitTree, resolve
    from runner.project.load import load
    from runner.project.sources import Committed

    try:
        return load(Committed(GitTree(root, resolve(root, name))), root)
    except Unreadable as error:
        raise UsageError(str(error), hint=error.hint) from error
