"""The files of a commit, read as they were committed: no work tree, no index, no filters."""

from __future__ import annotations

import hashlib
import io
import os
from collections import deque
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from runner.errors import Unreadable
from runner.git.asking import GitFailed, ask

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

LINKS = 40
"""Links that one name may lead over; the system's own bound."""
_FOLDER, _LINK, _SUBMODULE = "040000", "120000", "160000"
_SHA1 = 40


class GitTree:
    """The files of a commit, by their names from a folder that lies anywhere in its repository.

    Links are followed inside the commit; one that leaves it is unreadable. A submodule is no part of it.
    """

    def __init__(self, root: Path, sha: str) -> None:
        self.sha = sha
        self._root = root
        self._contents: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file; raises `Unreadable`."""
        place = self._place(name)
        if place is None:
            return None
        mode, digest = self._entries[place]
        if mode == _FOLDER:
            raise Unreadable("it is a folder, not a file")
        return self._content(digest, self._beside(place))

    def names(self, folder: str) -> list[str]:
        """The names of all files directly in a folder, sorted; raises `Unreadable`."""
        place = self._place(folder)
        if place is None:
            return []
        if self._entries[place][0] != _FOLDER:
            raise Unreadable("it is a file, not a folder")
        return [f"{folder}/{name}" for name in self._below(place) if not self._is_folder(f"{folder}/{name}")]

    def folders(self, folder: str) -> list[str]:
        """The names of all folders directly in a folder (`.` is the root), sorted."""
        try:
            place = self._place(folder)
        except Unreadable:
            return []
        return [] if place is None else [name for name in self._below(place) if self._is_folder(f"{folder}/{name}")]

    def is_same(self, name: str, content: bytes) -> bool:
        """Whether the commit holds exactly this content under a name: told by its digest, without reading it."""
        try:
            place = self._place(name)
        except Unreadable:
            return False
        return place is not None and self._entries[place][1] == self._digest(content)

    def holds(self, name: str) -> bool:
        """Whether the commit has anything under a name."""
        return self._place(name) is not None

    # --------------------------------------------------------------------------------------------- the commit

    @cached_property
    def prefix(self) -> str:
        """Where the folder lies in its repository; empty for all of it."""
        return os.fsdecode(self._ask("rev-parse", "--show-prefix").removesuffix(b"\n"))

    @cached_property
    def _entries(self) -> Mapping[str, tuple[str, str]]:
        """Mode and digest of everything in the commit, by its path in the repository; submodules left out."""
        entries = {"": (_FOLDER, "")}
        for line in self._ask("ls-tree", "-r", "-t", "-z", "--full-tree", self.sha).split(b"\0"):
            about, _, path = line.partition(b"\t")
            mode, _, kind_and_digest = about.decode().partition(" ")
            if path and mode != _SUBMODULE:
                entries[os.fsdecode(path)] = (mode, kind_and_digest.rpartition(" ")[2])
        return entries

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = {}
        for path in filter(None, self._entries):
            holder, _, name = path.rpartition("/")
            children.setdefault(holder, []).append(name)
        return children

    def _below(self, place: str) -> list[str]:
        return sorted(self._children.get(place, ()))

    def _beside(self, place: str) -> list[str]:
        """The digests of the YAML files in a file's folder: who reads one reads all."""
        folder = place.rpartition("/")[0]
        return [self._entries[_join(folder, name)][1] for name in self._below(folder) if name.endswith(".yaml")]

    def _is_folder(self, name: str) -> bool:
        """Whether a name leads to a folder; one that is called like a file is refused when it is read."""
        try:
            place = None if name.endswith((".yaml", ".yml")) else self._place(name)
        except Unreadable:
            return False
        return place is not None and self._entries[place][0] == _FOLDER

    def _place(self, name: str) -> str | None:
        """Where a name leads in the repository, links followed; None when nothing is there; raises `Unreadable`."""
        way, at, links = deque(PurePosixPath(self.prefix, name).parts), "", 0
        while way:
            at = _step(at, way.popleft())
            mode, digest = self._entries.get(at, ("", ""))
            if mode == _LINK:
                links += 1
                way.extendleft(reversed(PurePosixPath(self._target(digest, links)).parts))
                at = at.rpartition("/")[0]
            elif not mode:
                if links:
                    raise Unreadable("it is a link to what the commit does not hold")
                return None
        return at

    def _target(self, digest: str, links: int) -> str:
        if links > LINKS:
            raise Unreadable("it is a link that leads round in a circle")
        return os.fsdecode(self._content(digest))

    # ------------------------------------------------------------------------------------------- its contents

    def _content(self, digest: str, beside: Collection[str] = ()) -> bytes:
        if digest not in self._contents:
            self._fetch(dict.fromkeys([digest, *beside]))
        if digest not in self._contents:
            raise Unreadable("its content is missing in this repository", "`git fetch` what it lacks")
        return self._contents[digest]

    def _fetch(self, wanted: Collection[str]) -> None:
        """Read many contents at once: a process for each would cost more than the file."""
        answers = io.BytesIO(self._ask("cat-file", "--batch", given="".join(f"{one}\n" for one in wanted).encode()))
        for digest in wanted:
            size = answers.readline().rpartition(b" ")[2]
            if size.strip().isdigit():
                self._contents[digest] = answers.read(int(size))
                answers.readline()

    def _digest(self, content: bytes) -> str:
        kind = "sha1" if len(self.sha) == _SHA1 else "sha256"
        return hashlib.new(kind, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

    def _ask(self, *words: str, given: bytes = b"") -> bytes:
        try:
            return ask(self._root, *words, given=given)
        except GitFailed as error:
            raise Unreadable(f"git cannot read commit {self.sha}: {error}") from error


def _step(at: str, part: str) -> str:
    if part == ".." and at:
        return at.rpartition("/")[0]
    if part in ("..", "/"):
        raise Unreadable("it leads out of the repository")
    return _join(at, part)


def _join(holder: str, name: str) -> str:
    return f"{holder}/{name}" if holder else name
