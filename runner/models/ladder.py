"""The ways of holding an answer to a schema, from the strongest down: a server that refuses one is asked by the next.

Native schema, forced tool, any JSON object, the prompt's words alone. The way that a server took is kept as long as the
model is open, apart for requests with tools: many take a schema, and tools, and not both.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.errors import ModelFailed
from runner.models.pace import left
from runner.models.shapes import LADDER, way_of

if TYPE_CHECKING:
    from runner.models.port import Model, OnDelta, Reply, Request, Shape
    from runner.models.profile import Profile

_REFUSED = re.compile(
    r"response_format|json_schema|json_object|output_config|text\.format|schema|structured|grammar|json.?mode"
    r"|tool_choice|tool_use|\btools?\b|\bformat\b",
    re.IGNORECASE,
)
"""Words of a refusal that may be about the way."""


class Ladder:
    """A model whose requests are put so that its server takes them."""

    def __init__(self, model: Model, profile: Profile) -> None:
        self.model = model
        self._profile = profile
        self._taken: dict[bool, Shape] = {}

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The reply by the strongest way that is taken; steps are made at once, in the time of the attempt."""
        began, given, beside = time.monotonic(), request.deadline, bool(request.tools)
        request = replace(request, shape=_weaker(request.shape, self._taken.get(beside, request.shape)))
        while True:
            try:
                reply = await self.model.reply(request, on_delta)
            except ModelFailed as fault:
                below = self._below(request, fault)
                if below is None:
                    raise
                request = replace(request, shape=below, deadline=left(given, time.monotonic() - began))
            else:
                if request.schema is not None:
                    self._taken[beside] = request.shape
                return reply

    async def close(self) -> None:
        """Give the connections back."""
        await self.model.close()

    def _below(self, request: Request, fault: ModelFailed) -> Shape | None:
        """The next way down; None when the refusal is about something else, or there is none."""
        way = way_of(request, self._profile)
        if way in (None, LADDER[-1]) or fault.trouble not in ("refused", "missing"):
            return None
        if not _REFUSED.search(fault.message):
            return None
        return LADDER[LADDER.index(way) + 1]


def _weaker(one: Shape, other: Shape) -> Shape:
    return max(one, other, key=LADDER.index)
