"""The server's own words, out of every shape in which servers put them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.models.faults import MAX_WORDS, words_of_body

SHAPES: list[tuple[Any, str]] = [
    ({"error": {"message": "No.", "type": "x", "code": "quota"}}, "No. (quota)"),
    ({"error": {"message": "Code quota hit.", "code": "quota"}}, "Code quota hit."),
    ({"error": {"code": "quota"}}, "quota"),
    ({"error": "No."}, "No."),
    ({"object": "error", "message": "No."}, "No."),
    ({"detail": "No."}, "No."),
    ({"detail": [{"loc": ["body"], "msg": "field required"}, {"msg": "too long"}]}, "field required; too long"),
    ([{"error": {"code": 400, "message": "No.", "status": "INVALID"}}], "No."),
    ({"error": {"message": "Provider error", "metadata": {"raw": '{"error": "No."}'}}}, "Provider error: No."),
    ("No.\n  Never.", "No. Never."),
    ({"error": None, "message": "No."}, "No."),
    ({"weather": "fine"}, ""),
    (7, ""),
]


@pytest.mark.parametrize("data,words", SHAPES)
def test_words_are_found_in_every_shape(data: Any, words: str) -> None:
    """In one line."""
    assert words_of_body(json.dumps(data).encode()) == words


def test_a_body_that_is_no_json_is_its_own_words() -> None:
    """Unless it is a web page."""
    assert words_of_body(b" upstream \n connect error\xff ") == "upstream connect error�"
    assert words_of_body(b"<html><body>502") == ""


def test_words_are_bounded() -> None:
    """However much a server has to say, and however deep."""
    assert len(words_of_body(b"x" * 10_000)) == MAX_WORDS + 1
    nested: Any = "x"
    for _ in range(50):
        nested = {"error": nested}
    assert words_of_body(json.dumps(nested).encode()) == ""
    assert words_of_body(b"[" * 100_000).startswith("[[[")
