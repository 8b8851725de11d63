"""The fields that all tools share, whatever their kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field

from runner.spec import DurationRange, Items, Name, Positive, Selector, Spec, Timeout
from runner.spec.types import Fields

if TYPE_CHECKING:
    from runner.tools.port import Call

Risk = Literal["read", "write", "danger"]
Interrupted = Literal["again", "ask", "fail"]
FUNCTION = r"^[A-Za-z_]\w*:[A-Za-z_]\w*$"
"""`module:function` of a Python file beside the pack."""


class Retry(Spec):
    """How often, after what and how long apart it is tried again after a failure."""

    max: Positive
    """How often it is tried again."""
    on: Items[Literal["timeout", "tool", "unavailable", "model", "output", "any"]] = ("any",)
    """The kinds of failure that are tried again."""
    delay: DurationRange = (1.0, 30.0)
    """How long to wait before the first new try, and at most; the pause doubles from one to the other."""


class Shared(Spec):
    """What a pack's `defaults` may say for all of its tools."""

    timeout: Timeout | None = None
    """How long a call may take: a timeout class of runner.yaml, or a duration."""
    risk: Risk | None = None
    """What a call can do: read, write or danger."""
    egress: bool | None = None
    """Whether a call can carry data out of this machine to where its arguments say; its kind's default else."""
    untrusted: bool | None = None
    """Whether strangers may have written what it gives back, as in logs and pages; its kind's default else."""
    agents: Items[Selector] | None = None
    """The agents that may call it, as selectors; by default whoever lists it."""
    tags: Items[Name] = ()
    """Words that the selector `tag:WORD` finds."""
    enabled: bool = True
    """Whether it is in use; false takes it away from everyone."""
    retry: Retry | None = None
    """Trying again after a failure; only for `risk: read` or `interrupted: again`."""
    concurrency: Positive | None = None
    """How many calls may run at once."""
    interrupted: Interrupted | None = None
    """When a crash came between start and result: do it again, ask a person, or count it as failed."""
    hint: str = ""
    """What to try when it fails; the model reads it."""


class ToolSpec(Shared):
    """A tool: what the model is told, what it takes and what it may do."""

    takes: ClassVar[Fields] = Fields({})
    """What a tool of this kind takes when its file does not say."""
    description: str = Field(min_length=1)
    """What it does, in one sentence; the model reads it."""
    params: Fields | None = None
    """What it takes: a name and a type each."""

    parser_takes: ClassVar[tuple[str, ...]] = ()
    """What a function is given that parses the output."""

    def filled(self, fill: Callable[[str], str]) -> Self:  # noqa: ARG002 - for kinds that have secrets
        """The same tool with its secrets, which `fill` puts in the place of `${NAME}`."""
        return self

    def shown(self, call: Call) -> str:  # noqa: ARG002 - for kinds that ask another machine
        """What another machine would be sent; empty for a tool that asks none."""
        return ""
