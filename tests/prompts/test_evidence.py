"""The values an expression was decided by."""

from __future__ import annotations

import json
from typing import Any

from runner.prompts import expression


def test_the_leaves_of_an_expression_are_its_evidence() -> None:
    """Each path it reads, with its value."""
    values = {"phases": {"verify": {"ok": False}}, "inputs": {"verify_required": True}}
    assert expression("phases.verify.ok or not inputs.verify_required").explain(values) == {
        "phases.verify.ok": False,
        "inputs.verify_required": True,
    }


def test_a_missing_value_is_none_in_evidence() -> None:
    """Evidence can be given for an expression that fails, too."""
    values = {"a": {"c": [1]}}
    assert expression("a.b | default(0) and a.c[0] and a.c[7] and x.y").explain(values) == {
        "a.b": None,
        "a.c.0": 1,
        "a.c.7": None,
        "x.y": None,
    }


def test_only_the_end_of_a_path_is_shown() -> None:
    """What a longer path shows is not shown twice."""
    assert expression("a and a.b").explain({"a": {"b": 1, "c": 2}}) == {"a.b": 1}


def test_evidence_is_short_and_plain() -> None:
    """Long texts, lists and depths are cut, and the cut is said."""
    deep: dict[str, Any] = {"a": {"b": {"c": {"d": 1}}}, "list": [[[[1]]]]}
    values = {"text": "x" * 5000, "list": list(range(50)), "map": {str(i): i for i in range(50)}, "deep": deep, "o": 1j}
    shown = expression("text and list and map and deep and o").explain(values)
    assert shown["text"] == "x" * 200 + "… (5,000 characters)"
    assert shown["list"] == [*range(10), "… 40 more"]
    assert shown["map"] == {str(i): i for i in range(10)} | {"…": "40 more"}
    assert shown["deep"] == {"a": {"b": {"c": "… (1 items)"}}, "list": [[["… (1 items)"]]]} | {
        "list": [["… (1 items)"]]
    }
    assert shown["o"] == "1j"
    assert len(json.dumps(shown)) < 2000
