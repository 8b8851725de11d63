"""Problems of files for people: place, what, the line with a caret, hint."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.cli import options
from runner.cli.display import safe

if TYPE_CHECKING:
    from runner.project.problems import Problem

WIDEST = 160


def print_problems(problems: Iterable[Problem], *, color: str = "red") -> None:
    """Print each problem to stderr, with the line of its file when that can be read."""
    for problem in problems:
        place = f"{problem.file}:{problem.line}:{problem.column}"
        where = f"  {problem.where}" if problem.where else ""
        click.echo(f"{click.style(safe(place), bold=True)}{safe(where)}", err=True)
        click.echo(f"  {click.style(safe(problem.what), fg=color)}", err=True)
        _print_line(problem)
        if problem.hint:
            click.echo(f"  hint: {safe(problem.hint)}", err=True)


def _print_line(problem: Problem) -> None:
    from runner.project import std

    line = _line(std.place(options.current().directory, problem.file), problem.line)
    if not line.strip():
        return
    before = line[: problem.column - 1]
    start = max(0, len(before) - WIDEST // 2)
    margin = f"  {problem.line:>4} | "
    click.echo(f"{margin}{safe(line[start : start + WIDEST])}", err=True)
    click.echo(f"{' ' * (len(margin) - 2)}| {' ' * len(safe(before[start:]))}^", err=True)


def _line(path: Path, number: int) -> str:
    if not path.is_file():  # reading a pipe would wait for ever
        return ""
    try:
        return path.read_text(encoding="utf-8").splitlines()[number - 1].replace("\t", " ")
    except (OSError, ValueError, IndexError):  # it is gone, no text, or shorter by now
        return ""
