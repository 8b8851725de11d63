"""A line of words about what happened."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = 0.05
"""Seconds that would be shown as none."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its style: a colour, `bold`, `dim`, or nothing."""

    text: str
    style: str = ""
