"""What the models of a run were sent, as its journal kept it: visit by visit, turn by turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runner.cli import options
from runner.cli.display import as_json, say, show, show_json
from runner.cli.runs.files import about, files_of
from runner.cli.watch.answered import by_rule, fallback
from runner.cli.watch.shortened import shortening, summing
from runner.engine.turns.conversation import INTENT, exchange, opening
from runner.runs.paths import SUMMARY

if TYPE_CHECKING:
    from runner.models.port import Message
    from runner.runs.events import PromptRendered
    from runner.runs.rows import RunRow
    from runner.runs.state import RunState


def print_prompts(row: RunRow, state: RunState) -> None:
    """Print every text that went to a model, in the order of visits; what one turn repeats of another is left out."""
    visits = [_visit(state, path, prompt) for path, prompt in state.prompts.items()]
    if options.current().json:
        show_json({**about(row), "visits": visits})
        return
    say(f"revision {files_of(row)}")
    for visit in visits:
        goes_on = f", goes on from {visit['continues']}" if visit["continues"] else ""
        show(f"# {visit['path']}: agent {visit['agent']}{goes_on}")
        for turn in [*_rule_turn(visit), *visit["turns"]]:
            for message in turn["messages"]:
                show(f"## {turn['path'].rpartition('/')[2]}: {message['role']}")
                show("\n".join(message_lines(message)))
    if not visits:
        say("no model was asked anything in this run")


def _visit(state: RunState, path: str, prompt: PromptRendered) -> dict[str, Any]:
    turns = [{"path": turn, "messages": messages} for turn, messages in _turns(state, path)]
    about = {"path": path, "agent": prompt.agent, "continues": prompt.continues}
    rule = next((asdict(one) for one in by_rule(state) if one.path == path), None)
    return {**about, "system": prompt.system, "message": prompt.message, "by_rule": rule, "turns": turns}


def _rule_turn(visit: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A visit that a rule answered, as a turn that no model had."""
    rule = visit["by_rule"]
    if rule and rule["reply"] is not None:
        call = {"tool": rule["tool"], "arguments": rule["arguments"]}
        about = {**_note(f"by rule `{rule['phrase']}`, no model was asked"), "calls": [call]}
        said = _note(rule["reply"])
        asked = {"role": "user", "text": visit["message"]}
        yield {"path": f"{visit['path']}/{INTENT}", "messages": [asked, about, said]}


def _turns(state: RunState, path: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each turn with the messages it sent beyond those of the turn before."""
    yield from _summary(state, path)
    fresh, number = opening(state, path), 1
    while (turn := f"{path}/turn-{number}") in state.attempts:
        yield turn, [*(about_message(one) for one in fresh), *_noted(state, path, turn)]
        if turn not in state.replies:
            return
        fresh, number = exchange(state, turn), number + 1


def _summary(state: RunState, path: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The call that summed up the conversation before, with what it gave."""
    if path in state.summaries:
        event = state.summaries[path]
        yield f"{path}/{SUMMARY}", [_note(summing(event, state)), {"role": "assistant", "text": event.text}]


def _noted(state: RunState, path: str, turn: str) -> Iterator[dict[str, Any]]:
    """What became of the messages before, where they were sent shorter; what a rule did; who answered instead."""
    for event in state.shortened.get(path, ()):
        if event.path == turn:
            yield _note(f"{shortening(event)}\n{event.how.summary}".rstrip())
    if turn == f"{path}/turn-1":
        yield from (_note(f"by rule {one}") for one in by_rule(state) if one.path == path)
    if other := fallback(state, turn):
        yield _note(str(other))


def _note(text: str) -> dict[str, Any]:
    return {"role": "runner", "text": text}


def about_message(message: Message) -> dict[str, Any]:
    """A message as plain data."""
    calls = [{"tool": call.tool, "arguments": call.arguments} for call in message.calls]
    return {"role": message.role, "text": message.text, **({"calls": calls} if calls else {})}


def message_lines(message: dict[str, Any]) -> Iterator[str]:
    """The same in lines: its text, then its calls."""
    if message["text"] or "calls" not in message:
        yield message["text"]
    for call in message.get("calls", ()):
        yield f"calls {call['tool']} {as_json(call['arguments'])}"
