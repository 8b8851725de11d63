"""The whole command line in processes that are quick to start: forks of a server that has imported all beforehand."""

from __future__ import annotations

import multiprocessing
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.process import BaseProcess
    from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")


def start(root: Path, environment: Mapping[str, str], words: Path, *argv: str, text: str = "") -> BaseProcess:
    """Begin `runner -C ROOT ARGV`, what it prints in a file, `text` as its input."""
    _CONTEXT.set_forkserver_preload(["runner.daemon", "runner.cli.daemon", "runner.cli.local", __name__])
    process = _CONTEXT.Process(target=_verb, args=(dict(environment), str(words), ["-C", str(root), *argv], text))
    process.start()
    return process


def _verb(environment: dict[str, str], words: str, argv: list[str], text: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    os.dup2(reading, 0)
    output = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the process's own
    sys.argv = ["runner", *argv]
    from runner.cli import main

    main()
