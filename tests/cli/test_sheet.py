"""A thing of the project as a person reads it: types, figures, rules."""

from __future__ import annotations

from typing import Any

import pytest

from runner.cli.sheet import figures, rule, span, timeout, type_words
from runner.spec.types import parse_type


@pytest.mark.parametrize(
    "written, words",
    [
        ("str", "str"),
        ("int?", "int?"),
        ("path", "path"),
        ("any", "any"),
        ("a|b", "a|b"),
        (["float"], "[float]"),
        ({"one": "str", "two": ["bool"]}, "{one: str, two: [bool]}"),
        ({"type": "str", "pattern": "^a$", "default": "a", "description": "A."}, "str like ^a$"),
        ({"type": "path", "pattern": "^a$"}, "path like ^a$"),
        ({"schema": {"type": "integer", "minimum": 3}}, '{"type": "integer", "minimum": 3}'),
        ({"schema": {"type": "null"}}, '{"type": "null"}'),
    ],
)
def test_a_type_reads_as_it_is_written(written: Any, words: str) -> None:
    """The small language where it has a word, JSON Schema else."""
    assert type_words(parse_type(written).schema) == words


def test_durations_read_as_they_are_written() -> None:
    """One, or a range where it adapts."""
    assert (span((30.0, 30.0)), span((60.0, 300.0))) == ("30s", "1m to 5m")
    assert (
        timeout({"name": "deep", "model": [60, 120], "tool": [30, 30]}) == "deep: model calls 1m to 2m, tool calls 30s"
    )


def test_limits_and_rules_read_as_one_line() -> None:
    """Only those that are set."""
    assert (
        figures({"turns": 40, "time": 600.0, "tokens": 20000, "deadline": None}) == "turns 40, time 10m, tokens 20,000"
    )
    assert rule({"tool": "qa/*", "risk": "write", "action": "allow"}) == "tool qa/*, risk write: allow"
    assert rule({"action": "ask"}) == "any call: ask"
