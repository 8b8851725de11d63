"""Which phrase of an agent a message is, with what slots; nothing is called, so that who only chooses may ask too."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from runner.project.checks.habits import arguments_of
from runner.project.phrases import phrase
from runner.project.render import render_data
from runner.project.targets import GROUP, PARAMETER, is_moved, offered
from runner.runs.events import IntentMatched
from runner.spec.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.agents import Intent
    from runner.project.project import AgentEntry, Project, ToolEntry
    from runner.spec.types import Type


def met(project: Project, entry: AgentEntry, message: str, path: str) -> IntentMatched | None:
    """The phrase that a message is; of several, the one that says most of it. Raises `prompts.RenderError`."""
    found: list[tuple[int, Intent, str, dict[str, Any]]] = []
    for intent in entry.spec.intents:
        types = _types(project, entry, project.tools[intent.tool])
        for said in intent.say:
            slots = phrase(said).match(message, types)
            if slots is not None:
                found.append((sum(len(str(value)) for value in slots.values()), intent, said, slots))
    if not found:
        return None
    _, intent, said, slots = min(found, key=itemgetter(0))
    tool = project.tools[intent.tool]
    arguments = render_data(arguments_of(intent, slots, tool.params.types), slots)
    if PARAMETER in slots and is_moved(tool):
        arguments[PARAMETER] = slots[PARAMETER]
    return IntentMatched(path=path, phrase=said, slots=slots, tool=intent.tool, arguments=arguments)


def _types(project: Project, entry: AgentEntry, tool: ToolEntry) -> Mapping[str, Type]:
    """The types of slots: the tool's own parameters, and of `target` the names where it may run for this agent."""
    if not is_moved(tool):
        return tool.params.types
    names = [name for name in offered(project, entry, tool) if not name.startswith(GROUP)]
    return {**tool.params.types, PARAMETER: parse_type({"schema": {"enum": names}})}


def reply_of(entry: AgentEntry, matched: IntentMatched) -> str | None:
    """The template of an intent's reply; None where the model puts the result into words."""
    return next(intent.reply for intent in entry.spec.intents if matched.phrase in intent.say)
