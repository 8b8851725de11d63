"""The one way in which git is asked: it sees nothing of this process and its user, and starts nothing of its own.

It gets no configuration but the repository's, and of that no hook, file system monitor or pager; it takes no lock,
fetches nothing, asks nobody, and has to answer within a while. What it is asked only reads, and runs no filters.
It is asked at the top of the repository and looks nowhere else for one: files of a commit can look like another
repository, whose `main` would be what their author likes.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from runner.git.repository import top_of

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 20.0
"""Seconds that an answer may take."""
_SETTINGS = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "safe.bareRepository=explicit")
_OPTIONS = ("--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)))
_ENVIRONMENT = {
    "HOME": os.devnull,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # older ones know no GIT_NO_LAZY_FETCH
}


class GitFailed(Exception):
    """Git did not answer; the message is what it said itself, on one line."""


def ask(root: Path, *words: str, given: bytes = b"") -> bytes:
    """What git prints when it is asked about the repository around a folder; raises `GitFailed`."""
    top = top_of(root) or root
    path = os.environ.get("PATH", os.defpath)
    environment = {"PATH": path, "GIT_CEILING_DIRECTORIES": str(top.parent), **_ENVIRONMENT}
    try:
        done = subprocess.run(
            ["git", *_OPTIONS, *words],
            cwd=top,
            env=environment,
            input=given,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GitFailed(f"git did not answer within {PATIENCE:.0f} s") from error
    except OSError as error:
        raise GitFailed(f"git cannot be run here: {error.strerror or error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"it ended with {done.returncode}"
        lines = said.splitlines()
        raise GitFailed(next((line for line in lines if line.startswith("fatal: ")), lines[0]).removeprefix("fatal: "))
    return done.stdout
