"""What one rendering may cost, and the account that holds it to that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from jinja2 import Undefined

from runner.prompts.failures import RenderError

LARGEST_INTEGER_BITS = 1024
LOOK_AT_CLOCK_EVERY = 64
LOOK_AT_CLOCK_AFTER_GROWTH = 10_000
ITEM_WEIGHT = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most one rendering may cost."""

    output: int = 1_000_000
    """Characters of the finished text."""
    iterations: int = 100_000
    """Passes through all loops together."""
    growth: int = 10_000_000
    """Characters made on the way; an item of a list or mapping weighs as much as 8."""
    seconds: float = 2.0
    """Time on the wall."""


class Budget:
    """What one rendering has used of its bounds; going over is a RenderError."""

    __slots__ = ("_bounds", "_deadline", "_grown", "_iterations", "_look_when_grown")

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._deadline = monotonic() + bounds.seconds
        self._grown = 0
        self._iterations = 0
        self._look_when_grown = LOOK_AT_CLOCK_AFTER_GROWTH

    def iterate(self) -> None:
        """Count one pass through a loop."""
        self._iterations += 1
        if self._iterations > self._bounds.iterations:
            raise RenderError(f"the template loops more than {self._bounds.iterations:,} times")
        if not self._iterations % LOOK_AT_CLOCK_EVERY:
            self.look_at_clock()

    def look_at_clock(self) -> None:
        """Fail when the time is up."""
        if monotonic() >= self._deadline:
            raise RenderError(f"the template takes longer than {self._bounds.seconds:g} s")

    def grow(self, amount: int) -> None:
        """Count characters that are made, or the weight of items, before or as they are."""
        self._grown += amount
        if self._grown > self._bounds.growth:
            raise RenderError(f"the template builds too much on the way, more than {self._bounds.growth:,} characters")
        if self._grown >= self._look_when_grown:
            self._look_when_grown = self._grown + LOOK_AT_CLOCK_AFTER_GROWTH
            self.look_at_clock()

    def charge(self, value: Any, times: int = 1) -> None:
        """Count all that a value holds; what is in it twice counts twice, so nesting cannot hide its size."""
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                self.grow((len(item) + 1) * times)
            elif isinstance(item, Mapping):
                self.grow((2 * len(item) + 1) * ITEM_WEIGHT * times)
                waiting.extend(item)
                waiting.extend(item.values())
            elif isinstance(item, list | tuple):
                self.grow((len(item) + 1) * ITEM_WEIGHT * times)
                waiting.extend(item)
            elif isinstance(item, Undefined):
                str(item)  # raises, with the name that is missing
            else:
                check_integer(item)
                self.grow(times)

    def check_output(self, size: int) -> None:
        """Fail when the text so far is too long."""
        if size > self._bounds.output:
            raise RenderError(f"the rendered text is longer than {self._bounds.output:,} characters")


def check_integer(value: Any) -> None:
    """Fail when a whole number has outgrown every use."""
    if type(value) is int and value.bit_length() > LARGEST_INTEGER_BITS:
        raise RenderError(f"a number grows beyond {LARGEST_INTEGER_BITS} bits")
