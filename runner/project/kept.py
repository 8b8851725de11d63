"""What was made of files, kept by their content for the next loads; what these do not need any more is let go."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

LOADS = 8
"""Loads after which something that none of them needed is let go."""
ValueT = TypeVar("ValueT")


class Kept(Generic[ValueT]):
    """Values by key. Any thread may load; a value made twice at the same time is the same."""

    def __init__(self) -> None:
        self._values: dict[Hashable, ValueT] = {}
        self._needed: dict[Hashable, int] = {}
        self._load = 0
        self._turn = threading.Lock()

    def begin(self) -> None:
        """Another load begins."""
        with self._turn:
            self._load += 1
            for key in [key for key, load in self._needed.items() if load <= self._load - LOADS]:
                del self._values[key], self._needed[key]

    def get(self, key: Hashable, make: Callable[[], ValueT]) -> ValueT:
        """The value of a key, made when it is not kept."""
        with self._turn:
            value = self._values.get(key)
        if value is None:
            value = make()
        with self._turn:
            self._values[key], self._needed[key] = value, self._load
        return value

    def __len__(self) -> int:
        return len(self._values)
