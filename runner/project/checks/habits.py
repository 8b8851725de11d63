"""The check of what an agent has beside its prompt's words: examples, intents, and the parts that a prompt lacks."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from runner.project.agents import Rtcros
from runner.project.checks import answers
from runner.project.checks.arguments import check_arguments
from runner.project.findings import Finding
from runner.project.names import texts
from runner.project.names.shapes import OPEN
from runner.project.names.texts import Text
from runner.project.phrases import BadPhrase, phrase, same
from runner.project.targets import PARAMETER, is_moved
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from runner.project.agents import AgentSpec, Intent
    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.names.shapes import Schema
    from runner.project.names.texts import Use
    from runner.project.project import AgentEntry, Project

_SLOT_NAMES = re.compile(r"\{\s*(\w+)")
PARTS = ("role", "task", "constraints")
"""The parts that a prompt in parts should have; the others say something of some agents only."""


def check(project: Project, seen: Project, recall: Recall) -> Iterator[Finding]:
    """What is wrong with the habits of all agents; `seen` is the project's view."""
    agents = project.agents
    return chain.from_iterable(recall.each("habits", lambda name: _of_agent(seen, agents[name]), agents))


def slots_of(intent: Intent) -> set[str] | None:
    """The slots that no message leaves out, which an intent's templates can read; None when a phrase is none."""
    try:
        return set.intersection(*(set(phrase(source).always) for source in intent.say))
    except BadPhrase:
        return None


def texts_of_intents(agent: AgentSpec) -> Iterator[tuple[Iterable[Text | Use], dict[str, Schema]]]:
    """The templates of intents with the names that they see: the slots of all phrases; a reply: `result`, `target`."""
    for index, intent in enumerate(agent.intents):
        known = slots_of(intent)
        if known is None:
            continue  # told of the phrase
        slots = dict.fromkeys(sorted(known), OPEN)
        yield texts.in_data(("intents", index, "with"), intent.with_), slots
        if intent.reply:
            yield [Text(("intents", index, "reply"), intent.reply)], {"target": OPEN, **slots, "result": OPEN}


def arguments_of(intent: Intent, slots: Collection[str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The `with` of an intent; without one each slot goes to the parameter of its name."""
    if intent.with_:
        return dict(intent.with_)
    return {name: f"{{{{ {name} }}}}" for name in sorted(slots) if name in parameters}


def _of_agent(project: Project, agent: AgentEntry) -> tuple[Finding, ...]:
    return (*_parts(agent), *_examples(project, agent), *_intents(project, agent))


def _parts(agent: AgentEntry) -> Iterator[Finding]:
    """Only of a prompt in parts: one text says what it is in its own order."""
    prompt = agent.spec.prompt
    missing = [part for part in PARTS if isinstance(prompt, Rtcros) and not getattr(prompt, part)]
    if missing:
        what = f"the prompt has no {' and no '.join(f'`{part}`' for part in missing)}"
        hint = "say who it is, what it has to do and what it must keep to; or write the prompt as one text"
        yield Finding("incomplete-prompt", agent.file, ("prompt",), what, hint, "warning", at_key=True)


def _examples(project: Project, agent: AgentEntry) -> Iterator[Finding]:
    for index, example in enumerate(agent.spec.examples):
        loc = ("examples", index)
        for number, call in enumerate(example.calls):
            yield from _call(project, agent, (*loc, "calls", number), call.tool, call.with_)
        if example.answer is not None:
            yield from answers.of_example(project, agent, (*loc, "answer"), example.answer)
        elif agent.spec.output is not None:
            what = "an example of an agent with `output` needs its `answer`, also after calls"
            yield Finding(answers.CODE, agent.file, loc, what, "else the model would learn to answer in a word")


def _intents(project: Project, agent: AgentEntry) -> Iterator[Finding]:
    taken: dict[str, int] = {}
    for index, intent in enumerate(agent.spec.intents):
        entry = project.tools.get(intent.tool)
        yield from _phrases(agent, index, intent, taken)
        if entry and not is_moved(entry) and PARAMETER not in entry.params.types:
            yield from _aimed_in_vain(agent, index, intent)
        slots = slots_of(intent)
        if slots is not None:
            given = arguments_of(intent, slots, entry.params.types if entry else {})
            yield from _call(project, agent, ("intents", index), intent.tool, given)
        if intent.reply and agent.spec.output:
            yield from answers.of_rule(agent, ("intents", index, "reply"), intent.reply)


def _phrases(agent: AgentEntry, index: int, intent: Intent, taken: dict[str, int]) -> Iterator[Finding]:
    for number, source in enumerate(intent.say):
        loc = ("intents", index, "say", number)
        try:
            first = taken.setdefault(same(source), index)
        except BadPhrase as fault:
            yield Finding("bad-phrase", agent.file, loc, str(fault), fault.hint)
            continue
        if first != index:
            what = f"this phrase stands in intents[{first}], too, which is asked first"
            yield Finding("bad-phrase", agent.file, loc, what, "take one of them away")


def _aimed_in_vain(agent: AgentEntry, index: int, intent: Intent) -> Iterator[Finding]:
    for number, source in enumerate(intent.say):
        if PARAMETER in _SLOT_NAMES.findall(source):
            what = f"`{intent.tool}` acts from this machine, whatever target is named"
            hint = f"take {{{PARAMETER}}} out of the phrase, or call a tool that runs a command"
            yield Finding("bad-phrase", agent.file, ("intents", index, "say", number), what, hint)


def _call(project: Project, agent: AgentEntry, loc: Loc, tool: str, given: Mapping[str, Any]) -> Iterator[Finding]:
    """A call that is written out: one of the agent's tools, with what it takes."""
    entry = project.tools.get(tool)
    if entry is not None and tool in agent.tools:
        yield from check_arguments(agent.file, loc, given, entry.params, f"tool `{tool}`", "parameter")
        return
    hint = did_you_mean(tool, agent.tools) or f"its tools: {', '.join(agent.tools) or 'none'}"
    if entry is None:
        yield Finding("unknown-tool", agent.file, (*loc, "tool"), f"there is no tool `{tool}`", hint)
    else:
        what = f"`{tool}` is none of this agent's tools"
        yield Finding("not-offered", agent.file, (*loc, "tool"), what, "add it to `tools`")
