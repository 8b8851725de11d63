"""The event of a model that is not asked for now."""

from __future__ import annotations

from typing import Literal

from runner.runs.events.base import Event


class ModelHeld(Event):
    """A model is not asked for `seconds`, as `why` says: `then` is asked, itself after that time or another at once.

    0 seconds: it cannot be asked at all, as its key is missing for instance. None: nobody knows how long it takes, as
    others have to be answered first.
    """

    type: Literal["model.held"] = "model.held"
    model: str
    server: str = ""
    """The address of its server."""
    seconds: float | None
    why: str
    then: str
