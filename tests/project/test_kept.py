"""What was made of files is kept as long as loads need it."""

from __future__ import annotations

import pytest

from runner.project.kept import LOADS, Kept


@pytest.fixture
def made() -> list[str]:
    """What had to be made."""
    return []


def _make(made: list[str], what: str) -> str:
    made.append(what)
    return what


def test_what_loads_need_is_made_once(made: list[str]) -> None:
    """As long as one in a few loads asks for it."""
    kept: Kept[str] = Kept()
    for load in range(LOADS * 3):
        kept.begin()
        kept.get("always", lambda: _make(made, "always"))
        if load % (LOADS - 1) == 0:
            kept.get("sometimes", lambda: _make(made, "sometimes"))
    assert made == ["always", "sometimes"]


def test_what_no_load_needs_is_let_go(made: list[str]) -> None:
    """Thousands of saves hold no more than a few."""
    kept: Kept[str] = Kept()
    for save in range(1000):
        kept.begin()
        kept.get(f"save {save}", lambda: _make(made, "save"))
    assert len(made) == 1000
    assert len(kept) == LOADS
