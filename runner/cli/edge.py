"""The one edge where faults become output and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import click

from runner.cli.options import Options
from runner.errors import ConfigInvalid, RunnerError, UsageError

if TYPE_CHECKING:
    from runner.project.problems import Problem

INTERRUPTED = 130
_ELSEWHERE = dict.fromkeys(("--project", "--directory", "--dir", "--root", "--chdir", "--cwd"), "-C DIR")
"""What other programs call our options."""


def execute(command: click.Command, argv: Sequence[str]) -> int:
    """Run a command line and return its exit code; a verb's own answer is its code, none is 0."""
    given = Options()
    try:
        answer = command.main(list(argv), prog_name="runner", standalone_mode=False, obj=given)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the edge: what passes it is a traceback on somebody's screen
        return _explain(command, given, error)
    return answer if isinstance(answer, int) else 0


def _explain(command: click.Command, given: Options, error: Exception) -> int:
    explained = _addressed(error)
    with click.Context(command, obj=given) as ctx:
        ctx.color = given.color
        if given.traces and explained.__cause__ is error:
            _print_trace(error)
        _print_error(explained)
    return explained.exit_code


def _addressed(error: Exception) -> RunnerError:
    """The same fault as one line for somebody; one that nobody foresaw is its own cause."""
    if isinstance(error, RunnerError):
        return error
    if isinstance(error, click.ClickException):
        return _as_usage(error)
    if isinstance(error, OSError):
        what = error.strerror or str(error) or type(error).__name__
        found = RunnerError(f"{error.filename}: {what}" if error.filename is not None else what)
    else:
        hint = "this is a fault of runner; with RUNNER_DEBUG=1 in the environment it says where"
        found = RunnerError(f"{type(error).__name__}: {error}", hint=hint)
    found.__cause__ = error
    return found


def _as_usage(error: click.ClickException) -> RunnerError:
    message, hint = error.format_message(), ""
    if isinstance(error, click.NoSuchOption) and error.option_name in _ELSEWHERE:
        message, hint = error.message, f"did you mean {_ELSEWHERE[error.option_name]}?"
    elif isinstance(error, click.NoSuchOption) and error.possibilities:
        message, hint = error.message, f"did you mean {' or '.join(error.possibilities)}?"
    elif isinstance(error, click.UsageError) and error.ctx is not None:
        usage = " ".join(error.ctx.get_usage().split()).removeprefix("Usage: ")
        hint = f"write `{usage}`; `{error.ctx.command_path} --help` says more"
    return UsageError(f"{message[:1].lower()}{message[1:].rstrip('.')}", hint=hint)


def _print_trace(error: Exception) -> None:
    import traceback

    from runner.cli.discreet import without_secrets
    from runner.cli.display import safe

    click.echo(safe(without_secrets("".join(traceback.format_exception(error)))), err=True, nl=False)


def _print_error(error: RunnerError) -> None:
    from runner.cli.discreet import without_secrets
    from runner.cli.display import complain

    if isinstance(error, ConfigInvalid) and error.problems:
        from runner.cli.problems import print_problems

        print_problems(cast("tuple[Problem, ...]", error.problems), files=error.files)
    complain(*without_secrets([error.message, error.hint]))


def _let_go_of_stdout() -> None:
    """Whoever read the output has gone: that is no fault, and Python must not complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
