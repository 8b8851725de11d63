"""Choose the time of one attempt: from the model's own speed, always inside the range that the files give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.calling.speeds import thousands
from runner.models.port import Deadline
from runner.spec import format_duration

if TYPE_CHECKING:
    from runner.models.calling.speeds import Figures

SPREADS = 3.0
"""Standard deviations beyond the mean that still count as usual."""
MARGIN = 2.0
"""Times the usual that an answer gets."""
IDLE = 0.5
"""Part of the range's lower end that an answer may stand still."""


def choose(
    bounds: tuple[float, float], tokens: int, figures: Figures | None, *, left: float | None = None
) -> tuple[Deadline, str]:
    """The deadline of an attempt that sends `tokens`, and why; `left` is what limits leave of all time.

    An answer that makes progress may take the upper end of the range, whatever was expected of it.
    """
    least, most = bounds
    seconds, why = _expected(least, most, tokens, figures)
    if left is not None and left < seconds:
        seconds, why = left, "what the limits leave"
    most = most if left is None else min(most, left)
    return Deadline(seconds, idle=max(least * IDLE, 0.0) or None, most=max(most, seconds)), why


def _expected(least: float, most: float, tokens: int, figures: Figures | None) -> tuple[float, str]:
    if least == most:
        return most, "fixed by the files"
    if figures is None:
        return most, "the upper end: the model's speed is not known yet"
    prompt, token, output = (mean + SPREADS * spread for mean, spread in figures[:3])
    usual = thousands(tokens) * prompt + token * output
    told = f"{format_duration(round(usual, 3))} expected of {tokens} tokens by {figures.calls} calls, times {MARGIN:g}"
    seconds = usual * MARGIN
    if seconds < least:
        return least, f"the lower end: {told}"
    if seconds > most:
        return most, f"the upper end: {told}"
    return seconds, told
