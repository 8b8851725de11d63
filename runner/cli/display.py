"""How data is shown to a person: nothing from a file, a model or a tool can move the cursor or hide itself."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from runner.cli import options
from runner.spec.money import format_micros

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Controls, escapes, line separators, directions, and what has no width."""
_MINUTE = 60
_TENTHS = 10


def safe(text: object) -> str:
    r"""A text with all that a terminal would act on or hide written out (`\x1b`, `\u202e`); lines and tabs stay."""
    return _UNSAFE.sub(lambda found: _escape(found[0]), str(text))


def one_line(text: object, width: int = 160) -> str:
    """The beginning of a text on one line."""
    line = safe(" ".join(str(text).split()))
    return line if len(line) <= width else f"{line[: width - 1]}…"


def cut(line: str, width: int) -> str:
    """The beginning of a line; what is left out is counted."""
    left = len(line) - width
    return line if left <= 0 else f"{line[:width]}{left_out(left, 'character')}"


def bounded(lines: list[str], most: int | None) -> list[str]:
    """The first lines; what is left out is counted."""
    if most is None or len(lines) <= most:
        return lines
    return [*lines[:most], left_out(len(lines) - most, "line")]


def left_out(count: int, noun: str) -> str:
    """How much is left out: `… 3 more lines`."""
    return f"… {count} more {noun}{'s' * (count != 1)}"


def as_json(data: Any, *, indent: int | None = None) -> str:
    """JSON in which nothing can act on a terminal either."""
    text = json.dumps(data, ensure_ascii=False, indent=indent, default=str)
    return _UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def show(text: object = "", *, err: bool = False) -> None:
    """Print data, on stderr with `err`."""
    click.echo(safe(text), err=err)


def show_json(data: Any) -> None:
    """Print data as JSON, for people's eyes too."""
    click.echo(as_json(data, indent=2))


def say(text: str = "", **style: Any) -> None:
    """Talk to the person, unless only data is wanted."""
    if not options.current().quiet:
        insist(text, **style)


def insist(text: str, **style: Any) -> None:
    """Tell the person what has to be done, also where only data is wanted; JSON says it itself."""
    wanted = options.current()
    if not (wanted.quiet and wanted.json):
        click.secho(safe(text), err=True, **style)


def complain(message: str, hint: str = "") -> None:
    """Print what went wrong and what to do about it, also where only data is wanted."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {safe(message)}", err=True)
    if hint:
        click.echo(f"hint: {safe(hint)}", err=True)


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, err: bool = False) -> None:
    """Print rows in columns, on stderr with `err`; the last one is as long as it needs."""
    lines = [list(header), *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for number, line in enumerate(lines):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.echo(click.style(text, bold=True) if number == 0 else text, err=err)


def seconds(value: float) -> str:
    """A stretch of time: `0.3 s`, `12 s`, `2 m 05 s`, `1 h 02 m`."""
    if value < _TENTHS:
        return f"{value:.1f} s"
    if value < _MINUTE:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), _MINUTE)
    if minutes < _MINUTE:
        return f"{minutes} m {rest:02} s"
    return f"{minutes // _MINUTE} h {minutes % _MINUTE:02} m"


def money(micros: int, unpriced: int = 0) -> str:
    """An amount, and how many model calls it leaves out because nobody knows their price."""
    left_out = f" + {unpriced} call{'s' if unpriced > 1 else ''} of unknown price" if unpriced else ""
    return format_micros(micros) + left_out


def moment(at: float | None) -> str:
    """A point in time, in the time zone of this machine."""
    return "" if at is None else datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
