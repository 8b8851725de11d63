"""Problems of files for people: place, what, the line with a caret, hint."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.cli import options
from runner.cli.display import safe
from runner.project.drawing.text import columns
from runner.secrets.env_file import ENV_FILE
from runner.secrets.literals import veiled

if TYPE_CHECKING:
    from runner.project.problems import Problem

WIDEST = 160
"""Characters of a line that are shown, those around the fault."""
_LARGEST = 1_000_000
"""Bytes of a file from which a line is shown; no larger one is read as configuration."""


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
            _print_line(problem, _content(problem) if files is None else files.get(problem.file, b""))
        if problem.hint:
            click.echo(f"  hint: {_in_line(problem.hint)}", err=True)


def _in_line(text: str) -> str:
    """A text on one line: what a file puts behind a line end would begin one, and read like words of ours."""
    return safe(text).replace("\n", "\\n")


def _print_line(problem: Problem, content: bytes) -> None:
    text = content.decode("utf-8-sig", errors="backslashreplace").replace("\t", " ")
    line, column = veiled(text, problem.line, problem.column)
    if not line.strip():
        return
    before = line[: column - 1]
    start = max(0, len(before) - WIDEST // 2)
    while start and unicodedata.combining(line[start]):
        start -= 1
    margin = f"  {problem.line:>4} | "
    click.echo(f"{margin}{safe(line[start : start + WIDEST])}", err=True)
    click.echo(f"{' ' * (len(margin) - 2)}| {' ' * columns(safe(before[start:]))}^", err=True)


def _content(problem: Problem) -> bytes:
    """What is in the file of a problem; nothing of one that no line may be shown of."""
    from runner.project import std

    path: Path = std.place(options.current().directory, problem.file)
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:  # a pipe would be read for ever
            return b""
        secret = options.current().directory / ENV_FILE
        if secret.exists() and path.samefile(secret):  # by another name, or behind a link
            return b""
        return path.read_bytes()
    except OSError:  # it is gone, or not ours to read
        return b""
