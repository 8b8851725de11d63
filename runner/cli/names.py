"""Find a thing of the project by its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TypeVar

import click

from runner.errors import UsageError
from runner.spec.words import did_you_mean

T = TypeVar("T")


def pick(kind: str, things: Mapping[str, T], name: str) -> T:
    """The thing of that name; raises `UsageError` naming the nearest one."""
    if name in things:
        return things[name]
    stem = PurePosixPath(name).stem if name.endswith((".yaml", ".yml")) else name.rpartition("/")[2]
    hint = did_you_mean(name, things) or did_you_mean(stem, things) or f"there are: {', '.join(things) or 'none'}"
    raise UsageError(f"there is no {kind} `{name}`", hint=hint)


def refuse_more(hint: str) -> None:
    """Refuse words behind those that a verb takes: a sentence without quotes is many."""
    if more := click.get_current_context().args:
        raise UsageError(f"nobody knows what to do with `{' '.join(more)}`", hint=hint)
