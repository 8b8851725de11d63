"""Answer from a cassette: the same answer to the same request, and a clear word where there is none."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from runner.errors import ModelFailed
from runner.models.calling.retry import PASSING
from runner.models.cassettes.entries import Where, read
from runner.models.cassettes.nearest import difference
from runner.models.cassettes.plain import plain, run_of
from runner.models.port import Kept, Reply
from runner.runs.events import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any, Literal

    from runner.errors import Match, Trouble
    from runner.models.cassettes.entries import Entry, Failure, Said
    from runner.models.cassettes.plain import Places, Plain
    from runner.models.port import Model, OnDelta, Place, Request


class Player:
    """A cassette that is answered from; raises `UsageError` or `ConfigInvalid` for a file that is none."""

    is_replay = True

    def __init__(self, file: Path, places: Places) -> None:
        self.seconds: list[float] = []
        """How long each answer that was given had taken when it was recorded."""
        self._file = file
        self._places = places
        self._entries = read(file)
        self._messages: dict[str, dict[str, Any]] = {}
        self._by_key: dict[str, list[Entry]] = defaultdict(list)
        self._used: dict[int, int] = defaultdict(int)
        for entry in self._entries:
            self._messages |= entry.messages
            self._by_key[entry.call].append(entry)

    def around(self, name: str, served: str, _opened: Callable[[], Model]) -> Model:
        """A model that is never opened: it needs neither key nor network."""
        return Replaying(name, served, self)

    def answer(self, name: str, served: str, request: Request) -> Reply:
        """What was answered to this request; raises `ModelFailed` when that was nothing, or it was never made."""
        asked, at = plain(request, served, self._places), _where(request.place)
        found = self._by_key.get(asked.key)
        if not found:
            raise self._unheard(name, asked, at)
        # What failed and was then answered is answered at once: waiting again would show nothing.
        entry = self._next([entry for entry in found if entry.reply] or found, asked, at)
        run = run_of(request)
        if entry.failed:
            raise _fault(entry.failed, self._places.fill(entry.failed.message, run))
        assert entry.reply is not None  # noqa: S101 - an entry has either
        self.seconds.append(entry.reply.seconds)
        return self._reply(entry.reply, run)

    def _next(self, entries: Sequence[Entry], asked: Plain, at: Where) -> Entry:
        """Of equal requests those that are equal in every letter, then in their turn, then from the same place."""
        chosen = min(entries, key=lambda one: (one.asked != asked.digests, self._used[id(one)], one.at != at))
        self._used[id(chosen)] += 1
        return chosen

    def _reply(self, said: Said, run: str) -> Reply:
        fill = partial(self._places.fill, run=run)
        calls = [Call(id=call.id, tool=call.tool, arguments=fill(call.arguments)) for call in said.calls]
        kept = Kept.model_validate(fill(said.kept.model_dump())) if said.kept else None
        text, thinking = fill(said.text), fill(said.thinking)
        return Reply(text, calls, said.usage, said.finish, thinking, kept)

    def _unheard(self, name: str, asked: Plain, at: Where) -> ModelFailed:
        why = difference(self._entries, self._messages, asked, at)
        return ModelFailed(
            f"{self._file} has no answer of model {name} for agent {at.agent}, phase {at.phase}, visit {at.visit}, "
            f"turn {at.turn}: {why}",
            match="unavailable",
            hint="record again with --record",
        )


class Replaying:
    """A model that answers from a cassette."""

    def __init__(self, name: str, served: str, tape: Player) -> None:
        self._name = name
        self._served = served
        self._tape = tape

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """What was answered to this request."""
        reply = self._tape.answer(self._name, self._served, request)
        parts: tuple[tuple[Literal["text", "thinking"], str], ...] = (
            ("thinking", reply.thinking),
            ("text", reply.text),
        )
        for kind, text in parts:
            if text:
                on_delta(kind, text)
        await asyncio.sleep(0)  # as any model, it lets others go on
        return reply

    async def close(self) -> None:
        """Nothing was opened."""


def _where(place: Place) -> Where:
    return Where(agent=place.agent, phase=place.phase, visit=place.visit, turn=place.turn)


def _fault(failed: Failure, message: str) -> ModelFailed:
    """As it was recorded; what would be tried again has been tried already."""
    trouble: Trouble = failed.trouble  # type: ignore[assignment]  # both were checked when the file was read
    match: Match = failed.match  # type: ignore[assignment]  # likewise
    words = f"{message} (recorded)"
    return ModelFailed(words, match=match, hint=failed.hint, trouble="other" if trouble in PASSING else trouble)
