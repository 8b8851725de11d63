"""Messages that need no model: a phrase is met, its tool is called as any other, its reply is the answer."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from runner.engine.calls.call import call_tool
from runner.engine.calls.targeting import aimed
from runner.engine.steps.step import tries
from runner.engine.turns.answers import answer_of
from runner.engine.turns.conversation import INTENT
from runner.errors import OutputInvalid
from runner.project.checks.habits import arguments_of
from runner.project.phrases import phrase
from runner.project.render import render_data
from runner.project.targets import GROUP, PARAMETER, is_moved, offered
from runner.prompts import template
from runner.runs.events import IntentAnswered, IntentMatched
from runner.runs.record import Record
from runner.spec.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.engine.steps.step import Step
    from runner.project.agents import Intent
    from runner.project.project import AgentEntry, Project, ToolEntry
    from runner.spec.types import Fields, Type


async def by_intent(step: Step, entry: AgentEntry, output: Fields | None) -> Record | None:
    """What an intent answers to the visit's message; None when the model is to speak: it reads what was called."""
    ctx, path = step.ctx, f"{step.path}/{INTENT}"
    if path not in ctx.state.matched:
        message = ctx.state.prompts[step.path].message
        matched = step.rendering(lambda: met(ctx.project, entry, message, path))
        if matched is None:
            return None
        ctx.append(matched)
    matched = ctx.state.matched[path]
    record = await tries(
        ctx.project.tools[matched.tool].spec.retry,
        lambda end: call_tool(step, matched.tool, matched.arguments, f"{path}/call-1{end}", entry.name),
    )
    return _replied(step, entry, matched, record, output) if record.status == "ok" else None


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


def _replied(
    step: Step, entry: AgentEntry, matched: IntentMatched, record: Record, output: Fields | None
) -> Record | None:
    """The rendered reply; None when there is none, or it does not fit the fields that are asked for here."""
    told = step.ctx.state.foreseen.get(f"{matched.path}/call-1")
    if told is not None and told.kind == "tool":  # a reply is written for what was done
        return None if output else Record.of("ok", f"dry run: {told.would}")
    reply = reply_of(entry, matched)
    _, places = aimed(step, step.ctx.project.tools[matched.tool], matched.arguments, entry.name)
    if reply is None or len(places) > 1:  # a reply is written for what one target says
        return None
    values = {"target": places[0], **matched.slots, "result": record.output}
    text = str(step.rendering(lambda: template(reply).render(values)))
    try:
        answer = answer_of(text, output)
    except OutputInvalid:
        return None
    if matched.path not in step.ctx.state.answered:
        step.ctx.append(IntentAnswered(path=matched.path, text=text))
    return Record.of("ok", answer)
