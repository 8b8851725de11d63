"""One model call as an agent means it: attempts, waits and fallbacks around the wire formats, once for all of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.errors import BudgetSpent, ModelFailed
from runner.models.calling.deadlines import choose
from runner.models.calling.heard import Heard
from runner.models.calling.parts import Attempt, Attempts, Closed, Mind, Outcome
from runner.models.calling.retry import ATTEMPTS, after, patience
from runner.models.calling.speeds import Sample
from runner.models.calling.waiting import Waiting
from runner.models.windows import window_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.models.port import Request

__all__ = ["ATTEMPTS", "Attempt", "Attempts", "Caller", "Closed", "Mind", "Outcome"]

COOL_DOWN = 60.0
"""Seconds in which a model whose key or account was refused is passed over for its fallbacks."""
_LASTING = frozenset({"key", "quota", "missing"})


class Caller:
    """Calls the models of one project."""

    def __init__(
        self,
        minds: Mapping[str, Mind],
        closed: Mapping[str, Closed],
        *,
        clock: Callable[[], float],
        scale: float = 1.0,
    ) -> None:
        self._minds = minds
        self._closed = closed
        self._clock = clock
        self._scale = scale

    async def ask(
        self, name: str, request: Request, bounds: tuple[float, float], tokens: int, attempts: Attempts
    ) -> Outcome:
        """The first usable answer of a model or its fallbacks; raises the last ModelFailed when there is none."""
        call = _Call(self._clock, self._scale, request, bounds, tokens, attempts)
        chain = self.chain(name)
        self._tell_who_rests(name, chain[0], attempts)
        for place, mind in enumerate(chain):
            following = chain[place + 1].name if place + 1 < len(chain) else ""
            outcome = await call.of(mind, following)
            if outcome is not None:
                return outcome
        raise call.failure()

    def chain(self, name: str) -> list[Mind]:
        """The model and its fallbacks, those that rest behind the others; raises ModelFailed when none is open."""
        now, written = self._clock(), self._as_written(name)
        minds = [one for one in written if isinstance(one, Mind)]
        if not minds:
            whys = [f"model {one.name} is unavailable: {one.why}" for one in written if isinstance(one, Closed)]
            raise ModelFailed("; ".join(whys) or f"there is no model {name}", match="unavailable")
        return sorted(minds, key=lambda mind: mind.rests_until > now)

    def _tell_who_rests(self, name: str, asked: Mind, attempts: Attempts) -> None:
        """Tell of the models that are passed over for the one that is asked first."""
        for one in self._as_written(name):
            if one is asked:
                return
            if isinstance(one, Closed):
                attempts.held(one, 0.0, one.why, asked.name)
            else:
                attempts.held(one, max(0.0, one.rests_until - self._clock()), one.why_rests, asked.name)

    def _as_written(self, name: str) -> list[Mind | Closed]:
        """The model and its fallbacks in the order of the files, each before its own fallbacks."""
        names: list[str] = [name]
        chain: list[Mind | Closed] = []
        while names:
            known = names.pop(0)
            one = self._minds.get(known) or self._closed.get(known)
            if one is None or one in chain:
                continue
            chain.append(one)
            names += one.fallback
        return chain


class _Call:
    """The attempts of one call so far."""

    def __init__(
        self,
        clock: Callable[[], float],
        scale: float,
        request: Request,
        bounds: tuple[float, float],
        tokens: int,
        attempts: Attempts,
    ) -> None:
        self._clock = clock
        self._scale = scale
        self._request = request
        self._bounds = bounds
        self._tokens = tokens
        self._attempts = attempts
        self._number = 0
        self._last: ModelFailed | None = None
        self._overflow: ModelFailed | None = None

    def failure(self) -> ModelFailed:
        """The last fault, told with the number of attempts; one that a shorter conversation mends goes first."""
        fault = self._overflow or self._last or ModelFailed("no model was asked", match="unavailable")
        if self._number > 1:
            fault.message += f" ({self._number} attempts)"
        return fault

    async def of(self, mind: Mind, following: str) -> Outcome | None:
        """What this model answers; None when the following one is to be asked."""
        for tried in range(1, ATTEMPTS + 1):
            try:
                async with Waiting(mind, following, self._attempts).place():
                    done = await self._try(mind, tried, following)
            except ModelFailed as fault:  # nobody was asked
                self._last = fault
                return None
            if not isinstance(done, float):
                return done
            await asyncio.sleep(done)
        return None

    async def _try(self, mind: Mind, tried: int, following: str) -> Outcome | float | None:
        """Ask once: the answer, or the seconds until the same model is asked again, None when it is not."""
        self._number += 1
        attempt = self._attempt(mind)
        heard = Heard(self._attempts.listen(attempt), self._clock)
        try:
            return await self._make(attempt, heard)
        except ModelFailed as fault:
            return self._failed(attempt, fault, tried, following, heard)

    def _left(self) -> float | None:
        """What limits leave of all time, nothing included: that is told once the failure is."""
        try:
            return self._attempts.seconds_left()
        except BudgetSpent:
            return 0.0

    def _attempt(self, mind: Mind) -> Attempt:
        left = self._attempts.seconds_left()
        figures = mind.speed.figures() if mind.learns else None
        tokens = mind.gauge.tokens(self._tokens)
        deadline, why = choose(self._bounds, tokens, figures, left=left)
        return Attempt(mind, self._number, deadline, why, tokens)

    async def _make(self, attempt: Attempt, heard: Heard) -> Outcome:
        """Make one attempt; an answer without words and calls is none."""
        mind = attempt.mind
        self._attempts.begins(attempt)
        mind.endpoint.begins()
        try:
            reply = await mind.model.reply(replace(self._request, deadline=attempt.deadline), heard)
        except ModelFailed:
            raise
        except BaseException as fault:
            mind.endpoint.left()
            if isinstance(fault, asyncio.CancelledError):
                self._attempts.dropped(attempt, self._clock() - heard.began, heard.usage(attempt.tokens, "reset"))
            raise
        seconds = self._clock() - heard.began
        if not reply.text.strip() and not reply.calls:
            heard.counted = reply.usage
            raise ModelFailed(f"model {mind.name}: the answer is empty: neither words nor calls", trouble="empty")
        first = seconds if heard.first is None else heard.first - heard.began
        mind.endpoint.succeeded()
        mind.gauge.learn(self._tokens, reply.usage.input)
        mind.speed.add(Sample(reply.usage.input or attempt.tokens, reply.usage.output, first, seconds))
        return Outcome(reply, attempt, seconds, first)

    def _failed(self, attempt: Attempt, fault: ModelFailed, tried: int, following: str, heard: Heard) -> float | None:
        """Take note of a failure; the seconds until the same model is asked again, None when it is not."""
        self._last, mind = fault, attempt.mind
        mind.failed(fault)
        if fault.trouble == "overflow":
            self._overflow = fault
            mind.gauge.refused(attempt.tokens, window_in(fault.message))
        if fault.trouble in _LASTING:
            mind.rests_until, mind.why_rests = self._clock() + COOL_DOWN, fault.message
        again = after(fault, tried, most=patience(following), left=self._left(), scale=self._scale)
        wait, then = (0.0, following) if again is None else (again.wait, mind.name)
        usage = heard.usage(attempt.tokens, fault.trouble)
        self._attempts.failed(attempt, fault, self._clock() - heard.began, usage=usage, wait=wait, then=then)
        return None if again is None else again.wait
