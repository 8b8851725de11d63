"""What an agent's model would be sent: made by the functions by which the engine makes it, and shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from runner.cli.display import as_json, one_line, say, show
from runner.cli.runs.prompts import about_message, message_lines
from runner.engine.turns.conversation import INTENT, earlier, head, opening
from runner.engine.turns.meeting import met, reply_of
from runner.engine.turns.telling import latest, told, tool_defs
from runner.project.compare.plain import written
from runner.runs.events import SummaryMade, ToolReturned
from runner.runs.record import Record
from runner.runs.state import RunState

if TYPE_CHECKING:
    from runner.models.port import Message
    from runner.project.project import AgentEntry, Project
    from runner.runs.events import IntentMatched
    from runner.spec.types import Fields

_PATH = "next/1"


@dataclass(frozen=True)
class Visit:
    """A visit that is yet to be: what the agent is told in it, and the run that it would be in."""

    agent: AgentEntry
    system: str
    message: str
    output: Fields | None
    continues: str = ""
    """The phase whose conversation it goes on with."""
    state: RunState = field(default_factory=RunState)


def sent(project: Project, visit: Visit) -> dict[str, Any]:
    """The texts, and all that goes to the model beside them; no messages where a rule answers without it."""
    agent, state = visit.agent, visit.state
    former = latest(state, "", visit.continues, _PATH) if visit.continues else ""
    state.apply(told(agent, _PATH, visit.system, visit.message, former))
    _sum_up(agent, state)
    matched = met(project, agent, visit.message, f"{_PATH}/{INTENT}")
    by_rule = None if matched is None else _by_rule(agent, state, matched)
    return {
        "system": visit.system,
        "message": visit.message,
        "continues": visit.continues,
        "messages": [] if by_rule and by_rule["reply"] else _messages(state, has_message=bool(visit.message)),
        "by_rule": by_rule,
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in tool_defs(project, agent)
        ],
        "searched": len(agent.tools) if agent.spec.searches else 0,
        "output": visit.output.schema if visit.output else None,
        "sampling": written(agent.spec.sampling),
        "intents": written(agent.spec.intents),
    }


def print_sent(data: dict[str, Any]) -> None:
    """Print what `sent` gives: the system prompt, then every other message under its heading."""
    show(data["system"])
    if data["tools"]:
        searched = f": {data['searched']} by search" if data["searched"] else ""
        show(f"\n---- tools{searched} ----")
    for tool in data["tools"]:
        show(f"{tool['name']}: {one_line(tool['description'], 100)}")
    for message in data["messages"][1:]:
        role = "" if message["part"] == "message" else f": {message['role']}"
        show(f"\n---- {message['part']}{role} ----")
        show("\n".join(message_lines(message)))
    if not data["message"]:
        _print_intents(data["intents"])
    if data["by_rule"] and not data["messages"]:
        _print_answer(data["message"], data["by_rule"])
    if data["continues"] and not any(message["part"] == "earlier" for message in data["messages"]):
        say(f"\nthe conversation of {data['continues']} stands before the message: --run ID shows one that was")
    if "‹" in as_json([data["system"], data["message"], data["messages"]]):
        say("\nwhat stands in ‹ › is known when it runs")


def _messages(state: RunState, *, has_message: bool) -> list[dict[str, Any]]:
    messages = opening(state, _PATH)
    examples, before = len(head(state, _PATH)) - 1, len(earlier(state, _PATH)[1])
    parts = chain(["system"], repeat("example", examples), repeat("earlier", before), ["message"], repeat("by rule"))
    shown = [_message(part, one) for part, one in zip(parts, messages, strict=False)]
    return shown if has_message else [one for one in shown if one["part"] != "message"]


def _message(part: str, message: Message) -> dict[str, Any]:
    return {"part": part, **about_message(message)}


def _sum_up(agent: AgentEntry, state: RunState) -> None:
    """Put a word for the summary of what lies before the window, where there will be one."""
    before, _ = earlier(state, _PATH)
    if before and agent.spec.memory and agent.spec.memory.summarize:
        state.apply(SummaryMade(path=_PATH, text=f"‹a summary of {len(before)} messages›", messages=len(before)))


def _by_rule(agent: AgentEntry, state: RunState, matched: IntentMatched) -> dict[str, Any]:
    """The rule that is met, its call and a word for the result in what the model is sent."""
    state.apply(matched)
    result = Record.of("ok", f"‹what {matched.tool} gives›")
    state.apply(ToolReturned(path=f"{matched.path}/call-1", tool=matched.tool, record=result))
    about = matched.model_dump(include={"phrase", "slots", "tool", "arguments"})
    return {**about, "reply": reply_of(agent, matched)}


def _print_intents(intents: list[dict[str, Any]]) -> None:
    if intents:
        show("\n---- answered by rule ----")
    for intent in intents:
        show(f"{' | '.join(intent['say'])} → {intent['tool']}")


def _print_answer(message: str, by_rule: dict[str, Any]) -> None:
    """What happens to a message that no model is sent."""
    show(f"\n---- message ----\n{message}")
    show(f"\n---- answered by rule: {by_rule['phrase']} ----")
    show(f"calls {by_rule['tool']} {as_json(by_rule['arguments'])}\nreplies {by_rule['reply']}")
    say("\nno model is asked, unless the call fails")
