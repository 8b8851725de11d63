"""Which agent answers a message: a whole phrase, else the likeness to what its file says of it, else the fallback.

What its runs came to, and a model, choose only between agents whose scores are within the margin of the best: files set
how far that is, and how like a message must be at all. Everything but the model is a function of files and journal.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runner.engine.routing.similarity import LONGEST, Similarity
from runner.engine.turns.meeting import met
from runner.errors import ModelFailed
from runner.prompts import RenderError
from runner.runs.events import Candidate, NearestKind
from runner.spec.cuts import begin_of
from runner.spec.selectors import Selectable, Selectables

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence

    from runner.project.project import AgentEntry, Project
    from runner.project.settings import RouterSpec
    from runner.runs.events import IntentMatched
    from runner.runs.events.choice import How

Learned = tuple[int, int]
"""How many runs of an agent passed, of how many."""
LATEST = 100
"""Runs of each agent that are learned from."""
PRIOR = 4
"""Runs that every agent is taken to have besides its own, half of them passed: a few say little."""
_UNKNOWN: Learned = (0, 0)
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_SLOT = re.compile(r"\{[^{}]*\}|[\[\]|]")


@dataclass(frozen=True, slots=True)
class Routed:
    """The choice and how it came about; `agent` is empty when none fits. `close` are those that a model may decide."""

    agent: str
    how: How
    reason: str
    candidates: tuple[Candidate, ...]
    """All agents that could be chosen, the best first."""
    close: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        candidates = [{**one.model_dump(), "score": one.score} for one in self.candidates]
        return {**{name: getattr(self, name) for name in ("agent", "how", "reason", "close")}, "candidates": candidates}


def route(project: Project, text: str, learned: Mapping[str, Learned]) -> Routed:
    """The agent that answers a message; `learned` counts runs, and is not looked at with `learn: false`."""
    router = project.settings.router
    entries = [project.agents[name] for name in among(project)]
    candidates = _shifted(_candidates(entries, text), learned if project.settings.learn else {}, router.margin)
    phrases = _phrases(project, entries, text)
    if phrases:
        candidates = [_met(one, phrases[one.agent]) if one.agent in phrases else one for one in candidates]
        fits = {one.agent for one in candidates if one.agent in phrases}
    else:
        fits = {one.agent for one in candidates if one.similarity >= router.threshold}
    ranked = sorted(candidates, key=lambda one: (one.agent not in fits, -one.score, one.agent))
    return _chosen(ranked, fits, router) if fits else _nobody(ranked, router)


async def settled(routed: Routed, project: Project, text: str, ask: Callable[[str], Awaitable[str]]) -> Routed:
    """The choice once the model of a close call was asked; an answer that does not name one of them changes nothing.

    `ask` gives the model's answer to a question, or raises ModelFailed. Whatever the message tells the model, only
    agents of the close call can be chosen.
    """
    if not routed.close:
        return routed
    between, model = ", ".join(routed.close), project.settings.router.model
    try:
        answer = await ask(_question(routed.close, project, text))
    except ModelFailed as failure:
        return replace(routed, reason=f"{routed.reason}; {model} gave no answer: {failure.message}", close=())
    named = set(_NAME.findall(answer.lower())) & set(routed.close)
    if len(named) != 1:
        return replace(routed, reason=f"{routed.reason}; {model} was asked and named none of {between}", close=())
    chosen = named.pop()
    return replace(routed, agent=chosen, how="model", reason=f"a close call between {between}: {model} chose", close=())


def _question(names: Sequence[str], project: Project, text: str) -> str:
    agents = "\n".join(f"- {name}: {project.agents[name].spec.description}" for name in names)
    ask = "Which of these assistants should answer the message below? Reply with its name and nothing else."
    return f"{ask}\n\n{agents}\n\nMessage:\n{begin_of(text, LONGEST)}"


def among(project: Project) -> list[str]:
    """The agents that can be chosen."""
    things = Selectables(Selectable(name) for name in project.agents)
    return things.select(project.settings.router.agents)[0]


def _candidates(entries: Sequence[AgentEntry], text: str) -> list[Candidate]:
    """Each agent with the text of its file that is most like the message."""
    said = tuple((entry.name, tuple(_texts(entry))) for entry in entries)
    found = _similarity(said).nearest(text)
    candidates = []
    for name, texts in said:
        near = found[name]
        kind, words = texts[near.place] if near.place >= 0 else ("", "")
        candidates.append(Candidate(agent=name, similarity=near.similarity, kind=kind, nearest=words, words=near.words))
    return candidates


@lru_cache(maxsize=4)
def _similarity(said: tuple[tuple[str, tuple[tuple[NearestKind, str], ...]], ...]) -> Similarity:
    """Kept for the next message: files change less often than somebody asks."""
    return Similarity({name: [_SLOT.sub(" ", words) for _, words in texts] for name, texts in said})


def _texts(entry: AgentEntry) -> Iterator[tuple[NearestKind, str]]:
    """What its file says of the messages that it is for."""
    spec = entry.spec
    yield "description", f"{entry.name}: {spec.description}"
    yield from (("example", example.user) for example in spec.examples)
    yield from (("suggestion", words) for words in spec.suggestions)
    yield from (("phrase", said) for intent in spec.intents for said in intent.say)


def _phrases(project: Project, entries: Sequence[AgentEntry], text: str) -> dict[str, str]:
    """Of each agent the phrase that the message is, whole; of several agents those whose slots leave least open."""
    found: dict[str, IntentMatched] = {}
    for entry in entries:
        with suppress(RenderError):  # its arguments cannot be made: then a model has to
            matched = met(project, entry, text, "")
            if matched is not None:
                found[entry.name] = matched
    left = {name: sum(len(str(value)) for value in matched.slots.values()) for name, matched in found.items()}
    return {name: matched.phrase for name, matched in found.items() if left[name] == min(left.values())}


def _met(candidate: Candidate, phrase: str) -> Candidate:
    return candidate.model_copy(update={"similarity": 1.0, "kind": "intent", "nearest": phrase})


def _shifted(candidates: Sequence[Candidate], learned: Mapping[str, Learned], margin: float) -> list[Candidate]:
    """Each with what its runs add: half the margin at most, so that nobody overtakes who is further behind."""
    found = []
    for one in candidates:
        passed, runs = learned.get(one.agent, _UNKNOWN)
        success = (passed + PRIOR / 2) / (runs + PRIOR)
        learnt = {"passed": passed, "runs": runs, "shift": margin * (success - 0.5)}
        found.append(one.model_copy(update=learnt))
    return found


def _chosen(ranked: Sequence[Candidate], fits: Collection[str], router: RouterSpec) -> Routed:
    """The best of those that fit, and what made it so."""
    fitting = [one for one in ranked if one.agent in fits]
    best, nearest = fitting[0], min(fitting, key=lambda one: (-one.similarity, one.agent))
    rivals = [one for one in fitting[1:] if best.score - one.score <= router.margin]
    close = (best.agent, *(one.agent for one in rivals)) if router.model and rivals else ()
    if nearest is not best:
        return Routed(best.agent, "learned", _why_learned(best, nearest), tuple(ranked), close)
    if best.kind == "intent":
        return Routed(best.agent, "intent", f"the message is a phrase of it: {best.nearest}", tuple(ranked), close)
    return Routed(best.agent, "similarity", _why(best, rivals, router), tuple(ranked), close)


def _why(best: Candidate, rivals: Sequence[Candidate], router: RouterSpec) -> str:
    nearest = f"its {best.kind} is nearest to the message ({best.similarity:.2f})"
    if not rivals:
        return f"{nearest}, and no other agent is within {router.margin:g} of it"
    return f"{nearest}; a close call with {_named(rivals)}"


def _why_learned(best: Candidate, nearest: Candidate) -> str:
    return (
        f"a close call: {nearest.agent} is a little nearer to the message ({nearest.similarity:.2f}, not "
        f"{best.similarity:.2f}), but {_runs(best)} passed, and {_runs(nearest)}"
    )


def _runs(one: Candidate) -> str:
    return f"{one.passed} of {one.runs} runs of {one.agent}" if one.runs else f"{one.agent} has not run yet"


def _nobody(ranked: Sequence[Candidate], router: RouterSpec) -> Routed:
    """The fallback, if there is one."""
    best = ranked[0] if ranked else None
    nearest = f": {best.agent}, the nearest, has {best.similarity:.2f}" if best and best.similarity else ""
    reason = f"no agent fits, as none has a similarity of {router.threshold:g}{nearest}"
    if router.fallback is None:
        return Routed("", "none", reason, tuple(ranked))
    return Routed(router.fallback, "fallback", f"{reason}; it is the fallback", tuple(ranked))


def _named(candidates: Sequence[Candidate]) -> str:
    return ", ".join(f"{one.agent} ({one.similarity:.2f})" for one in candidates)
