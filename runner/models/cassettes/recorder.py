"""Write down what models answer, beside asking them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed, UsageError
from runner.models.cassettes.entries import HEAD, text_of
from runner.models.cassettes.plain import plain, run_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.models.cassettes.plain import Places
    from runner.models.port import Model, OnDelta, Reply, Request


class Recorder:
    """A cassette that is being made: a file that was there is replaced with the first answer."""

    is_replay = False

    def __init__(self, file: Path, places: Places) -> None:
        self._file = file
        self._places = places
        self._known: set[str] = set()
        self.has_begun = False
        """Whether an answer or a failure was written down."""
        self.fault: OSError | None = None
        """What kept an entry from being written down; none is added behind it."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.open("ab").close()
        except OSError as error:
            raise UsageError(f"{file} cannot be written: {error.strerror or error}") from error

    def around(self, name: str, served: str, opened: Callable[[], Model]) -> Model:
        """The model, listened to."""
        return Recording(name, served, opened(), self)

    def write(self, name: str, served: str, request: Request, came: dict[str, Any]) -> None:
        """Add an entry: what was asked, and what came of it; what was answered is never lost to a full disk."""
        if self.fault:
            return
        asked, at = plain(request, served, self._places), request.place
        new = {
            digest: message
            for digest, message in zip(asked.digests, asked.messages, strict=True)
            if digest not in self._known
        }
        self._known |= set(new)
        entry = {
            "call": asked.key,
            "model": name,
            "served": served,
            "at": {"agent": at.agent, "phase": at.phase, "visit": at.visit, "turn": at.turn},
            "tools": list(asked.tools),
            "offers": asked.offers,
            "asked": list(asked.digests),
            "messages": new,
            **self._places.hide(came, run_of(request)),
        }
        try:
            with self._file.open("a" if self.has_begun else "w", encoding="utf-8") as file:
                file.write(text_of(entry) if self.has_begun else HEAD + text_of(entry))
            self.has_begun = True
        except OSError as error:
            self.fault = error


class Recording:
    """A model of whose answers a record is made."""

    def __init__(self, name: str, served: str, model: Model, tape: Recorder) -> None:
        self._name = name
        self._served = served
        self._model = model
        self._tape = tape

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """What the model answers."""
        began = time.monotonic()
        try:
            reply = await self._model.reply(request, on_delta)
        except ModelFailed as fault:
            self._tape.write(self._name, self._served, request, {"failed": _failure(fault)})
            raise
        self._tape.write(self._name, self._served, request, {"reply": _reply(reply, time.monotonic() - began)})
        return reply

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()


def _failure(fault: ModelFailed) -> dict[str, Any]:
    told = {"trouble": fault.trouble, "match": fault.match, "message": fault.message, "hint": fault.hint}
    return {key: value for key, value in told.items() if value}


def _reply(reply: Reply, seconds: float) -> dict[str, Any]:
    told = {
        "text": reply.text,
        "thinking": reply.thinking,
        "calls": [{"id": call.id, "tool": call.tool, "with": call.arguments} for call in reply.calls],
        "finish": reply.finish,
        "usage": reply.usage.model_dump(exclude_defaults=True),
        "seconds": round(seconds, 2),
        "kept": reply.kept.model_dump() if reply.kept else None,
    }
    return {key: value for key, value in told.items() if value or key == "finish"}
