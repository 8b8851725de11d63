"""Limits of money: what a model call may cost is set aside before it begins, and settled when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, NoReturn

from runner.errors import BudgetSpent
from runner.models.chains import chain
from runner.models.pricing import MOST_OUTPUT, pricing_of
from runner.runs.events.turn import REPLAY
from runner.spec.layout import SETTINGS
from runner.spec.money import format_micros, micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.engine.steps.context import RunContext
    from runner.engine.steps.step import Step
    from runner.models.calling import Attempt
    from runner.project.project import AgentEntry
    from runner.runs.store import Store


class Spending:
    """What all runs cost lately: those worked on here by their state, which the table is a moment behind."""

    def __init__(self, store: Store, live: Mapping[str, RunContext]) -> None:
        self._store = store
        self._live = live

    def since(self, time: float, by: str | None) -> int:
        """Millionths of a US dollar that calls since then cost or may yet cost, of one user's runs or of all."""
        here = [ctx.state for ctx in self._live.values()]
        own = sum(state.cost_since(time) for state in here if by is None or (state.queued and state.queued.by == by))
        return own + self._store.spent_since(time, by, self._live)

    def dearest(self, served: str) -> float:
        """The most that a token of a model cost lately."""
        return self._store.dearest(served)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit of money, and what is spent of it, what is set aside included."""

    owner: str
    key: str
    most: int
    spent: int
    words: str
    """Who has it, as a sentence begins; empty for the limit of one call."""
    place: str = SETTINGS
    """Where it is written."""


def most_output(step: Step, entry: AgentEntry) -> int | None:
    """The most tokens that an answer may have so that limits of money hold; None where none can be reached."""
    models = step.ctx.project.settings.models
    is_paid = any(pricing_of(models[name]).is_paid for name in chain(models, entry.spec.model))
    if not is_paid or not any(_limits(step)):
        return None
    return entry.spec.sampling.max_tokens or MOST_OUTPUT


def reserve(step: Step, attempt: Attempt, output: int | None) -> int:
    """What is set aside for an attempt, in millionths of a US dollar; raises `BudgetSpent` when a limit lacks it."""
    pricing = pricing_of(step.ctx.project.settings.models[attempt.mind.name])
    if not pricing.is_paid:
        return 0
    is_replay = attempt.mind.served.startswith(REPLAY)
    limits, answer = list(_limits(step, is_replay=is_replay)), output or MOST_OUTPUT
    if not limits:
        return 0
    if not pricing.is_known:
        _nobody_knows(limits[0], attempt.mind.name)
    amount = pricing.most(attempt.tokens, answer)
    if pricing.by_tokens is None:  # only the server will tell: as dear as its calls were lately
        amount = ceil(step.ctx.spending.dearest(attempt.mind.served) * (attempt.tokens + answer))
    for limit in limits:
        if limit.spent + max(amount, 1) > limit.most:
            _stop(limit, amount, attempt, answer)
    return amount


def _limits(step: Step, *, is_replay: bool = False) -> Iterator[_Limit]:
    """Every limit of money that holds for a step's calls, the narrowest first; a replay takes no money of the day."""
    state = step.ctx.state
    if (most := _strictest(step, "cost_usd_per_call")) is not None:
        yield _Limit(step.path, "limits.cost_usd_per_call", most, 0, "")
    for budget in reversed(step.budgets):
        if budget.limits.cost_usd is not None:
            spent = state.spent[budget.path]
            most, gone = micros(budget.limits.cost_usd), spent.cost + spent.held
            yield _Limit(budget.path, "cost_usd", most, gone, budget.name, budget.place)
    if (most := _strictest(step, "cost_usd_per_run")) is not None:
        spent = state.spent[""]
        yield _Limit("", "limits.cost_usd_per_run", most, spent.cost + spent.held, "the run")
    if not is_replay:
        yield from _of_today(step.ctx)


def _of_today(ctx: RunContext) -> Iterator[_Limit]:
    """The limits of a day, which are not the run's own: as runner.yaml has them now."""
    limits = ctx.current().settings.limits
    user = ctx.state.queued.by if ctx.state.queued else ""
    whose = {"cost_usd_per_user_per_day": user, "cost_usd_per_day": None}
    for key, by in whose.items():
        if (most := getattr(limits, key)) is not None:
            words = "the day" if by is None else f"the day of {by or 'nobody'}"
            spent = ctx.spending.since(_midnight(ctx.clock()), by)
            yield _Limit("", f"limits.{key}", micros(most), spent, words)


def _strictest(step: Step, key: str) -> int | None:
    """A limit of runner.yaml: of the run's own revision, and of the one in force."""
    own, now = step.ctx.project.settings.limits, step.ctx.current().settings.limits
    said = [getattr(limits, key) for limits in (own, now)]
    return min((micros(most) for most in said if most is not None), default=None)


def _midnight(now: float) -> float:
    return datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _stop(limit: _Limit, amount: int, attempt: Attempt, output: int) -> NoReturn:
    call = f"the next call of {attempt.mind.name} may cost {format_micros(amount)}"
    left = f"{limit.words} has too little left of its limit `{limit.key}`"
    if limit.words:
        message = f"{left}: {format_micros(limit.spent)} of {format_micros(limit.most)} are spent, and {call}"
    else:
        message = f"{call}, and the limit `{limit.key}` is {format_micros(limit.most)}"
    more = f"`limits: {{{limit.key.removeprefix('limits.')}: …}}` of {limit.place} raises it"
    less = f"the call may send {attempt.tokens:,} tokens and get {output:,}"
    hint = f"{more}; {less}: `sampling.max_tokens` of the agent makes that less"
    raise BudgetSpent(message, owner=limit.owner, limit=limit.key, hint=hint)


def _nobody_knows(limit: _Limit, model: str) -> NoReturn:
    error = BudgetSpent(
        f"nobody knows what {model} costs, and the limit `{limit.key}` holds for it",
        owner=limit.owner,
        limit=limit.key,
    )
    error.hint = f"add `price: {{input: …, output: …}}` to models.{model} in {SETTINGS}"
    raise error
