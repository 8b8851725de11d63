"""Problems of files for people: place, what, the line with a caret, hint."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.cli import options
from runner.cli.display import safe
from runner.project.drawing.text import columns
from runner.secrets.env_file import ENV_FILE

if TYPE_CHECKING:
    from runner.project.problems import Problem

WIDEST = 160
"""Characters of a line that are shown, those around the fault."""
_LARGEST = 1_000_000
"""Bytes of a file from which a line is shown; no larger one is read as configuration."""
_LINE_END = re.compile("\r\n|\r|\n")


def print_problems(
    problems: Iterable[Problem], *, color: str = "red", files: Mapping[str, bytes] | None = None
) -> None:
    """Print each problem to stderr, with the line of its file: on disk, or in the `files` that were read elsewhere."""
    for problem in problems:
        place = f"{problem.file}:{problem.line}:{problem.column}"
        where = f"  {problem.where}" if problem.where else ""
        code = click.style(f"[{problem.code}]", dim=True)
        click.echo(f"{click.style(_in_line(place), bold=True)}{_in_line(where)}  {code}", err=True)
        click.echo(f"  {click.style(_in_line(problem.what), fg=color)}", err=True)
        if problem.file != ENV_FILE:  # a line of it is a secret
            _print_line(
                problem, _line(problem) if files is None else _line_of(files.get(problem.file, b""), problem.line)
            )
        if problem.hint:
            click.echo(f"  hint: {_in_line(problem.hint)}", err=True)


def _in_line(text: str) -> str:
    """A text on one line: what a file puts behind a line end would begin one, and read like words of ours."""
    return safe(text).replace("\n", "\\n")


def _print_line(problem: Problem, line: str) -> None:
    if not line.strip():
        return
    before = line[: problem.column - 1]
    start = max(0, len(before) - WIDEST // 2)
    while start and unicodedata.combining(line[start]):
        start -= 1
    margin = f"  {problem.line:>4} | "
    click.echo(f"{margin}{safe(line[start : start + WIDEST])}", err=True)
    click.echo(f"{' ' * (len(margin) - 2)}| {' ' * columns(safe(before[start:]))}^", err=True)


def _line(problem: Problem) -> str:
    from runner.project import std

    path: Path = std.place(options.current().directory, problem.file)
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:  # a pipe would be read for ever
            return ""
        secret = options.current().directory / ENV_FILE
        if secret.exists() and path.samefile(secret):  # by another name, or behind a link
            return ""
        return _line_of(path.read_bytes(), problem.line)
    except OSError:  # it is gone, or not ours to read
        return ""


def _line_of(content: bytes, number: int) -> str:
    """A line as it can be shown: a tab is one blank, bytes that are no text are written out."""
    lines = _LINE_END.split(content.decode("utf-8-sig", errors="backslashreplace"))
    return lines[number - 1].replace("\t", " ") if number <= len(lines) else ""
