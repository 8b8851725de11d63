"""A tool call and what it gave, each in a few words."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.cli.display import one_line
from runner.cli.watch.fleets import OF_COMMANDS
from runner.project.targets import LOCAL
from runner.runs.fleets import answers_of, counted, joined

if TYPE_CHECKING:
    from runner.runs.events import ToolCalled
    from runner.runs.state import RunState

SHOWN = 6
WIDE = 120


def summary(output: Any) -> str:
    """A tool's or an agent's output in a few words."""
    if (answers := answers_of(output)) is not None:
        return counted(answers)
    if not isinstance(output, Mapping):
        return one_line(output, 100) if output is not None else ""
    short = {name: _short(value) for name, value in output.items() if name not in OF_COMMANDS}
    words = [f"{name}={value}" for name, value in short.items() if value]
    return "  ".join(words[:SHOWN]) or one_line(output.get("text", ""), 100)


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"[{len(value)}]" if value else ""
    return "" if value is None or value == "" else one_line(value, 40)


def call(event: ToolCalled, state: RunState) -> str:
    """A tool call as one would type it: the words of a command, quoted, else the arguments given; and where."""
    where = f" {place}" if (place := on(event.target)) else ""
    if event.argv:
        words = ["…" if "\n" in word else shlex.quote(word) for word in event.argv]  # a script would hide the rest
        return one_line(f"{event.tool}: {' '.join(words)}", WIDE) + where
    given = _asked_for(event, state)
    return one_line(" ".join([event.tool, *(f"{name}={value}" for name, value in given.items())]), WIDE) + where


def on(target: str) -> str:
    """` on web1, web2`; nothing for what ran here."""
    return "" if target in ("", LOCAL) else f" on {joined(target.split(', '))}"


def _asked_for(event: ToolCalled, state: RunState) -> Mapping[str, Any]:
    """The arguments as the model gave them, without defaults, when a model did."""
    turn, _, number = event.path.rpartition("/call-")
    reply = state.replies.get(turn)
    if reply is None or not number.isdecimal() or int(number) > len(reply.calls):
        return event.arguments
    made = reply.calls[int(number) - 1]
    is_plain = made.tool == event.tool and isinstance(made.arguments, Mapping)  # else another call stood for this one
    return made.arguments if is_plain else event.arguments
