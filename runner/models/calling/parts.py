"""What a model call is made of: a model with what is known of it, its attempts, who keeps their account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from runner.models.calling.endpoints import ASKED, Hold
from runner.models.calling.speeds import Speed
from runner.models.calling.tokens import Gauge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.errors import ModelFailed
    from runner.models.calling.endpoints import Endpoint
    from runner.models.port import Deadline, Model, OnDelta, Reply, Usage


@dataclass(slots=True)
class Mind:
    """A model of the files, opened: `served` is its provider's name for it, `context` its tokens, if anybody says."""

    name: str
    served: str
    model: Model
    endpoint: Endpoint
    speed: Speed = field(default_factory=Speed)
    fallback: Sequence[str] = ()
    learns: bool = True
    gauge: Gauge = field(default_factory=Gauge)
    context: int | None = None
    limit: Hold = field(default_factory=Hold)
    """What its server lets it do with its key: other models and keys there have limits of their own."""
    redact: Callable[[str], str] = str
    """Takes secrets out of what a server said."""
    rests_until: float = 0.0
    why_rests: str = ""
    """The refusal for which it is asked behind its fallbacks until then."""

    @property
    def server(self) -> str:
        """The address of its server."""
        return self.endpoint.url

    @property
    def window(self) -> int | None:
        """Tokens that a conversation with it may have, its answer included; None: nobody has said."""
        return min(filter(None, (self.context, self.gauge.told)), default=None)

    def wait(self) -> tuple[float, str]:
        """Seconds until it may be asked, and why."""
        seconds, why = self.endpoint.wait()
        limited = self.limit.left(self.endpoint.clock())
        return (limited, ASKED) if limited > seconds else (seconds, why)

    def failed(self, fault: ModelFailed) -> None:
        """An attempt failed; from here on its words are without secrets, as some are kept longer than the files."""
        fault.message = self.redact(fault.message)
        self.endpoint.failed(fault)
        if fault.wait and fault.trouble == "limited":
            self.limit.extend(fault.wait, self.endpoint.clock())


@dataclass(frozen=True, slots=True)
class Closed:
    """A model of the files that cannot be asked, as `why` says: its key is missing, above all."""

    name: str
    server: str
    why: str
    fallback: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: of which model, the how many-th of the call, with how much time, and why so much."""

    mind: Mind
    number: int
    deadline: Deadline
    why: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole answer and the attempt that gave it; `first` is the seconds to its first piece."""

    reply: Reply
    attempt: Attempt
    seconds: float
    first: float


class Attempts(Protocol):
    """Who keeps account of the attempts of one call: the engine."""

    def seconds_left(self) -> float | None:
        """What the limits leave of all time (None: no end); raises when nothing is left."""

    def held(self, mind: Mind | Closed, seconds: float | None, why: str, then: str) -> None:
        """A model is not asked for `seconds`: then `then` is asked, itself after a wait or at once another one.

        One that is closed cannot be asked at all, and `seconds` is 0; None: until others have been answered.
        """

    def begins(self, attempt: Attempt) -> None:
        """An attempt is about to be made."""

    def failed(
        self, attempt: Attempt, fault: ModelFailed, seconds: float, *, usage: Usage, wait: float, then: str
    ) -> None:
        """An attempt failed, and took `usage`; after `wait` seconds the model `then` is asked (empty: none)."""

    def dropped(self, attempt: Attempt, seconds: float, usage: Usage) -> None:
        """An attempt was given up before it was answered: nobody waits for it any more."""

    def listen(self, attempt: Attempt) -> OnDelta:
        """Who hears the pieces of this attempt's answer."""
