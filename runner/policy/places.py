"""Where a command runs, and which paths its words may name there."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.policy.spec import CommandPolicy


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs; `closed` is not read and `fixed` not written there, absolute paths of this machine."""

    kind: Literal["local", "sandbox", "host"]
    workspace: Path
    closed: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()

    def closed_names(self, policy: CommandPolicy) -> tuple[str, ...]:
        """The names that are passed over: those of the policy, and those of the closed places."""
        return tuple(dict.fromkeys((*policy.closed, *(Path(path).name for path in self.closed))))


def refusal(word: str, place: Place, policy: CommandPolicy, *, written: bool = False) -> str:
    """Why a path may not be read, or written; empty when it may."""
    if not word:
        return "an empty word is no path"
    if place.kind == "host":
        return _on_host(word, place, policy, written=written)
    return _here(word, place, policy, written=written)


def _on_host(word: str, place: Place, policy: CommandPolicy, *, written: bool) -> str:
    """By the words alone: links of another machine are not seen."""
    path = PurePosixPath(word)
    if written or ".." in path.parts or not any(path.is_relative_to(allowed) for allowed in policy.host_paths):
        return f"{word!r} is in none of `host_paths`"
    return _closed(path.parts, place, policy)


def _here(word: str, place: Place, policy: CommandPolicy, *, written: bool) -> str:
    workspace = place.workspace.resolve()
    try:
        real = Path(os.path.realpath(workspace / word))
        mode = real.stat().st_mode if os.path.lexists(real) else stat.S_IFREG
    except (OSError, ValueError) as error:
        return f"{word!r} cannot be followed: {error}"
    if not real.is_relative_to(workspace):
        return f"{word!r} leads out of the workspace"
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return f"{word!r} is neither a file nor a folder"
    if _within(real, place.closed) or (written and _within(real, place.fixed)):
        return f"{word!r} belongs to runner"
    return _closed((*PurePosixPath(word).parts, *real.relative_to(workspace).parts), place, policy)


def _within(path: Path, places: tuple[str, ...]) -> bool:
    return f"{path}/".casefold().startswith(tuple(f"{os.path.realpath(place)}/".casefold() for place in places))


def _closed(parts: tuple[str, ...], place: Place, policy: CommandPolicy) -> str:
    patterns = [name.casefold() for name in place.closed_names(policy)]
    hits: Iterator[str] = (part for part in parts for name in patterns if fnmatchcase(part.casefold(), name))
    hit = next(hits, "")
    return f"{hit!r} is closed" if hit else ""
