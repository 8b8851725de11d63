"""Messages that need no model: a phrase is met, its tool is called as any other, its reply is the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.calls.call import call_tool
from runner.engine.calls.targeting import aimed
from runner.engine.steps.step import tries
from runner.engine.turns.answers import answer_of
from runner.engine.turns.conversation import INTENT
from runner.engine.turns.meeting import met, reply_of
from runner.errors import OutputInvalid
from runner.prompts import template
from runner.runs.events import IntentAnswered
from runner.runs.record import Record

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.project import AgentEntry
    from runner.runs.events import IntentMatched
    from runner.spec.types import Fields


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
