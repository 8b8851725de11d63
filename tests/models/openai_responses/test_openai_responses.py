"""A model behind a server of the Responses format: its headers, and its refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from runner.errors import ModelFailed
from tests.models.recorded import recorded

if TYPE_CHECKING:
    from tests.models.conftest import Ask

TEXT = recorded("openai_responses", "text.sse")


def test_the_key_is_sent_as_a_bearer_token(ask: Ask) -> None:
    """To the format's own address."""
    head = ask(TEXT, provider="xai", key="abc\n").server.heads[0].lower()
    assert head.startswith("post /v1/responses http/1.1")
    assert "\r\nauthorization: bearer abc\r\n" in head


def test_without_a_key_no_authorization_is_sent(ask: Ask) -> None:
    """A server at home needs none."""
    assert "authorization" not in ask(TEXT, provider="xai").server.heads[0].lower()


@pytest.mark.parametrize(
    "status,code,words,trouble",
    [
        ("400 Bad Request", "context_length_exceeded", "Your input exceeds the context window", "overflow"),
        ("401 Unauthorized", "invalid_api_key", "Incorrect API key provided", "key"),
        ("404 Not Found", "model_not_found", "The model does not exist", "missing"),
        ("429 Too Many Requests", "rate_limit_exceeded", "Rate limit reached", "limited"),
        ("429 Too Many Requests", "insufficient_quota", "You exceeded your current quota", "quota"),
        ("503 Service Unavailable", "server_error", "Overloaded", "overloaded"),
    ],
)
def test_a_refusal_is_known_by_its_status_and_words(ask: Ask, status: str, code: str, words: str, trouble: str) -> None:
    """What is done about it goes by its trouble."""
    body = json.dumps({"error": {"message": words, "type": "x", "param": None, "code": code}}).encode()
    with pytest.raises(ModelFailed) as caught:
        ask(body, provider="xai", status=status, kind="application/json", headers="retry-after-ms: 250\r\n")
    assert words in caught.value.message
    assert (caught.value.trouble, caught.value.wait) == (trouble, 0.25)
