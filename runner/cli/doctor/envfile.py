"""`.env`: what is wrong with its lines, what other programs read otherwise, and who may read it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from runner.cli.doctor.lines import Line, fail, ok, warn
from runner.git.asking import GitFailed, ask
from runner.secrets.env_file import ENV_FILE, read_env

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check(root: Path) -> Iterator[Line]:
    """All that is odd about the file; it need not be there."""
    file = read_env(root)
    found = [
        (fail if fault.harm == "lost" else warn)(ENV_FILE, f"{ENV_FILE}:{fault.line}: {fault.what}", fault.hint)
        for fault in file.faults
    ]
    if (root / ENV_FILE).is_file():
        found += _check_access(root, (root / ENV_FILE).stat().st_mode)
        names = "1 name" if len(file.lines) == 1 else f"{len(file.lines)} names"
        yield from found or [ok(ENV_FILE, f"{ENV_FILE} can be read: {names}")]


def _check_access(root: Path, mode: int) -> Iterator[Line]:
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        what = f"{ENV_FILE} is open to everybody on this machine (mode {stat.S_IMODE(mode):o})"
        yield warn(ENV_FILE, what, "`chmod 600 .env`")
    try:
        kept = ask(root, "ls-files", "--", ENV_FILE)
    except GitFailed:
        return
    if kept:
        hint = "`git rm --cached .env`, add it to .gitignore, and replace its keys: they are in the history"
        yield fail(ENV_FILE, ".env is in git", hint)
