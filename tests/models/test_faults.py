"""The server's own words, out of every shape in which servers put them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.models.faults import MAX_WORDS, status_of, trouble_of, words_of_body

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


@pytest.mark.parametrize(
    "error,status",
    [
        ({"code": 502}, 502),
        ({"status": 429, "error": {"code": 500}}, 429),
        ({"code": "server_error"}, 500),
        ({"type": "error", "error": {"type": "overloaded_error"}}, 529),
        ({"code": 7, "type": "x", "error": "y"}, None),
        ({"code": ["rate_limit_error"]}, None),
        ("server_error", None),
    ],
)
def test_an_error_in_a_stream_names_its_status_by_number_or_name(error: Any, status: int | None) -> None:
    """At its top or one level below."""
    assert status_of(error) == status


@pytest.mark.parametrize(
    "status,words,trouble",
    [
        (400, "prompt is too long: 9 tokens > 8 maximum", "overflow"),
        (0, "This model's maximum context length is 8 tokens", "overflow"),
        (429, "Too many tokens per minute", "limited"),
        (429, "You exceeded your current quota", "quota"),
        (400, "Your credit balance is too low", "quota"),
        (400, "no such field", "refused"),
    ],
)
def test_too_many_tokens_of_a_minute_are_not_too_many_of_a_conversation(status: int, words: str, trouble: str) -> None:
    """The one passes by itself, the other needs a shorter conversation, money needs a person."""
    assert trouble_of(status, words) == trouble
