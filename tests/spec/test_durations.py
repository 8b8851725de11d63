"""What a text that is no duration was probably meant as."""

from __future__ import annotations

import pytest

from runner.spec import parse_duration, parse_range
from runner.spec.durations import meant, meant_range, of_unit, timeout_hint


@pytest.mark.parametrize(
    "written, wanted",
    [
        ("5 min", "5m"),
        ("2 hours", "2h"),
        ("30S", "30s"),
        ("1,5h", "1.5h"),
        ("1 Hour and 10 Min", "1h10m"),
        ("90seconds", "90s"),
        (30, "30s for seconds, 30m for minutes"),
        ("2.5", "2.5s for seconds, 2.5m for minutes"),
        ("1:30", "1m30s or 1h30m"),
        ("soon", ""),
        ("30sx", ""),
        (True, ""),
        (None, ""),
    ],
)
def test_other_ways_to_write_a_duration_are_known(written: object, wanted: str) -> None:
    """Words, capitals and commas for units; a number alone may be two things; anything else is left alone."""
    assert meant(written) == wanted


@pytest.mark.parametrize(
    "written",
    [
        *("60s-120s", "60s...120s", "60s…120s", "60s to 120s", "60s – 120s", "60s, 120s", "60s->120s"),
        *("60..120s", "60s..120", "60-120", "60 sec..120 sec"),
        *(["60s", "120s"], [60, 120], {"min": "60s", "max": "120s"}),
    ],
)
def test_other_ways_to_write_a_range_are_known(written: object) -> None:
    """All of them are told the one form, which can be read."""
    assert parse_range(meant_range(written)) == (60.0, 120.0)
    with pytest.raises(ValueError, match=r"no range of durations; write 60s\.\.120s"):
        parse_range(written)


@pytest.mark.parametrize("written", ["60s", "soon..later", "60s..", "60s..120s..180s", None, 3, True, [], ["60s"]])
def test_what_is_no_range_is_left_alone(written: object) -> None:
    """No guess where there are not two ends with a number each."""
    assert meant_range(written) == ""


def test_a_range_keeps_the_unit_of_each_end() -> None:
    """Only an end without a unit takes the other's."""
    assert meant_range("30 sec - 2 min") == "30s..2m"
    assert meant_range("1-2h") == "1h..2h"


def test_a_timeout_of_another_form_is_told_how_it_is_written() -> None:
    """A duration, the end of a range, a class that is nearly called so, or all classes."""
    classes = ["quick", "deep"]
    assert timeout_hint("30 seconds", classes) == "write 30s"
    assert timeout_hint("60s..120s", classes).endswith("here write its end: 120s")
    assert timeout_hint("quik", classes) == "did you mean quick?"
    assert timeout_hint("never", classes) == "classes: quick, deep; or write a duration such as 90s"


def test_what_is_said_of_no_duration_is_in_words_of_yaml() -> None:
    """Not in those of Python."""
    with pytest.raises(ValueError, match=r"^null is no duration"):
        parse_duration(None)


@pytest.mark.parametrize(
    "key, value, known, written",
    [
        ("seconds", 30, ["for", "until"], "for: 30s"),
        ("Minutes", "1.5", ["for"], "for: 1.5m"),
        ("timeout-minutes", 5, ["timeout"], "timeout: 5m"),
        ("delay_ms", 200, ["max", "delay"], "delay: 200ms"),
        ("seconds", 30, ["timeout"], ""),
        ("seconds", "a few", ["for"], ""),
        ("seconds", True, ["for"], ""),
        ("sessions", 3, ["for"], ""),
    ],
)
def test_a_unit_in_a_key_belongs_to_the_value(key: str, value: object, known: list[str], written: str) -> None:
    """Where the key without it is known."""
    assert of_unit(key, value, known) == written
