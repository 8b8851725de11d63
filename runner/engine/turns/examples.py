"""Examples as a model takes them best: as turns of a conversation, with real calls and results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.turns.conversation import made_id, written
from runner.project.searching import CALL
from runner.runs.events import Call, Shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.agents import Example
    from runner.project.project import AgentEntry

LEFT_OUT = "ok"
"""A result, and an answer after calls, that an example leaves out: servers want one."""


def examples(entry: AgentEntry) -> tuple[Shown, ...]:
    """The messages of an agent's examples, in the order of the file."""
    return tuple(message for number, one in enumerate(entry.spec.examples) for message in _messages(entry, number, one))


def _messages(entry: AgentEntry, number: int, example: Example) -> Iterator[Shown]:
    yield Shown(role="user", text=example.user)
    calls = tuple(
        _call(entry, made_id(f"example {number} {index}"), call.tool, dict(call.with_))
        for index, call in enumerate(example.calls)
    )
    if calls:
        yield Shown(role="assistant", text="", calls=calls)
    for call, made in zip(calls, example.calls, strict=True):
        yield Shown(role="tool", text=_text(made.result), call_id=call.id)
    yield Shown(role="assistant", text=_text(example.answer))


def _call(entry: AgentEntry, name: str, tool: str, arguments: dict[str, Any]) -> Call:
    """As the agent's model would make it."""
    if entry.spec.searches:
        tool, arguments = CALL, {"tool": tool, "arguments": arguments}
    return Call(id=name, tool=tool, arguments=arguments)


def _text(value: Any) -> str:
    if value is None:
        return LEFT_OUT
    return written(value)
