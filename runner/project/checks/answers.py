"""The check of answers that are written out - of examples, intents and scripted models - against `output`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.models.arguments import loads
from runner.project.findings import Finding
from runner.project.phases import AgentBody
from runner.project.steps import steps
from runner.prompts.template import MARKS
from runner.spec.types import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.models.scripted import ReplySpec
    from runner.project.findings import Loc
    from runner.project.project import AgentEntry, Project
    from runner.spec.types import Fields

CODE = "wrong-answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """A place in which an agent answers, and the fields of its answer there; without them it answers in text."""

    agent: str
    phase: str
    output: Fields | None


def asked(project: Project) -> Iterator[Asked]:
    """Every place in which an agent answers; a phase's own `output` replaces the agent's."""
    for entry in project.workflows.values():
        for step in steps(entry.spec):
            if isinstance(step.spec, AgentBody) and step.spec.agent in project.agents:
                output = step.spec.output or project.agents[step.spec.agent].spec.output
                yield Asked(step.spec.agent, step.phase, output)


def of_example(project: Project, agent: AgentEntry, loc: Loc, answer: Any) -> Iterator[Finding]:
    """The answer of an example, which is given as the agent has to; a mapping only where it answers by fields."""
    output = agent.spec.output
    if output is not None:
        if why := _misfit(output, answer):
            what = f"the answer of the example does not fit `output`: {why}"
            yield Finding(CODE, agent.file, loc, what, "answer as the agent has to")
        return
    has_fields = any(one.output for one in asked(project) if one.agent == agent.name)
    if not isinstance(answer, str) and not has_fields:
        what = "the answer of the example is a mapping, and the agent answers in text: it has no `output`"
        yield Finding(CODE, agent.file, loc, what, "write one text, or give the agent an `output`")


def of_rule(agent: AgentEntry, loc: Loc, reply: str) -> Iterator[Finding]:
    """The reply of an intent that is no template: what a template gives is known when it is rendered."""
    if agent.spec.output is None or any(mark in reply for mark in MARKS):
        return
    value = loads(reply)
    why = "it is no JSON object" if value is None else _misfit(agent.spec.output, value)
    if why:
        what = f"the reply does not fit `output`: {why}"
        fields = ", ".join(agent.spec.output.types)
        yield Finding(
            CODE, agent.file, loc, what, f"write it as JSON with {fields}; or leave it out, then the model answers"
        )


def of_script(places: Sequence[Asked], file: str, index: int, entry: ReplySpec) -> Iterator[Finding]:
    """The fields that a scripted model says, where no agent that it may say them to has such an `output`."""
    if entry.calls or not isinstance(entry.text, dict | list):
        return
    when = entry.when
    meant = [one for one in places if when.agent in (None, one.agent) and when.phase in (None, one.phase)]
    whys = [(one, _misfit(one.output, entry.text) if one.output else "") for one in meant]
    if whys and all(why for _, why in whys):
        one, why = whys[0]
        what = f"the answer does not fit the `output` of agent `{one.agent}`: {why}"
        yield Finding(CODE, file, (index, "text"), what, "an answer that does not fit is asked for again")


def _misfit(output: Fields, answer: Any) -> str:
    """What does not fit; empty when all does."""
    try:
        output.check(answer)
    except Mismatch as mismatch:
        return str(mismatch)
    return ""
