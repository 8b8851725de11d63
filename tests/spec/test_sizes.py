"""Sizes as files write them."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from runner.spec.sizes import Size, format_size, parse_size


@pytest.mark.parametrize("text, size", [("1KiB", 1024), ("64 MiB", 64 << 20), (" 1GiB ", 1 << 30), ("2TiB", 2 << 40)])
def test_a_size_is_read(text: str, size: int) -> None:
    """With a unit of powers of two."""
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "value, meant", [("1GB", "1GiB"), ("64m", "64MiB"), ("5 kb", "5KiB"), ("1gib", "1GiB"), ("2Mbytes", "2MiB")]
)
def test_what_was_meant_is_said(value: str, meant: str) -> None:
    """Other spellings name the one that files have."""
    with pytest.raises(ValueError, match=f"is no size; write {meant}"):
        parse_size(value)


@pytest.mark.parametrize("value", [1, 1024.5, "1024", "", "1.5GiB", "-1GiB", "many", None, True, ["1GiB"]])
def test_what_is_no_size_is_refused(value: object) -> None:
    """A number without a unit may be anything."""
    with pytest.raises(ValueError, match="such as 512KiB, 64MiB or 1GiB"):
        parse_size(value)


@pytest.mark.parametrize("text", ["0MiB", "9999999TiB"])
def test_a_size_has_bounds(text: str) -> None:
    """Nothing is no limit, and neither is more than there can be."""
    with pytest.raises(ValidationError):
        TypeAdapter(Size).validate_python(text)


@pytest.mark.parametrize(
    "size, told",
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        ((2 << 30) - 1, "2 GiB"),
        (2 << 30, "2 GiB"),
        ((2 << 30) + 1, "2.1 GiB"),
        (3 << 50, "3072 TiB"),
    ],
)
def test_bytes_are_told_in_their_largest_unit(size: int, told: str) -> None:
    """Rounded up: what is over a limit does not look like it."""
    assert format_size(size) == told
