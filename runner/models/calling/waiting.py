"""Waiting for a model: until its server may be asked and has a place, no longer than patience allows."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.errors import ModelFailed
from runner.models.calling.retry import patience

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from runner.models.calling.parts import Attempts, Mind

NOTICED = 0.1
"""Seconds of a wait that is told; a shorter one is none to anybody."""


@dataclass(slots=True)
class Waiting:
    """One attempt that is to be made of a model; `following` is the model that can be asked instead, if any."""

    mind: Mind
    following: str
    attempts: Attempts
    waited: float = 0.0

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None, None]:
        """A place among the calls of the server while it may be asked; raises ModelFailed when that takes too long."""
        while True:
            await self._until_free()
            async with self._slot():
                if not self.mind.wait()[0]:  # it may have failed while others had the places
                    yield
                    return

    @asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None, None]:
        """One of the places, as soon as there is one and as long as limits allow."""
        endpoint = self.mind.endpoint
        slots = endpoint.slots  # another number of them may hold by the time that this one is given back
        if slots is None:
            yield
            return
        left = self.attempts.seconds_left()
        why = f"its places are taken (`concurrency: {endpoint.most}`)"
        if slots.locked():
            self.attempts.held(self.mind, None, why, self.mind.name)
        try:
            async with asyncio.timeout(left):
                await slots.acquire()
        except TimeoutError:
            raise self._refusal(f"has had no place for {left or 0:.1f} s: {why}") from None
        try:
            yield
        finally:
            slots.release()

    async def _until_free(self) -> None:
        while (found := self.mind.wait())[0]:
            seconds, why = found
            self._refuse_to_wait(seconds, why)
            if seconds >= NOTICED:
                self.attempts.held(self.mind, seconds, why, self.mind.name)
            self.waited += await self.mind.endpoint.rest(seconds)

    def _refuse_to_wait(self, seconds: float, why: str) -> None:
        """Raise when a wait is too long, or somebody else may be asked meanwhile."""
        left = self.attempts.seconds_left()
        if self.waited + seconds <= patience(self.following) and (left is None or seconds < left):
            return
        if self.following:  # else the failure itself tells it
            self.attempts.held(self.mind, seconds, why, self.following)
        raise self._refusal(f"is left alone for {seconds:.0f} s: {why}", "`runner ps` tells when it is tried again")

    def _refusal(self, what: str, hint: str = "") -> ModelFailed:
        said = f"model {self.mind.name}: {self.mind.server} {what}"
        return ModelFailed(said, match="unavailable", trouble="overloaded", hint=hint)
