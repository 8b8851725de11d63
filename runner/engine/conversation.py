"""A visit's conversation, read from the run's state: what the model is sent, what a later visit goes on from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.models.port import Message

if TYPE_CHECKING:
    from runner.runs.record import Record
    from runner.runs.state import RunState

LONGEST = 40_000
"""Characters of one tool result that a model is sent."""


def opening(state: RunState, path: str) -> list[Message]:
    """The messages a visit begins with: the earlier conversation when it continues one, and its own message."""
    prompt = state.prompts[path]
    earlier = whole(state, prompt.continues)[1:] if prompt.continues else []
    return [Message("system", prompt.system), *earlier, Message("user", prompt.message)]


def whole(state: RunState, path: str) -> list[Message]:
    """All messages of a visit so far."""
    messages = opening(state, path)
    turn = 1
    while (step := f"{path}/turn-{turn}") in state.replies:
        messages += exchange(state, step)
        turn += 1
    return messages


def exchange(state: RunState, step: str) -> list[Message]:
    """One turn: the reply, the results of its calls, and the words in which it was asked again."""
    reply = state.replies[step]
    messages = [Message("assistant", reply.text, reply.calls, thinking=reply.thinking, kept=reply.kept)]
    for index, call in enumerate(reply.calls, start=1):
        record = _last_try(state, f"{step}/call-{index}")
        if record is not None:
            messages.append(Message("tool", result_text(record), call_id=call.id))
    if step in state.retried:
        messages.append(Message("user", state.retried[step].message))
    return messages


def _last_try(state: RunState, path: str) -> Record | None:
    """The record of a call, of its last try when there were several."""
    number, record = 2, state.results.get(path)
    while (again := f"{path}/try-{number}") in state.results:
        number, record = number + 1, state.results[again]
    return record


def result_text(record: Record) -> str:
    """A tool's record as the model reads it: data, never instructions; control characters are shown as escapes."""
    if record.error is not None:
        hint = f"\nhint: {record.error.hint}" if record.error.hint else ""
        return _plain(f"error: {record.error.message}{hint}")
    text = _said(record.output)
    return _plain(text if record.status == "ok" else f"{record.status}: {text}")


def _said(output: Any) -> str:
    """Text as it stands, so that it can be quoted exactly; all else as JSON."""
    if isinstance(output, dict) and set(output) == {"text"}:
        output = output["text"]
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


def _plain(text: str) -> str:
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]}\n… {len(text) - LONGEST} characters left out …\n{text[-half:]}"
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in "\n\t" else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
