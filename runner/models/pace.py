"""The clocks of one attempt in one timer that moves along: until it begins, between its pieces, and all of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self

from runner.errors import ModelFailed
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from runner.errors import Trouble
    from runner.models.port import Deadline, OnDelta


class Pace:
    """A context in which an answer must keep its pace; raises ModelFailed with the clock that ran out."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self.first: float | None = None
        """Seconds to the first token; None while there was none."""
        self._began = 0.0
        self._clock = asyncio.timeout(None)
        self._waits_for: Trouble = "total"
        self._seconds = deadline.total

    async def __aenter__(self) -> Self:
        self._began = asyncio.get_running_loop().time()
        await self._clock.__aenter__()
        self._set("first", self._deadline.total, since=self._began)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._clock.__aexit__(kind, error, trace)
        except TimeoutError:
            if not self._clock.expired():
                raise
            raise self._fault() from None

    def alive(self) -> None:
        """Something came, be it a comment: the idle time begins anew."""
        if self.first is not None:
            self._set("idle", self._deadline.idle, since=asyncio.get_running_loop().time())

    def spoke(self) -> None:
        """A piece of the answer itself came."""
        if self.first is None:
            self.first = asyncio.get_running_loop().time() - self._began
        self.alive()

    def told(self, on_delta: OnDelta) -> OnDelta:
        """The listener, each of whose pieces is heard here first."""

        def hear(kind: Literal["text", "thinking", "call"], text: str) -> None:
            self.spoke()
            on_delta(kind, text)

        return hear

    def _set(self, name: Trouble, seconds: float | None, *, since: float) -> None:
        most = self._deadline.total if self._deadline.most is None else self._deadline.most
        end, self._waits_for, self._seconds = self._began + most, "total", most
        if seconds is not None and since + seconds <= end:
            end, self._waits_for, self._seconds = since + seconds, name, seconds
        self._clock.reschedule(end)

    def _fault(self) -> ModelFailed:
        time = format_duration(self._seconds)
        words = {"first": f"no answer began within {time}", "idle": f"the answer stood still for {time}"}
        return ModelFailed(
            words.get(self._waits_for, f"no whole answer within {time}"),
            match="timeout",
            trouble=self._waits_for,
        )


class Paced:
    """Chunks, each of which shows that the server lives; no generator, so that nothing is left to close."""

    def __init__(self, chunks: AsyncIterator[bytes], pace: Pace) -> None:
        self._chunks = chunks
        self._pace = pace

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._chunks)
        self._pace.alive()
        return chunk


def left(deadline: Deadline, spent: float) -> Deadline:
    """What the requests of an attempt that came before leave of its time."""
    most = max(0.0, (deadline.total if deadline.most is None else deadline.most) - spent)
    return replace(deadline, total=min(deadline.total, most), most=most)
