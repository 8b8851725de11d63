"""What is said in a chat: typed at a prompt, or lines of a pipe."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = "> "
_COUNTED = 1 << 20
"""Bytes of a pipe in which messages are counted."""


def messages() -> Iterator[str]:
    """The lines that are said; empty ones are passed over."""
    lines = _typed() if sys.stdin.isatty() else _piped()
    return (line.strip() for line in lines if line.strip())


def left_unsaid() -> str:
    """How many messages a pipe holds that nobody will say any more: it is not waited for further ones."""
    if sys.stdin.isatty():
        return ""
    pipe = sys.stdin.fileno()
    os.set_blocking(pipe, False)
    try:
        rest = sys.stdin.buffer.read(_COUNTED) or b""
    finally:
        os.set_blocking(pipe, True)
    count = sum(1 for line in rest.splitlines() if line.strip())
    some = "more than " if len(rest) == _COUNTED else ""
    return f"{some}{count:,} message{'s are' if count > 1 else ' is'} not said any more" if count else ""


def _piped() -> Iterator[str]:
    for number, line in enumerate(iter(sys.stdin.buffer.readline, b""), 1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise UsageError(f"line {number} of the input is no UTF-8 text") from error


def _typed() -> Iterator[str]:
    """Lines of a terminal; Ctrl-C takes back what was typed of one, and ends the chat where nothing was."""
    import readline  # gives `input` its line editing, too

    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            click.echo(err=True)
            return
        except KeyboardInterrupt:
            click.echo(err=True)
            if not readline.get_line_buffer():
                raise
