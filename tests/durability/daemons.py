"""Daemons as real processes that are quick to start: each is a fork of a server that has imported all beforehand."""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerContext
from typing import TYPE_CHECKING

from runner.runs.journal import CRASH_AT

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path

_CONTEXT: ForkServerContext = multiprocessing.get_context("forkserver")


def start(root: Path, crash_at: int) -> BaseProcess:
    """Start `runner up` on a project; it kills itself at its append number `crash_at`, never when that is 0."""
    _CONTEXT.set_forkserver_preload(["runner.daemon", "runner.cli.daemon", __name__])
    process = _CONTEXT.Process(target=_up, args=(str(root), crash_at), daemon=False)
    process.start()
    return process


def _up(root: str, crash_at: int) -> None:
    """The whole command in this process, its words in a file."""
    os.environ[CRASH_AT] = str(crash_at)
    log = os.open(f"{root}/daemon.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv = ["runner", "-C", root, "up", "--listen", "127.0.0.1:0"]
    from runner.cli import main

    main()
