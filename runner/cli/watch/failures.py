"""Failures in words: that of a call is told once in full, with its hint; what fails because of it refers to that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.display import one_line
from runner.cli.watch.line import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.runs.record import Fault
    from runner.runs.state import RunState

TOLD = "as told above"
WHOLE = 800
"""Characters of a failure's message that are shown: all of ours, such as two fingerprints of a host and their files."""
SHORT = 40
"""Characters that may well be said again."""


def hint(words: str, indent: str) -> list[Line]:
    """What to do about it, if that is known."""
    return [Line(f"{indent}hint: {one_line(words, 400)}", "yellow")] if words else []


def whole(message: str) -> str:
    """What has failed, on one line."""
    return one_line(message, WHOLE)


def own_hint(path: str, fault: Fault | None, state: RunState, indent: str) -> list[Line]:
    """The hint of a failure, unless it was said of a tool call above."""
    call = state.results.get(path)
    is_said = call is not None and call.error is not None and fault is not None and call.error.hint == fault.hint
    return hint(fault.hint, indent) if fault and not is_said and fault.message == of_calls(fault.message, state) else []


def of_calls(words: str, state: RunState) -> str:
    """Words about a failure; those that a tool call has failed with were told then."""
    return _referring(words, {call.why: call.match for call in state.failed_calls.values()})


def of_all(words: str, state: RunState) -> str:
    """The words of a run's end; those that a tool call or a phase has failed with were told then."""
    left = (
        phase.history[-1].error for scope in state.scopes.values() for phase in scope.phases.values() if phase.history
    )
    return _referring(of_calls(words, state), {fault.message: fault.match for fault in left if fault})


def _referring(words: str, told: Mapping[str, str]) -> str:
    """Words without what was told; a short message may well be said again, but for that of a rule."""
    for message in sorted(told, key=len, reverse=True):
        if len(message) > SHORT or told[message] == "policy":
            words = words.replace(message, TOLD) if message else words
    return words
