"""The edge where faults become output and exit codes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from runner.cli.edge import execute
from runner.errors import ConfigInvalid, DaemonUnreachable, RunnerError, UsageError


@pytest.mark.parametrize(
    "error,code", [(UsageError("a"), 2), (ConfigInvalid("a"), 3), (DaemonUnreachable("a"), 4), (RunnerError("a"), 6)]
)
def test_each_error_has_its_exit_code(error: RunnerError, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What it says goes to stderr, with its hint, and nothing to stdout."""
    error.hint = "try this"

    @click.command
    def fail() -> None:
        raise error

    assert execute(fail, []) == code
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: a\nhint: try this\n")


def test_an_interrupt_exits_with_130() -> None:
    """As a shell says it of a program that Ctrl-C has ended."""

    @click.command
    def wait() -> None:
        raise KeyboardInterrupt

    assert execute(wait, []) == 130


def test_a_verbs_own_answer_is_its_exit_code() -> None:
    """Verbs return their code; none is 0."""
    assert execute(click.Command("five", callback=lambda: 5), []) == 5
    assert execute(click.Command("nothing", callback=lambda: None), []) == 0


def test_an_error_cannot_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """An escape in a name that was typed or read is written out."""

    @click.command
    def fail() -> None:
        raise UsageError("no \x1b]52;c;bad\x07 here")

    execute(fail, [])
    assert capsys.readouterr().err == "error: no \\x1b]52;c;bad\\x07 here\n"


def test_a_reader_that_goes_away_is_no_fault(with_runs: Path, process: Callable[..., subprocess.Popen[str]]) -> None:
    """`runner runs export … | head -1` ends without a word of complaint."""
    reading, writing = os.pipe()
    os.close(reading)
    writer = process("-C", with_runs, "runs", "export", "1k0aaaaaaaaaaaaaaaaa", stdout=writing)
    os.close(writing)
    _, err = writer.communicate()
    assert err == ""
