"""A conversation and its model's context: shortened before it is too long, and once more when a server says that it is.

Each shortening is an event, so that a resumed run sends the same messages.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from runner.engine.turns.conversation import head, held, said
from runner.engine.turns.memory import summary
from runner.engine.turns.model_calls import Asked, ask_model
from runner.engine.turns.shortening import clipped, shortened, upto, ways
from runner.errors import ContextFull, ModelFailed
from runner.models.calling.tokens import estimated
from runner.runs.events import AttemptFailed, ContextShortened
from runner.runs.paths import SUMMARY

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.models.calling import Mind
    from runner.models.port import Message
    from runner.project.project import AgentEntry
    from runner.runs.events import ModelReplied, Shortening
    from runner.spec.types import Fields

ANSWER = 4_096
"""Tokens that are kept free for an answer whose most nobody says, but no more than a quarter of the window."""
NEAR = 0.9
"""Part of the room from which on a conversation is shortened."""
GOAL = 0.6
"""Part of it that is left then: a shortening costs the provider's cache, so that the next one is to be far."""
SURE = 1.25
"""Times the room that is too much for certain, however wrong the estimate."""


async def ask_within(step: Step, entry: AgentEntry, output: Fields | None, turn: int) -> ModelReplied:
    """The reply to a visit's conversation; raises ContextFull when nothing makes it short enough."""
    talk = _Talk(step, entry, output, turn)
    await talk.keep_within()
    try:
        return await talk.ask()
    except ModelFailed as fault:
        if fault.trouble != "overflow":
            raise
        await talk.shorten_once_more(fault)
    try:
        return await talk.ask()
    except ModelFailed as again:
        if again.trouble != "overflow":
            raise
        raise talk.full(again.message, again.hint) from again


class _Talk:
    """The conversation of a visit, about to be sent for one turn."""

    def __init__(self, step: Step, entry: AgentEntry, output: Fields | None, turn: int) -> None:
        self._step = step
        self._state = step.ctx.state
        self._entry = entry
        self._turn = turn
        self._place = f"{step.path}/turn-{turn}"
        self._schema = output.schema if output is not None else None
        self._tools = step.ctx.bench.tool_defs(entry.name)
        self._head = head(self._state, step.path)
        self._said = said(self._state, step.path)

    async def ask(self) -> ModelReplied:
        """The reply to what is sent now."""
        asked = Asked(self._messages(self._held), self._tools, self._schema, self._turn)
        return await ask_model(self._step, self._entry, self._place, asked)

    async def keep_within(self) -> None:
        """Shorten what comes near the window."""
        room = self._room
        if room is None or self._tokens(self._held) <= NEAR * room:
            return
        await self._shorten(GOAL * room)
        if self._tokens(self._held) > SURE * room:
            raise self.full("nothing more can be left out")

    async def shorten_once_more(self, fault: ModelFailed) -> None:
        """Shorten what a server has refused; raises ContextFull when that was done before or changes nothing."""
        now, room = self._tokens(self._held), self._room
        events = self._state.shortened.get(self._step.path, ())
        if any(event.refused and event.path == self._place for event in events):
            raise self.full(fault.message, fault.hint) from fault
        if not await self._shorten(GOAL * min(now, room or now), refused=True):
            raise self.full(fault.message, fault.hint) from fault

    def full(self, words: str, hint: str = "") -> ContextFull:
        """The failure of a conversation that is too long; a server's own hint says best what to do."""
        mind, window = self._mind, self._mind.window
        known = f"{window} tokens of context" if window else "an unknown context"
        return ContextFull(
            f"model {mind.name}: the conversation is too long: about {self._tokens(self._held)} tokens as short as it "
            f"goes, for {known}: {words.removeprefix(f'model {mind.name}: ')}",
            hint=hint
            or f"raise `context` of models.{mind.name} in runner.yaml if the model has more, name one there that has, "
            f"or give {self._entry.file} less to read (`memory`, prompt, examples, tools)",
        )

    async def _shorten(self, goal: float, *, refused: bool = False) -> bool:
        """Journal the mildest way that comes to the goal, or the last one; whether anything is shorter for it."""
        mind, before, last = self._mind, self._tokens(self._held), self._held
        way = last
        for way in ways(self._said, last, mind.gauge.characters(int(goal))):
            if self._tokens(way) <= goal:
                break
        if way is None or way == last or self._tokens(way) >= before:
            return False
        way = await self._summed_up(way, last)
        event = ContextShortened(
            path=self._place,
            model=mind.name,
            tokens=before,
            left=self._tokens(way),
            window=mind.window,
            refused=refused,
            how=way,
        )
        self._step.ctx.append(event)
        return True

    async def _summed_up(self, way: Shortening, last: Shortening | None) -> Shortening:
        """The way with the words of its summary: the model's own, unless the agent's memory says otherwise."""
        former = last.messages if last else 0
        if way.messages == former:
            return way
        memory, count = self._entry.spec.memory, way.messages - (way.messages > self._said.task)
        text = f"({count} earlier messages are left out here)"
        if memory is None or memory.summarize:
            so_far = way.model_copy(update={"messages": former, "summary": last.summary if last else ""})
            messages = upto(self._said, so_far, way.messages)
            with suppress(ModelFailed):  # the conversation goes on without it
                text = await summary(self._step, self._entry, f"{self._place}/{SUMMARY}-{way.messages}", messages)
        return way.model_copy(update={"summary": clipped(text, len(way.summary))})

    @property
    def _mind(self) -> Mind:
        """Who has found the conversation too long in this turn, which may be a fallback; else who is asked first."""
        minds = self._step.ctx.bench.caller.chain(self._entry.spec.model)
        failed = [event for event in self._state.turned.get(self._place, ()) if isinstance(event, AttemptFailed)]
        full = [event.model for event in failed if event.trouble == "overflow"][-1:]
        return next((mind for mind in minds if mind.name in full), minds[0])

    @property
    def _held(self) -> Shortening | None:
        return held(self._state, self._step.path)

    @property
    def _room(self) -> int | None:
        """Tokens that the conversation may have."""
        window = self._mind.window
        if window is None:
            return None
        answer = self._entry.spec.sampling.max_tokens or min(ANSWER, window // 4)
        return window - min(answer, window // 2)

    def _messages(self, how: Shortening | None) -> list[Message]:
        return [*self._head, *shortened(self._said, how)]

    def _tokens(self, how: Shortening | None) -> int:
        return self._mind.gauge.tokens(estimated(self._messages(how), self._tools, self._schema))
