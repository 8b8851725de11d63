"""Messages that need no model: a phrase is met, its tool is called as any other, its reply is the answer."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from runner.engine.answers import answer_of
from runner.engine.calls import call_tool
from runner.engine.conversation import INTENT
from runner.engine.step import tries
from runner.errors import OutputInvalid
from runner.project.habits import arguments_of
from runner.project.phrases import phrase
from runner.project.render import render_data
from runner.prompts import template
from runner.runs.events import IntentAnswered, IntentMatched
from runner.runs.record import Record

if TYPE_CHECKING:
    from runner.engine.step import Step
    from runner.project.agents import Intent
    from runner.project.project import AgentEntry
    from runner.spec.types import Fields


async def by_intent(step: Step, entry: AgentEntry, output: Fields | None) -> Record | None:
    """What an intent answers to the visit's message; None when the model is to speak: it reads what was called."""
    ctx, path = step.ctx, f"{step.path}/{INTENT}"
    if path not in ctx.state.matched:
        matched = _matched(step, entry, path)
        if matched is None:
            return None
        ctx.append(matched)
    met = ctx.state.matched[path]
    record = await tries(
        ctx.project.tools[met.tool].spec.retry,
        lambda end: call_tool(step, met.tool, met.arguments, f"{path}/call-1{end}", entry.name),
    )
    return _replied(step, entry, met, record, output) if record.status == "ok" else None


def _matched(step: Step, entry: AgentEntry, path: str) -> IntentMatched | None:
    """The phrase that the message is; of several, the one that says most of it."""
    project, message = step.ctx.project, step.ctx.state.prompts[step.path].message
    found: list[tuple[int, Intent, str, dict[str, Any]]] = []
    for intent in entry.spec.intents:
        types = project.tools[intent.tool].params.types
        for said in intent.say:
            slots = phrase(said).match(message, types)
            if slots is not None:
                found.append((phrase(said).own, intent, said, slots))
    if not found:
        return None
    _, intent, said, slots = max(found, key=itemgetter(0))
    given = arguments_of(intent, project.tools[intent.tool].params.types)
    arguments = step.rendering(lambda: render_data(given, slots))
    return IntentMatched(path=path, phrase=said, slots=slots, tool=intent.tool, arguments=arguments)


def _replied(step: Step, entry: AgentEntry, met: IntentMatched, record: Record, output: Fields | None) -> Record | None:
    """The rendered reply; None when there is none, or it does not fit the fields that are asked for here."""
    reply = next(intent.reply for intent in entry.spec.intents if met.phrase in intent.say)
    if reply is None:
        return None
    values = {**met.slots, "result": record.output}
    text = str(step.rendering(lambda: template(reply).render(values)))
    try:
        answer = answer_of(text, output)
    except OutputInvalid:
        return None
    if met.path not in step.ctx.state.answered:
        step.ctx.append(IntentAnswered(path=met.path, text=text))
    return Record.of("ok", answer)
