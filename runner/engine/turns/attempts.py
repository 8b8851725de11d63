"""The account of one model call's attempts: each is an event, what cuts it off is one, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.turns import costs
from runner.models.calling.heard import counted
from runner.models.pricing import pricing_of
from runner.runs.events import AttemptFailed, ModelHeld, ModelReplied, ModelRequested, Usage
from runner.runs.live import Delta

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.errors import ModelFailed
    from runner.models.calling import Attempt, Closed, Mind, Outcome
    from runner.models.port import OnDelta, Request
    from runner.project.project import AgentEntry


class Account:
    """Journals the attempts of one call, the `path` of a turn."""

    def __init__(self, step: Step, entry: AgentEntry, path: str, request: Request) -> None:
        self._step = step
        self._ctx = step.ctx
        self._entry = entry
        self._path = path
        self._request = request
        self.made = len(self._ctx.state.attempts.get(path, ()))
        """Attempts that were made before a crash or a stop."""
        self._deltas: _Deltas | None = None

    def close_former(self) -> None:
        """Note the attempt that a crash or a stop cut off: what it sent was sent, and is sent again."""
        for attempt in self._ctx.state.open_attempts(self._path):
            self._ctx.append(
                AttemptFailed(
                    path=self._path,
                    model=attempt.model,
                    attempt=attempt.attempt,
                    error="the daemon stopped before the answer was there",
                    trouble="interrupted",
                    seconds=0.0,
                    **self._took(attempt.model, attempt.attempt, Usage(input=attempt.tokens)),
                    then=attempt.model,
                )
            )

    def seconds_left(self) -> float | None:
        """What the limits leave; raises `BudgetSpent` when that is nothing."""
        return self._step.seconds_left()

    def held(self, mind: Mind | Closed, seconds: float | None, why: str, then: str) -> None:
        """A model is not asked for now."""
        held = ModelHeld(path=self._path, model=mind.name, server=mind.server, seconds=seconds, why=why, then=then)
        self._ctx.append(held)

    def begins(self, attempt: Attempt) -> None:
        """An attempt is about to be made."""
        deadline, reserved = attempt.deadline, costs.reserve(self._step, attempt, self._request.max_tokens)
        self._ctx.append(
            ModelRequested(
                path=self._path,
                model=attempt.mind.name,
                served=attempt.mind.served,
                agent=self._entry.name,
                attempt=self.made + attempt.number,
                messages=len(self._request.messages),
                tools=[tool.name for tool in self._request.tools],
                tokens=attempt.tokens,
                deadline=deadline.total,
                most=deadline.most,
                idle=deadline.idle,
                why=attempt.why,
                reserved_micros=reserved,
            )
        )

    def failed(
        self, attempt: Attempt, fault: ModelFailed, seconds: float, *, usage: Usage, wait: float, then: str
    ) -> None:
        """An attempt failed."""
        self._ctx.append(
            AttemptFailed(
                path=self._path,
                model=attempt.mind.name,
                attempt=self.made + attempt.number,
                error=fault.message,
                trouble=fault.trouble,
                seconds=seconds,
                wait=wait,
                then=then,
                **self._took(attempt.mind.name, self.made + attempt.number, usage),
            )
        )

    def dropped(self, attempt: Attempt, seconds: float, usage: Usage) -> None:
        """An attempt was given up; one that a stop cuts off is noted when the run goes on."""
        if self._ctx.leaving not in ("parked", "stopped"):
            self._ctx.append(
                AttemptFailed(
                    path=self._path,
                    model=attempt.mind.name,
                    attempt=self.made + attempt.number,
                    error="nobody waits for the answer any more",
                    trouble="interrupted",
                    seconds=seconds,
                    **self._took(attempt.mind.name, self.made + attempt.number, usage),
                )
            )

    def listen(self, attempt: Attempt) -> OnDelta:
        """Hand the words of an attempt to those who watch the run."""
        self._deltas = _Deltas(self._step, self._path, self.made + attempt.number)
        return self._deltas

    def replied(self, outcome: Outcome) -> None:
        """An attempt was answered; where its server counted no tokens, an estimate is what it took."""
        if self._deltas:
            self._deltas.end()
        reply, usage = outcome.reply, counted(outcome.reply, outcome.attempt.tokens)
        self._ctx.append(
            ModelReplied(
                path=self._path,
                model=outcome.attempt.mind.name,
                attempt=self.made + outcome.attempt.number,
                text=reply.text,
                thinking=reply.thinking,
                calls=list(reply.calls),
                usage=usage,
                is_estimated=usage != reply.usage,
                finish=reply.finish,
                seconds=outcome.seconds,
                first=outcome.first,
                kept=reply.kept,
                cost_micros=self._cost(outcome.attempt.mind.name, self.made + outcome.attempt.number, usage),
            )
        )

    def _took(self, model: str, number: int, usage: Usage) -> dict[str, Any]:
        """What a failed attempt took; one that took nothing costs nothing."""
        return {"usage": usage, "cost_micros": self._cost(model, number, usage) if usage.total else 0}

    def _cost(self, model: str, number: int, usage: Usage) -> int | None:
        """What an attempt cost; what was set aside for it where nobody knows."""
        charge = self._ctx.state.charges.get((self._path, number))
        cost = pricing_of(self._ctx.project.settings.models[model]).cost(usage)
        return (charge.amount or None) if cost is None and charge else cost


class _Deltas:
    """Hands a model's words to those who watch the run; what may begin a secret waits for what follows."""

    def __init__(self, step: Step, path: str, attempt: int) -> None:
        self._ctx = step.ctx
        self._path = path
        self._attempt = attempt
        self._offsets = {"text": 0, "thinking": 0}
        self._held = {"text": "", "thinking": ""}

    def __call__(self, kind: Any, text: str) -> None:
        held = self._held[kind] + text
        cut = self._ctx.bench.secrets.settled(held)
        self._held[kind] = held[cut:]
        self._show(kind, held[:cut])

    def end(self) -> None:
        """The answer is whole: nothing follows."""
        for kind, text in self._held.items():
            self._show(kind, text)
        self._held = dict.fromkeys(self._held, "")

    def _show(self, kind: Any, text: str) -> None:
        shown = self._ctx.bench.redact(text)
        if shown:
            self._ctx.live.delta(Delta(self._ctx.run, self._path, self._attempt, self._offsets[kind], shown, kind))
            self._offsets[kind] += len(shown)
