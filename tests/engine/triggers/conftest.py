"""What tests of triggers start from."""

from __future__ import annotations

import pytest

BEGINNING = 1_700_000_000 // 86_400 * 86_400


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = float(BEGINNING)

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Midnight."""
    return Clock()
