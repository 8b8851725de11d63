"""The edge where faults become output and exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from runner.cli import runner
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


@pytest.mark.parametrize(
    "error,told",
    [
        (FileNotFoundError(2, "No such file or directory", "/x/y"), "error: /x/y: No such file or directory\n"),
        (OSError("odd"), "error: odd\n"),
        (TimeoutError(), "error: TimeoutError\n"),
    ],
)
def test_what_the_system_refuses_is_one_line(error: OSError, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the file it is about, and the exit code of an error."""

    @click.command
    def fail() -> None:
        raise error

    assert execute(fail, []) == 6
    assert capsys.readouterr().err == told


def test_a_fault_of_runner_is_one_line_that_says_how_to_get_the_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody foresaw it: the user cannot mend it, and can report it."""

    @click.command
    def fail() -> None:
        raise KeyError("\x1b[2J")

    assert execute(fail, []) == 6
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("error: KeyError: ")
    assert "\x1b" not in first
    assert second == "hint: this is a fault of runner; with RUNNER_DEBUG=1 in the environment it says where"


def test_runner_debug_shows_the_traceback_before_the_line(process: Callable[..., subprocess.Popen[str]]) -> None:
    """Only of what nobody foresaw: a file where the folder should be is no news."""
    code = (
        "import sys, click\nfrom runner.cli.edge import execute\n"
        "def fail(): raise KeyError('x')\nsys.exit(execute(click.Command('fail', callback=fail), []))"
    )
    environment = {**os.environ, "RUNNER_DEBUG": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 6
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "error: KeyError: 'x'\nhint: this is a fault of runner" in done.stderr
    wrong = process("init", "/proc/new", env=environment)
    assert "Traceback" not in wrong.communicate()[1]


@pytest.mark.parametrize(
    "words,told",
    [
        (("run",), "error: missing argument 'NAME'\nhint: write `runner run [OPTIONS] NAME [TEXT]`"),
        (("up", "--liten", "x"), "error: no such option '--liten'\nhint: did you mean --listen"),
        (("runs", "ls", "-n", "x"), "error: invalid value for '-n'"),
        (("down", "x"), "error: got unexpected extra argument (x)\nhint: write `runner down [OPTIONS]`; "),
    ],
)
def test_a_wrong_command_line_is_told_as_every_other_error(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error and a hint, and the exit code of wrong usage."""
    assert execute(runner, words) == 2
    out, err = capsys.readouterr()
    assert (out, err.startswith(told)) == ("", True), err


def test_a_reader_that_goes_away_is_no_fault(with_runs: Path, process: Callable[..., subprocess.Popen[str]]) -> None:
    """`runner runs export … | head -1` ends without a word of complaint."""
    reading, writing = os.pipe()
    os.close(reading)
    writer = process("-C", with_runs, "runs", "export", "1k0aaaaaaaaaaaaaaaaa", stdout=writing)
    os.close(writing)
    _, err = writer.communicate()
    assert err == ""
