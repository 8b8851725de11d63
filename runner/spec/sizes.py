"""Sizes as files write them: `512KiB`, `64MiB`, `1GiB`."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from runner.spec.values import shown

_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_SIZE = re.compile(r"(\d+) ?(KiB|MiB|GiB|TiB)")
_LIKE = re.compile(r"(\d+) ?([kmgt])i?b?(?:ytes)?", re.IGNORECASE)
_WORDS = "a whole number with a unit, such as 512KiB, 64MiB or 1GiB"


def parse_size(text: Any) -> int:
    """Bytes that a text such as `64MiB` says."""
    if isinstance(text, str) and (size := _SIZE.fullmatch(text.strip())):
        return int(size[1]) * _UNITS[size[2]]
    like = _LIKE.fullmatch(text.strip()) if isinstance(text, str) else None
    meant = f"{like[1]}{like[2].upper()}iB" if like else _WORDS
    msg = f"{shown(text)} is no size; write {meant}"
    raise ValueError(msg)


def format_size(size: int) -> str:
    """Bytes in the largest unit that gives at least one of it, rounded up to a tenth: `512 B`, `2.1 GiB`."""
    name, unit = next(((name, unit) for name, unit in reversed(_UNITS.items()) if size >= unit), ("B", 1))
    return f"{math.ceil(size * 10 / unit) / 10:.1f}".removesuffix(".0") + f" {name}"


Size = Annotated[
    int,
    BeforeValidator(parse_size),
    Field(gt=0, le=1 << 50),
    WithJsonSchema(
        {
            "title": "size",
            "type": "string",
            "pattern": r"^ *\d+ ?(KiB|MiB|GiB|TiB) *$",
            "patternErrorMessage": f"Write {_WORDS}.",
            "examples": ["64MiB", "1GiB"],
        }
    ),
]
"""Bytes, written `512KiB`, `64MiB`, `1GiB`."""
