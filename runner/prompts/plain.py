"""Plain data: text, numbers, true and false, null, lists and mappings of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Undefined

from runner.prompts.failures import RenderError


def as_text(value: Any) -> str:
    """Turn plain data into text as `{{ }}` does; anything else is refused."""
    if isinstance(value, str | int | float | Mapping | list | tuple | Undefined) or value is None:
        return str(value)
    raise RenderError(f"a template sees plain data only, not {type(value).__name__}")


def refuse_missing(*values: Any) -> None:
    """Fail when one of the values is not there."""
    for value in values:
        if isinstance(value, Undefined):
            str(value)  # raises, with the name that is missing
