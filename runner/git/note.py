"""Which commit a project's files are of, and whether they differ from it: a note on a revision, kept fresh."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from runner.errors import Unreadable
from runner.git.asking import GitFailed, ask
from runner.git.repository import Stamp, folder_of, stamp
from runner.git.tree import GitTree
from runner.spec.layout import FOLDERS, SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit at HEAD (empty outside git) and whether the project's files are others than it holds."""

    sha: str = ""
    dirty: bool = False


class CommitNote:
    """Looks again when HEAD or the index have moved, or the files are others; else it answers from memory."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._stamp: Stamp | None = None
        self._files: Files | None = None
        self._tree: GitTree | None = None
        self.last = Commit()
        """What was answered last."""

    async def read(self, files: Files) -> Commit:
        """The commit now, against the files of a project (by name; the same mapping for the same files)."""
        git = folder_of(self._root)
        seen = stamp(git) if git is not None else None
        if files is not self._files or seen != self._stamp:
            tree = self._tree if seen == self._stamp else await asyncio.to_thread(self._at_head)
            commit = await asyncio.to_thread(_compared, tree, files) if tree is not None else Commit()
            self._stamp, self._files, self._tree, self.last = seen, files, tree, commit
        return self.last

    def _at_head(self) -> GitTree | None:
        """The commit at HEAD: None when there is none yet, no git on this machine, or a repository that it refuses."""
        try:
            sha = ask(self._root, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
        except GitFailed:
            return None
        return self._tree if self._tree is not None and self._tree.sha == sha else GitTree(self._root, sha)


def _compared(tree: GitTree, files: Files) -> Commit:
    """A file of other content, one that git does not know or ignores, one that only the commit has: all is dirty."""
    try:
        return _judged(tree, files)
    except Unreadable:  # the repository is damaged, or not whole
        return Commit(tree.sha, dirty=True)


def _judged(tree: GitTree, files: Files) -> Commit:
    own = {name: content for name, content in files.items() if not name.startswith(SHIPPED)}
    listed = (PurePosixPath(name) for folder in FOLDERS for name in tree.names(folder))
    committed = {str(path) for path in listed if path.suffix == ".yaml" and not path.name.startswith(".")}
    if tree.prefix and not committed and not any(map(tree.holds, own)):
        return Commit()  # a project that only lies in a folder of somebody else's repository
    return Commit(tree.sha, dirty=bool(committed - own.keys()) or not all(map(tree.is_same, own, own.values())))
