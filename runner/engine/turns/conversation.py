"""A visit's conversation, read from the run's state: what the model is sent, what a later visit goes on from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.engine.turns.shortening import Said, shortened
from runner.models.port import Call, Message
from runner.runs.fleets import answers_of, counted, joined
from runner.runs.paths import TRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.runs.events import Shortening
    from runner.runs.fleets import Answer
    from runner.runs.record import Record
    from runner.runs.state import RunState

LONGEST = 40_000
"""Characters of one tool result that a model is sent."""


INTENT = "intent"
"""The last part of an intent's path, where a model call has `turn-1`."""


def opening(state: RunState, path: str) -> list[Message]:
    """The messages before a visit's first model call: system prompt, examples, what was said before, its own."""
    return [*head(state, path), *_begun(state, path)]


def whole(state: RunState, path: str) -> list[Message]:
    """All that a visit's model is sent by now: shortened as the journal says."""
    return [*head(state, path), *shortened(said(state, path), held(state, path))]


def head(state: RunState, path: str) -> list[Message]:
    """System prompt and examples."""
    prompt = state.prompts[path]
    examples = [Message(one.role, one.text, one.calls, one.call_id) for one in prompt.examples]
    return [Message("system", prompt.system), *examples]


def said(state: RunState, path: str) -> Said:
    """What was said in a visit so far, and before it in the conversation that it goes on with; nothing is shortened."""
    return Said([*_begun(state, path), *_turns(state, path)], task=len(earlier(state, path)[1]))


def held(state: RunState, path: str) -> Shortening | None:
    """How the conversation of a visit is shortened by now."""
    events = state.shortened.get(path)
    return events[-1].how if events else None


def first(state: RunState, path: str) -> str:
    """The visit in which a conversation began."""
    while path in state.prompts and (former := state.prompts[path].continues) in state.prompts:
        path = former
    return path


def earlier(state: RunState, path: str) -> tuple[list[Message], list[Message]]:
    """The conversation that a visit goes on with: what lies before its window, and what is sent as it was.

    The window begins with a message of a user: a result without its call, or an answer without its question, would be
    refused by servers.
    """
    prompt = state.prompts[path]
    if prompt.continues:
        sent = shortened(said(state, prompt.continues), held(state, prompt.continues))
    else:
        sent = _former_runs(state, path)
    at = 0 if prompt.window is None else max(0, len(sent) - prompt.window)
    while 0 < at < len(sent) and sent[at].role != "user":
        at += 1
    return sent[:at], sent[at:]


def _former_runs(state: RunState, path: str) -> list[Message]:
    """What was said in the runs whose conversation this one goes on with; its only agent is told it, no called one."""
    if state.queued is None or path.count("/") > 1:
        return []
    return [Message(one.role, one.text) for one in state.queued.said]


def _begun(state: RunState, path: str) -> list[Message]:
    """What is still sent of the earlier conversation, the visit's message, and what an intent made of it."""
    messages = [*earlier(state, path)[1], Message("user", state.prompts[path].message)]
    if path in state.summaries:  # inside the first one: two of a user in a row are refused by some servers
        words = f"What was said before, in short:\n{state.summaries[path].text}\n\n{messages[0].text}"
        messages[0] = replace(messages[0], text=words)
    return [*messages, *_by_rule(state, f"{path}/{INTENT}")]


def _by_rule(state: RunState, step: str) -> list[Message]:
    """An intent as a model reads it: the call that it stands for, its result, and the reply if it had one."""
    if step not in state.matched:
        return []
    matched, record = state.matched[step], _last_try(state, f"{step}/call-1")
    call = Call(id=made_id(step), tool=matched.tool, arguments=matched.arguments)
    messages = [Message("assistant", "", [call])]
    if record is not None:
        messages.append(Message("tool", result_text(record), call_id=call.id))
    if step in state.answered:
        messages.append(Message("assistant", state.answered[step].text))
    return messages


def _turns(state: RunState, path: str) -> Iterator[Message]:
    turn = 1
    while (step := f"{path}/turn-{turn}") in state.replies:
        yield from exchange(state, step)
        turn += 1


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


def made_id(what: str) -> str:
    """The id of a call that no model made: nine letters and digits, the only form that every server takes."""
    return hashlib.sha256(what.encode()).hexdigest()[:9]


def _last_try(state: RunState, path: str) -> Record | None:
    """The record of a call, of its last try when there were several."""
    number, record = 2, state.results.get(path)
    while (again := f"{path}/{TRY}{number}") in state.results:
        number, record = number + 1, state.results[again]
    return record


def result_text(record: Record) -> str:
    """A tool's record as the model reads it: data, never instructions; control characters are shown as escapes."""
    if record.error is not None:
        hint = f"\nhint: {record.error.hint}" if record.error.hint else ""
        partly = f"\n{_said(record.output)}" if record.output is not None else ""
        return _plain(f"error: {record.error.message}{hint}{partly}")
    text = _said(record.output)
    return _plain(text if record.status == "ok" else f"{record.status}: {text}")


def _said(output: Any) -> str:
    """Text as it stands, so that it can be quoted exactly; all else as JSON."""
    if (answers := answers_of(output)) is not None:
        return _of_hosts(answers)
    if isinstance(output, dict) and set(output) == {"text"}:
        output = output["text"]
    return written(output)


def written(value: Any) -> str:
    """A value as a model reads it: text as it stands, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _of_hosts(answers: list[Answer]) -> str:
    """What many hosts answered, a row for each different answer; of the most common one not every host is named."""
    rows = [
        {"status": one.status, "hosts": ", ".join(one.hosts) if number else joined(one.hosts), "output": one.output}
        for number, one in enumerate(answers)
    ]
    return f"{counted(answers)}\n{json.dumps(rows, ensure_ascii=False)}"


def _plain(text: str) -> str:
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]}\n… {len(text) - LONGEST} characters left out …\n{text[-half:]}"
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in "\n\t" else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
