"""The files of a commit, read as they were committed: no work tree, no index, no filters."""

from __future__ import annotations

import hashlib
import io
import os
from collections import deque
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from runner.errors import Unreadable
from runner.git.asking import GitFailed, ask
from runner.git.repository import top_of
from runner.spec.layout import LARGEST, too_large

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

LINKS = 40
"""Links that one name may lead over; the system's own bound."""
_FOLDER, _LINK, _SUBMODULE = "040000", "120000", "160000"
_SHA1 = 40


class _Entry(NamedTuple):
    """What stands under a name in a folder."""

    mode: str
    digest: str


class GitTree:
    """The files of a commit, by their names from a folder that lies anywhere in its repository.

    Links are followed inside the commit; one that leaves it is unreadable. A submodule is no part of it.
    """

    def __init__(self, root: Path, sha: str) -> None:
        self.sha = sha
        self._root = root
        self._listed: dict[str, dict[str, _Entry]] = {}
        self._contents: dict[str, bytes] = {}
        self._too_large: dict[str, int] = {}

    def read(self, name: str) -> bytes | None:
        """The content, None when there is no such file; raises `Unreadable`."""
        way = self._way(name)
        if way is None:
            return None
        if way[-1].mode == _FOLDER:
            raise Unreadable("it is a folder, not a file")
        return self._content(way[-1].digest, self._files_in(way[-2]))

    def names(self, folder: str) -> list[str]:
        """The names of all files directly in a folder, sorted; raises `Unreadable`."""
        way = self._way(folder)
        if way is None:
            return []
        if way[-1].mode != _FOLDER:
            raise Unreadable("it is a file, not a folder")
        return [f"{folder}/{name}" for name in sorted(self._in(way[-1])) if not self._is_folder(f"{folder}/{name}")]

    def folders(self, folder: str) -> list[str]:
        """The names of all folders directly in a folder (`.` is the root), sorted."""
        try:
            way = self._way(folder)
        except Unreadable:
            return []
        return (
            [] if way is None else [name for name in sorted(self._in(way[-1])) if self._is_folder(f"{folder}/{name}")]
        )

    def is_same(self, name: str, content: bytes) -> bool:
        """Whether the commit holds exactly this content under a name: told by its digest, without reading it."""
        try:
            way = self._way(name)
        except Unreadable:
            return False
        return way is not None and way[-1].digest == self._digest(content)

    def holds(self, name: str) -> bool:
        """Whether the commit has anything under a name."""
        return self._way(name) is not None

    # --------------------------------------------------------------------------------------------- the commit

    @cached_property
    def prefix(self) -> str:
        """Where the folder lies in its repository; empty for all of it."""
        inside = self._root.relative_to(top_of(self._root) or self._root)
        return f"{inside}/" if inside.parts else ""

    def _in(self, folder: _Entry) -> Mapping[str, _Entry]:
        """All that is directly in a folder by its name, submodules left out; nothing of a file.

        Folders are listed one by one as they are asked for: some that hold one another many times over, which take a
        few bytes to write down, would never be listed to the end.
        """
        if folder.mode == _FOLDER and folder.digest not in self._listed:
            lines = self._ask("ls-tree", "-z", "--full-tree", folder.digest).split(b"\0")
            listed = map(_entry, filter(None, lines))
            self._listed[folder.digest] = {name: entry for name, entry in listed if entry.mode != _SUBMODULE}
        return self._listed[folder.digest] if folder.mode == _FOLDER else {}

    def _files_in(self, folder: _Entry) -> list[str]:
        """The digests of the YAML files in a folder: who reads one reads all."""
        return [entry.digest for name, entry in sorted(self._in(folder).items()) if name.endswith(".yaml")]

    def _is_folder(self, name: str) -> bool:
        """Whether a name leads to a folder; one that is called like a file is refused when it is read."""
        try:
            way = None if name.endswith((".yaml", ".yml")) else self._way(name)
        except Unreadable:
            return False
        return way is not None and way[-1].mode == _FOLDER

    def _way(self, name: str) -> list[_Entry] | None:
        """What a name leads over from the repository's top, links followed; None when it leads to nothing.

        Raises `Unreadable` for a link that cannot be followed.
        """
        parts, way, links = deque(PurePosixPath(self.prefix, name).parts), [_Entry(_FOLDER, self.sha)], 0
        while parts:
            part = parts.popleft()
            if part == "/" or (part == ".." and len(way) == 1):
                raise Unreadable("it leads out of the repository")
            entry = way.pop() if part == ".." else self._in(way[-1]).get(part)
            if entry is None:
                if links:
                    raise Unreadable("it is a link to what the commit does not hold")
                return None
            if entry.mode == _LINK:
                links += 1
                parts.extendleft(reversed(PurePosixPath(self._target(entry, links)).parts))
            elif part != "..":
                way.append(entry)
        return way

    def _target(self, link: _Entry, links: int) -> str:
        if links > LINKS:
            raise Unreadable("it is a link that leads round in a circle")
        return os.fsdecode(self._content(link.digest))

    # ------------------------------------------------------------------------------------------- its contents

    def _content(self, digest: str, beside: Collection[str] = ()) -> bytes:
        if digest not in self._contents:
            self._fetch(list(dict.fromkeys([digest, *beside])))
        if digest in self._too_large:
            raise Unreadable(too_large(self._too_large[digest]), "move data out of it")
        if digest not in self._contents:
            raise Unreadable("its content is missing in this repository", "`git fetch` what it lacks")
        return self._contents[digest]

    def _fetch(self, wanted: Sequence[str]) -> None:
        """Read many contents at once, as a process for each would cost more than the file; none that is too large."""
        told = self._ask("cat-file", "--batch-check=%(objectsize)", given=_lines(wanted)).split(b"\n")
        sizes = {digest: int(size) for digest, size in zip(wanted, told, strict=False) if size.isdigit()}
        self._too_large |= {digest: size for digest, size in sizes.items() if size > LARGEST}
        fitting = [digest for digest in sizes if digest not in self._too_large]
        answers = io.BytesIO(self._ask("cat-file", "--batch", given=_lines(fitting)))
        for digest in fitting:
            answers.readline()
            self._contents[digest] = answers.read(sizes[digest])
            answers.readline()

    def _digest(self, content: bytes) -> str:
        kind = "sha1" if len(self.sha) == _SHA1 else "sha256"
        return hashlib.new(kind, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

    def _ask(self, *words: str, given: bytes = b"") -> bytes:
        try:
            return ask(self._root, *words, given=given)
        except GitFailed as error:
            raise Unreadable(f"git cannot read commit {self.sha}: {error}") from error


def _lines(digests: Iterable[str]) -> bytes:
    return "".join(f"{digest}\n" for digest in digests).encode()


def _entry(line: bytes) -> tuple[str, _Entry]:
    about, _, name = line.partition(b"\t")
    mode, _, digest = about.decode().split(" ")
    return os.fsdecode(name), _Entry(mode, digest)
