"""What was in each file and when, so that any revision can be proved to have been on disk, whole, at one moment."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

NEVER = math.inf


@dataclass
class Stretch:
    """A time in which a file held these bytes; None when it was not there."""

    content: bytes | None
    begin: float
    end: float = NEVER


class Ledger:
    """The stretches of every file; between two of them it was being written, and held nothing that counts."""

    def __init__(self) -> None:
        self._files: dict[str, list[Stretch]] = defaultdict(list)

    def begin(self, *names: str) -> None:
        """These files are about to be changed."""
        now = time.monotonic()
        for name in names:
            if self._files[name]:
                self._files[name][-1].end = min(self._files[name][-1].end, now)

    def end(self, contents: Mapping[str, bytes | None]) -> None:
        """These files hold this from now on."""
        now = time.monotonic()
        for name, content in contents.items():
            self._files[name].append(Stretch(content, now))

    def content(self, name: str) -> bytes | None:
        """What a file holds now."""
        return self._files[name][-1].content if self._files[name] else None

    def names(self) -> set[str]:
        """Every file that there ever was."""
        return set(self._files)

    def was_on_disk(self, revision: Mapping[str, bytes]) -> bool:
        """Whether there was one moment at which every file held what the revision says, and no other file was there."""
        moments = [(-NEVER, NEVER)]
        for name in self.names() | {name for name in revision if not name.startswith("std/")}:
            held = [(one.begin, one.end) for one in self._of(name) if one.content == revision.get(name)]
            moments = _both(moments, held)
        return bool(moments)

    def _of(self, name: str) -> list[Stretch]:
        """The stretches of a file, the time before it was first written included."""
        stretches = self._files.get(name, [])
        return [Stretch(None, -NEVER, stretches[0].begin if stretches else NEVER), *stretches]


def _both(some: list[tuple[float, float]], others: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The times that lie in one of each; both lists are in order."""
    found = []
    for begin, end in some:
        for first, last in others:
            if max(begin, first) <= min(end, last):
                found.append((max(begin, first), min(end, last)))
    return found
