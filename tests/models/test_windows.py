"""How much context a model has, and who says so."""

from __future__ import annotations

from typing import Any

import pytest

from runner.models import ScriptedModel, ServedModel
from runner.models.windows import window_in, window_of


@pytest.mark.parametrize(
    "fields,tokens",
    [
        ({"provider": "ollama", "model": "qwen3:8b", "context": 16384}, 16384),
        ({"provider": "ollama", "model": "qwen3:8b"}, None),
        ({"provider": "openai", "model": "gpt-4.1-mini"}, 1_047_576),
        ({"provider": "openai", "model": "gpt-5.1"}, 272_000),
        ({"provider": "openai", "model": "gpt-5.1-chat-latest"}, 128_000),
        ({"provider": "openai", "model": "gpt-4.1", "context": 32_000}, 32_000),
        ({"provider": "openai", "model": "gpt-4.1", "base_url": "http://10.0.0.5/v1"}, None),
        ({"provider": "openai", "model": "gpt-4.1", "base_url": "https://api.openai.com/v1"}, 1_047_576),
        ({"provider": "openai", "model": "gpt-4.1", "base_url": "https://eu.api.openai.com/v1"}, 1_047_576),
        ({"provider": "openai", "model": "gpt-4.1", "base_url": "http://api.openai.com/v1"}, None),
        ({"provider": "anthropic", "model": "claude-sonnet-4-5-20250929"}, 200_000),
        ({"provider": "anthropic", "model": "claude-opus-4-12"}, None),
    ],
)
def test_the_files_say_it_or_it_is_known_of_the_name(fields: dict[str, Any], tokens: int | None) -> None:
    """At another address a name may stand for anything."""
    assert window_of(ServedModel.model_validate(fields)) == tokens


def test_a_scripted_model_has_no_window() -> None:
    """It reads nothing."""
    assert window_of(ScriptedModel(provider="scripted", replies="replies.yaml")) is None


@pytest.mark.parametrize(
    "words,tokens",
    [
        ("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens", 8192),
        ("prompt is too long: 208310 tokens > 200000 maximum", 200_000),
        ("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", 200_000),
        ("The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).", 1_048_576),
        ("maximum prompt length is 131072 but the request contains 537812 tokens", 131_072),
        ("Current length is 37000 while limit is 32768", 32_768),
        ("Prompt contains 40000 tokens, too large for model with 32768 maximum context length", 32_768),
        ("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096),
        ("The input (5000 tokens) is longer than the model's context length (4096 tokens).", 4096),
        ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens", 4096),
        ("prompt token count of 70000 exceeds the limit of 64000", 64_000),
        ("the input length exceeds the context length", None),
        ("context length is 7", None),
    ],
)
def test_a_refusal_names_the_most_it_would_take(words: str, tokens: int | None) -> None:
    """Never the number of what was sent."""
    assert window_in(words) == tokens
