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


@pytest.mark.parametrize("before", ["", "event: error\r\n"])
def test_a_refusal_that_is_a_stream_says_what_its_first_event_says(before: str) -> None:
    """As LiteLLM refuses what it has begun to answer."""
    body = before + 'data: {"error": {"message": "No.", "code": "500"}}\r\n\r\ndata: [DONE]\n\n'
    assert words_of_body(body.encode()) == "No. (500)"


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


OVERFLOWS = [
    "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (context_length_exceeded)",
    "This model's maximum context length is 32768 tokens. However, your messages resulted in 40000 tokens",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "prompt is too long: 208310 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 150000 tokens",
    "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "Please reduce the length of the messages or completion.",
    "Current length is 37000 while limit is 32768",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "the request exceeds the available context size, try increasing it (exceed_context_size_error)",
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    "Requested token count exceeds the model's maximum context length of 4096 tokens.",
    "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    "the input length exceeds the context length",
    "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length",
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 512 `max_new_tokens`",
    "Input is too long for requested model.",
    "prompt token count of 70000 exceeds the limit of 64000",
    "Invalid request: Your request exceeded model token limit: 262144",
    "invalid params, context window exceeds limit",
    "Prompt has 5000 tokens: maximum input length is 4096 tokens",
]
"""How servers say that a conversation is longer than a model's context."""
NOT_LONG = [
    "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7000 (rate_limit_exceeded)",
    "Too many tokens, please wait before trying again: rate limit of tokens per day",
    "max_tokens must be at least 1",
    "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "messages: text content blocks must be non-empty",
    "tool_choice is too long a word",
]
"""What a server says of other limits, or of none."""


@pytest.mark.parametrize("words", OVERFLOWS)
def test_a_full_context_is_known_in_every_wording(words: str) -> None:
    """What is done about it is another thing than for any other refusal."""
    assert trouble_of(400, words) == "overflow"


@pytest.mark.parametrize("words", NOT_LONG)
def test_other_limits_are_no_full_context(words: str) -> None:
    """A shorter conversation would not help."""
    assert trouble_of(413, words) == "refused"


@pytest.mark.parametrize(
    "words",
    ["API key not valid. Please pass a valid API key.", "Incorrect API key provided: sk", "Invalid API key"],
)
def test_a_wrong_key_may_be_told_as_a_wrong_request(words: str) -> None:
    """By 400 in place of 401."""
    assert trouble_of(400, words) == "key"
