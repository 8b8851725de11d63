"""Tokens as Anthropic's Messages count them."""

from __future__ import annotations

from typing import Any

from runner.models.reading import count, dict_of
from runner.runs.events import Usage


def read_usage(usage: dict[str, Any], spent: Usage) -> Usage:
    """The counts of an answer, on top of what was `spent` before; its `input_tokens` are only those of no cache."""
    cached, written = count(usage.get("cache_read_input_tokens")), count(usage.get("cache_creation_input_tokens"))
    return Usage(
        input=spent.input + count(usage.get("input_tokens")) + cached + written,
        output=spent.output + count(usage.get("output_tokens")),
        cached=spent.cached + cached,
        written=spent.written + written,
        reasoning=spent.reasoning + count(dict_of(usage.get("output_tokens_details")).get("thinking_tokens")),
    )
