"""How much context a model has: as the files say, as is known of its name, as a server says that refuses more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.models import ServedModel
from runner.models.providers import is_own

if TYPE_CHECKING:
    from runner.models import ScriptedModel

LEAST = 256
"""Tokens below which a number in a refusal is no context."""
_KNOWN = {
    "openai": {
        r"gpt-4o|gpt-4-turbo|gpt-5.*chat": 128_000,
        r"gpt-4\.1": 1_047_576,
        r"o[134](-|$)": 200_000,
        r"gpt-5": 272_000,  # of input alone
    },
    "anthropic": {r"claude-3|claude-(opus|sonnet|haiku)-4-[015](\D|$)": 200_000},
    "deepseek": {r"deepseek-(chat|reasoner)$": 128_000},
    "gemini": {r"gemini-2": 1_048_576},
    "xai": {r"grok-3": 131_072, r"grok-4(-0709)?$": 256_000},
}
"""Tokens of models at their providers' own addresses, by what their names begin with; of others the server tells."""
_TOLD = re.compile(
    r"> ?(?P<over>\d{3,})"
    r"|(?:context|prompt|model|input) length(?: is| of)? \(?(?P<length>\d{3,})"
    r"|(?:context size|tokens allowed|limit is|limit of|limit:|must be <=) \(?(?P<limit>\d{3,})(?!\d| \+)"
    r"|(?P<before>\d{3,}) maximum context",
    re.IGNORECASE,
)


def window_of(spec: ServedModel | ScriptedModel) -> int | None:
    """Tokens of a model's context; None where nobody has said."""
    if not isinstance(spec, ServedModel):
        return None
    if spec.context is not None or not is_own(spec.provider, spec.base_url):
        return spec.context
    known = _KNOWN.get(spec.provider, {})
    return next((tokens for pattern, tokens in known.items() if re.match(pattern, spec.model)), None)


def window_in(words: str) -> int | None:
    """The tokens that a refusal names as the most; None when it names none."""
    found = _TOLD.search(words)
    tokens = int(next(filter(None, found.groupdict().values()))) if found else 0
    return tokens if tokens >= LEAST else None
