"""Which commit the files are of, and whether they differ from it: a note on a revision, kept fresh."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FOLLOWED = ("runner.yaml", "agents.d", "tools.d", "workflows")
_ENVIRONMENT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_OPTIONAL_LOCKS": "0"}


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit at HEAD (empty outside git) and whether the project's files differ from it."""

    sha: str = ""
    dirty: bool = False


class CommitNote:
    """Reads the commit again when HEAD or the index have moved, or when asked to."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._moving = [str(root / ".git" / name) for name in ("HEAD", "index", "logs/HEAD")]
        self._seen: object = None
        self._commit = Commit()

    async def read(self, *, again: bool = False) -> Commit:
        """The commit now."""
        seen = [_stamp(path) for path in self._moving]
        if again or seen != self._seen:
            self._seen, self._commit = seen, await _ask_git(self._root)
        return self._commit


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116 - asked three times for each run: a Path would cost more than the answer
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino


async def _ask_git(root: Path) -> Commit:
    if not (root / ".git").exists():
        return Commit()
    sha = await _git(root, "rev-parse", "HEAD")
    changed = await _git(root, "status", "--porcelain", "--", *_FOLLOWED)
    return Commit(sha.strip(), bool(changed.strip())) if sha else Commit()


async def _git(root: Path, *words: str) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            "-c",
            "core.fsmonitor=",
            *words,
            cwd=root,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": os.devnull, **_ENVIRONMENT},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:  # no git on this machine: nothing to note
        return ""
    output, _ = await process.communicate()
    return output.decode(errors="replace") if process.returncode == 0 else ""
