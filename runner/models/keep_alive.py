"""How long a server keeps a model loaded, as `keep_alive` says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from runner.spec import parse_duration

_FOREVER = -1.0


def _how_long(value: object) -> float:
    """Seconds that a model stays loaded: a duration, 0 for not at all, -1 for as long as the server runs."""
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, _FOREVER):
        return float(value)
    return parse_duration(value)


KeepAlive = Annotated[
    float,
    BeforeValidator(_how_long),
    WithJsonSchema(
        {
            "anyOf": [
                {"title": "duration", "type": "string", "pattern": r"^ *(\d+(\.\d+)? *(ms|s|m|h|d) *)+$"},
                {"enum": [0, -1]},
            ],
            "examples": ["5m", "24h", -1, 0],
        }
    ),
]
"""How long a model stays loaded, in seconds."""
