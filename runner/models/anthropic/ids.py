"""Ids of calls as Anthropic's Messages take them."""

from __future__ import annotations

import re

_NO_ID = re.compile(r"[^a-zA-Z0-9_-]")


def plain_id(call_id: str) -> str:
    """The id without the signs that this format refuses: who only speaks it, and other providers, make such up."""
    return _NO_ID.sub("_", call_id)
