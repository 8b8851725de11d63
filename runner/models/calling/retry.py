"""What to do after an attempt that gave no answer: wait and ask again, ask the next model, or give up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.errors import ModelFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.errors import Trouble

ATTEMPTS = 3
"""Attempts of each model."""
SHORTEST = 0.5
"""Seconds that the first wait may take; each further one may take twice as long."""
LONGEST = 8.0
"""Seconds that a wait of our own choosing may take at most."""
PATIENCE = 60.0
"""Seconds up to which a server's own Retry-After is kept; who asks for more is not asked again."""
BRIEF = 2.0
"""Seconds up to which a model is waited for while another one can be asked in its place."""
PASSING: frozenset[Trouble] = frozenset(
    {"connect", "first", "idle", "total", "reset", "limited", "overloaded", "broken", "empty"}
)
"""Troubles that may be gone a moment later."""


@dataclass(frozen=True, slots=True)
class Again:
    """Ask the same model again after some seconds."""

    wait: float


def patience(following: str) -> float:
    """Seconds that are waited for a model at most, if `following` can be asked in its place (empty: none)."""
    return BRIEF if following else PATIENCE


def after(
    fault: ModelFailed,
    attempt: int,
    *,
    most: float = PATIENCE,
    left: float | None = None,
    chance: Callable[[], float] = random.random,
    scale: float = 1.0,
) -> Again | None:
    """Whether a model is asked again after its `attempt`th attempt failed, and when; None: no more.

    Waits are drawn at random between nothing and a bound that doubles, so that many callers do not come back at once;
    a server's Retry-After is the least, up to `most`. What limits leave (`left`) is not waited away, as the fault says
    more than that the time is up. `scale` makes all waits of our own longer or shorter.
    """
    if fault.trouble not in PASSING or attempt >= ATTEMPTS:
        return None
    asked_for = fault.wait or 0.0
    if asked_for > most:
        return None
    bound = min(LONGEST, SHORTEST * 2 ** (attempt - 1)) * scale
    wait = asked_for + chance() * bound
    return None if left is not None and left <= wait else Again(wait)
