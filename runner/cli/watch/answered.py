"""Who answered in the place of an agent's model: a rule, or one of its fallbacks, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from runner.cli.display import as_json, one_line
from runner.runs.events import AttemptFailed

if TYPE_CHECKING:
    from runner.runs.events import ModelHeld
    from runner.runs.state import RunState


@dataclass(frozen=True, slots=True)
class ByRule:
    """A visit whose message was a phrase of an intent; without a reply its model put the result into words."""

    path: str
    phrase: str
    tool: str
    arguments: dict[str, Any]
    reply: str | None

    def __str__(self) -> str:
        end = "no model was asked" if self.reply is not None else "the model went on from there"
        return f"`{self.phrase}`: {self.tool} {one_line(as_json(self.arguments), 100)}; {end}"


@dataclass(frozen=True, slots=True)
class Passed:
    """A model that did not answer, and why."""

    model: str
    why: str


@dataclass(frozen=True, slots=True)
class Fallback:
    """A model call that another model answered than the agent's."""

    path: str
    model: str
    passed: tuple[Passed, ...]

    def __str__(self) -> str:
        whys = "; ".join(one_line(one.why) for one in self.passed)
        return f"{self.model} answered in place of {', '.join(one.model for one in self.passed)}: {whys}"


def by_rule(state: RunState) -> list[ByRule]:
    """What was answered by rule, in order."""
    return [
        ByRule(
            path=path.rpartition("/")[0],
            phrase=event.phrase,
            tool=event.tool,
            arguments=event.arguments,
            reply=state.answered[path].text if path in state.answered else None,
        )
        for path, event in state.matched.items()
    ]


def fallbacks(state: RunState) -> list[Fallback]:
    """The calls that a fallback answered, in order."""
    return [one for path in state.replies if (one := fallback(state, path)) is not None]


def fallback(state: RunState, path: str) -> Fallback | None:
    """Who answered a model call in place of the agent's model, with the last reason of each that did not; else None."""
    reply, turned = state.replies.get(path), state.turned.get(path, [])
    # What befalls the agent's own model is always the first.
    if reply is None or not turned or turned[0].model == reply.model:
        return None
    whys = {one.model: _why(one) for one in turned if one.model != reply.model}
    return Fallback(path, reply.model, tuple(Passed(*one) for one in whys.items()))


def _why(event: AttemptFailed | ModelHeld) -> str:
    return event.error if isinstance(event, AttemptFailed) else event.why


def answered_data(state: RunState) -> dict[str, list[dict[str, Any]]]:
    """Both as plain data."""
    return {
        "by_rule": [asdict(one) for one in by_rule(state)],
        "fallbacks": [asdict(one) for one in fallbacks(state)],
    }
