"""The one edge where faults become output and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import click

from runner.cli.options import Options
from runner.errors import ConfigInvalid, RunnerError

if TYPE_CHECKING:
    from runner.project.problems import Problem

INTERRUPTED = 130


def execute(command: click.Command, argv: Sequence[str]) -> int:
    """Run a command line and return its exit code; a verb's own answer is its code, none is 0."""
    given = Options()
    try:
        answer = command.main(list(argv), prog_name="runner", standalone_mode=False, obj=given)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except RunnerError as error:
        with click.Context(command, obj=given) as ctx:
            ctx.color = given.color
            _print_error(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return 0
    return answer if isinstance(answer, int) else 0


def _print_error(error: RunnerError) -> None:
    from runner.cli.display import safe

    if isinstance(error, ConfigInvalid) and error.problems:
        from runner.cli.problems import print_problems

        print_problems(cast("tuple[Problem, ...]", error.problems))
    click.echo(f"{click.style('error:', fg='red', bold=True)} {safe(error.message)}", err=True)
    if error.hint:
        click.echo(f"hint: {safe(error.hint)}", err=True)


def _let_go_of_stdout() -> None:
    """Whoever read the output has gone: that is no fault, and Python must not complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
