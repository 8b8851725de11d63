"""Arguments of a tool call out of the text that a model wrote, as all wire formats read it."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from runner.models.text import mend, mended

_HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODE = json.JSONDecoder(strict=False).decode


def read_arguments(text: str, *, cut: bool) -> Any:
    """The arguments as an object, or their raw text when even one attempt to mend it gives none.

    Those of an answer that was `cut` short are not mended: half a file would be written.
    """
    if not text.strip():
        return {}
    value = loads(text)
    if isinstance(value, str):  # encoded twice
        value = loads(value)
    if value is None and text.strip() == "null":
        return {}
    if not isinstance(value, dict) and not cut:
        value = _repair(text)
    return value if isinstance(value, dict) else mend(text)


def past_arguments(arguments: Any) -> dict[str, Any]:
    """The arguments of a past call: servers refuse what is no object, so a text that was no JSON is told inside one."""
    return arguments if isinstance(arguments, dict) else {"invalid": arguments}


def loads(text: str) -> Any:
    """What JSON says, control characters in its strings forgiven; None for what is no JSON."""
    try:
        value = _DECODE(text)
    except (ValueError, RecursionError):
        return None
    if _HALF_ESCAPE.search(text):
        return mended(value)
    return value


def own_id(given: str, taken: set[str]) -> str:
    """The id of a call, which is then taken: the server's own, or a new one where it gave none or one twice."""
    # Nine letters and digits: the only form of an id that every server takes back.
    given = mend(given)
    call_id = given if given and given not in taken else secrets.token_hex(5)[:9]
    taken.add(call_id)
    return call_id


def _repair(text: str) -> Any:
    import json_repair

    try:
        return json_repair.loads(text) or None
    except (ValueError, RecursionError):
        return None
