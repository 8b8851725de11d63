"""Problems of files for people: place, what, the line with a caret, hint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.cli import options
from runner.cli.display import safe

if TYPE_CHECKING:
    from runner.project.problems import Problem

WIDEST = 160


def print_problems(
    problems: Iterable[Problem], *, color: str = "red", files: Mapping[str, bytes] | None = None
) -> None:
    """Print each problem to stderr, with the line of its file: on disk, or in the `files` that were read elsewhere."""
    for problem in problems:
        place = f"{problem.file}:{problem.line}:{problem.column}"
        where = f"  {problem.where}" if problem.where else ""
        click.echo(f"{click.style(safe(place), bold=True)}{safe(where)}", err=True)
        click.echo(f"  {click.style(safe(problem.what), fg=color)}", err=True)
        _print_line(problem, _line(problem) if files is None else _line_of(files.get(problem.file, b""), problem.line))
        if problem.hint:
            click.echo(f"  hint: {safe(problem.hint)}", err=True)


def _print_line(problem: Problem, line: str) -> None:
    if not line.strip():
        return
    before = line[: problem.column - 1]
    start = max(0, len(before) - WIDEST // 2)
    margin = f"  {problem.line:>4} | "
    click.echo(f"{margin}{safe(line[start : start + WIDEST])}", err=True)
    click.echo(f"{' ' * (len(margin) - 2)}| {' ' * len(safe(before[start:]))}^", err=True)


def _line(problem: Problem) -> str:
    from runner.project import std

    path: Path = std.place(options.current().directory, problem.file)
    try:
        return _line_of(path.read_bytes(), problem.line) if path.is_file() else ""  # a pipe would be read for ever
    except OSError:
        return ""


def _line_of(content: bytes, number: int) -> str:
    try:
        return content.decode().splitlines()[number - 1].replace("\t", " ")
    except (ValueError, IndexError):  # it is no text, or shorter by now
        return ""
