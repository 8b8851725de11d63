"""Tokens and dollars as servers of chat completions count them."""

from __future__ import annotations

from typing import Any

from runner.models.reading import cache_of, cost_of, count, dict_of
from runner.runs.events import Usage


def read_usage(usage: dict[str, Any]) -> Usage:
    """The counts of an answer so far, so that a later one replaces an earlier.

    Some servers leave thinking out of `completion_tokens`; the total holds it.
    """
    read, wrote = dict_of(usage.get("prompt_tokens_details")), dict_of(usage.get("completion_tokens_details"))
    given, total = count(usage.get("prompt_tokens")), count(usage.get("total_tokens"))
    cached = count(read.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens"))
    return Usage(
        input=given,
        output=max(count(usage.get("completion_tokens")), total - given if given else 0),
        **cache_of(given, cached, count(read.get("cache_write_tokens"))),
        reasoning=count(wrote.get("reasoning_tokens")),
        cost=cost_of(usage),
    )
