"""How many tokens a request has, as far as anybody can tell before it is sent, and what a model makes of that."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from runner.models.port import Message, Request, ToolDef

CHARACTERS = 4.0
"""Characters of a token, in most languages and models; less in code and in languages with other letters."""
EACH = 4
"""Tokens around each message."""
KEPT = 20
"""Answers by which an estimate is put right."""
LEAST = 50
"""Estimated tokens below which a count says more of the frame around a request than of its text."""
FARTHEST = 4.0
"""Times that a count may differ from the estimate; what is farther off counts something else."""


@dataclass(slots=True)
class Gauge:
    """How one model on one server counts, learned from its answers, and the context that it was found to have."""

    ratios: list[float] = field(default_factory=list)
    """Tokens counted, divided by those estimated, of the last answers."""
    told: int | None = None
    """Tokens of context, as the server said when it refused a longer conversation."""

    @property
    def ratio(self) -> float:
        """What an estimate is multiplied with; the middle of all, so that a strange count moves nothing."""
        return median(self.ratios) if self.ratios else 1.0

    def learn(self, estimated: int, counted: int) -> None:
        """Take what a server counted for a request of so many estimated tokens."""
        if estimated >= LEAST and 1 / FARTHEST <= counted / estimated <= FARTHEST:
            self.ratios.append(counted / estimated)
            del self.ratios[:-KEPT]

    def refused(self, estimated: int, most: int | None) -> None:
        """Take what a server named as the most when it refused so many tokens; what cannot be is passed over."""
        if most is not None and most <= FARTHEST * estimated:
            self.told = most

    def tokens(self, estimated: int) -> int:
        """The estimate as this model would count."""
        return round(estimated * self.ratio)

    def characters(self, tokens: int) -> int:
        """About how many characters so many tokens of this model are."""
        return int(tokens * CHARACTERS / self.ratio)


def estimate(request: Request) -> int:
    """Tokens of all that a request says."""
    return estimated(request.messages, request.tools, request.schema)


def estimated(messages: Sequence[Message], tools: Iterable[ToolDef], schema: Mapping[str, Any] | None) -> int:
    """Tokens of messages, tools and schema together."""
    text = sum(size(message) for message in messages)
    offered = sum(len(tool.name) + len(tool.description) + len(json.dumps(tool.parameters)) for tool in tools)
    shape = len(json.dumps(schema)) if schema is not None else 0
    return int((text + offered + shape) / CHARACTERS) + EACH * len(messages)


def size(message: Message) -> int:
    """Characters of a message, its calls included."""
    return len(message.text) + sum(len(call.tool) + len(json.dumps(call.arguments)) for call in message.calls)
