"""Selectors: names, packs, tags, all, and taking away."""

from __future__ import annotations

import pytest

from runner.spec.selectors import Selectable, Selectables, matches

THINGS = [
    Selectable("look", "files", ("safe",)),
    Selectable("edit", "files"),
    Selectable("test", "qa", ("safe", "slow")),
    Selectable("alone"),
]


@pytest.mark.parametrize(
    "selectors, names",
    [
        (["look"], ["look"]),
        (["files/*"], ["look", "edit"]),
        (["files/edit"], ["edit"]),
        (["tag:safe"], ["look", "test"]),
        (["*"], ["look", "edit", "test", "alone"]),
        (["test", "look"], ["look", "test"]),
        (["look", "files/*"], ["look", "edit"]),
        ([], []),
    ],
)
def test_selectors_find_by_name_pack_and_tag(selectors: list[str], names: list[str]) -> None:
    """Each thing once, in the things' own order."""
    assert Selectables(THINGS).select(selectors) == (names, [])


@pytest.mark.parametrize(
    "selectors, names",
    [
        (["*", "-edit"], ["look", "test", "alone"]),
        (["files/*", "-tag:safe"], ["edit"]),
        (["*", "-files/*", "edit"], ["edit", "test", "alone"]),
        (["-edit", "files/*"], ["look", "edit"]),
    ],
)
def test_a_minus_takes_away_what_was_found_before_it(selectors: list[str], names: list[str]) -> None:
    """Selectors are read in order: what comes after can bring it back."""
    assert Selectables(THINGS).select(selectors) == (names, [])


@pytest.mark.parametrize("selector", ["lok", "tag:none", "web/*", "qa/look", "-nothing", ""])
def test_a_selector_that_finds_nothing_is_told(selector: str) -> None:
    """Whoever reads the file makes a Problem of it."""
    assert Selectables(THINGS).select(["edit", selector]) == (["edit"], [selector])


def test_taking_away_what_is_there_but_was_not_found_is_no_fault() -> None:
    """It is there: the selector means something."""
    assert Selectables(THINGS).select(["edit", "-look"]) == (["edit"], [])


@pytest.mark.parametrize(
    "selector, found",
    [
        ("edit", True),
        ("files/*", True),
        ("files/edit", True),
        ("tag:x", True),
        ("*", True),
        ("edi", False),
        ("files/", False),
    ],
)
def test_matches_reads_one_selector(selector: str, *, found: bool) -> None:
    """The same language for one thing."""
    assert matches(selector, "edit", pack="files", tags=("x",)) is found


def test_a_thing_without_a_pack_is_found_by_no_pack() -> None:
    """`/*` means nothing, not everything."""
    assert matches("files/*", "alone") is False
