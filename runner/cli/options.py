"""The options that every verb takes, before or after its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Options:
    """What the person at the command line wants of every verb."""

    def __init__(self) -> None:
        self.folder = "."
        """The project's folder, as it was typed."""
        self.json = False
        self.quiet = False
        self.color: bool | None = None
        """False: never; None: when the output is a terminal."""
        self.traces = bool(os.environ.get("RUNNER_DEBUG"))
        """Whether a fault that nobody foresaw is shown with its traceback."""

    @property
    def directory(self) -> Path:
        """The project's folder."""
        from pathlib import Path

        return Path(self.folder)


def current() -> Options:
    """The options of the command that is running."""
    found = click.get_current_context().find_object(Options)
    assert found is not None  # noqa: S101 - the edge made it
    return found


def output_format(wanted: str | None) -> str | None:
    """What `--format` asks for, or `--json`; None when neither does. Raises `UsageError` when they differ."""
    if not current().json:
        return wanted
    if wanted not in (None, "json"):
        raise UsageError(f"--json and --format {wanted} are two formats", hint="write one of them")
    return "json"


def add_to(command: click.Command, *, hidden: bool) -> None:
    """Let a command take the options; they are shown by `runner --help` only."""
    command.params.extend(
        [
            _option("-C", "directory", hidden, "Work on the project in this folder.", metavar="DIR"),
            _option("--json", "json", hidden, "Print data as JSON.", is_flag=True, default=None),
            _option("-q", "quiet", hidden, "Print data only, no talk.", is_flag=True, default=None),
            _option("--no-color", "no_color", hidden, "Print without colours.", is_flag=True, default=None),
        ]
    )
    if hidden:
        command.epilog = command.epilog or "Also -C DIR, --json, -q and --no-color; see runner --help."


def _option(flag: str, name: str, hidden: bool, words: str, **more: Any) -> click.Option:  # noqa: FBT001 - click's name for it, and only called above
    return click.Option([flag, name], expose_value=False, callback=_take, hidden=hidden, help=words, **more)


def _take(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Note an option that was given; those that were not leave the others as they are."""
    options = current()
    if parameter.name == "directory" and value is not None:
        options.folder = value
    elif parameter.name in ("json", "quiet") and value:
        setattr(options, parameter.name, True)
    if (parameter.name == "no_color" and value) or os.environ.get("NO_COLOR"):
        options.color = ctx.find_root().color = ctx.color = False
