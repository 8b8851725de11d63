"""Plain data: text, numbers, true and false, null, lists and mappings of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Undefined

from runner.prompts.failures import RenderError


def as_text(value: Any) -> str:
    """Turn plain data into text as `{{ }}` does: lists and mappings as JSON; anything else is refused."""
    if isinstance(value, Mapping | list | tuple):
        refuse_missing(*(value.values() if isinstance(value, Mapping) else value))
        return json.dumps(value, ensure_ascii=False, default=plain_for_json)
    if isinstance(value, str | int | float | Undefined) or value is None:
        return str(value)
    raise RenderError(f"a template sees plain data only, not {type(value).__name__}")


def plain_for_json(value: Any) -> Any:
    """What JSON does not know itself, as what it knows; anything but plain data is refused."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Undefined):
        str(value)  # raises, with the name that is missing
    raise RenderError(f"a template sees plain data only, not {type(value).__name__}")


def refuse_missing(*values: Any) -> None:
    """Fail when one of the values is not there."""
    for value in values:
        if isinstance(value, Undefined):
            str(value)  # raises, with the name that is missing
