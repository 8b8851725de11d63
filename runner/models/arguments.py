"""Arguments of a tool call out of the text that a model wrote, as all wire formats read it."""

from __future__ import annotations

import re
import secrets
from typing import Any

from runner.errors import ModelFailed
from runner.models.parsing import is_deep, parse
from runner.models.text import mend, mended

_HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_ENDS = re.compile(r"""(?:[}\]]|:\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w.+-]+))[\s,`]*$""", re.DOTALL)
"""How a text ends that lacks brackets at most: with one, or with a whole value behind its key."""
MOST_CALLS = 256
"""Calls that one answer may make before it counts as broken."""
_LONGEST_MENDED = 128 * 1024
"""Characters of a text that is mended: the mending takes its time, in which nobody else gets any."""
_BRACES_MENDED = 300
"""Braces and brackets that begin in it, each of which may be gone into."""


def read_arguments(text: str, *, cut: bool) -> Any:
    """The arguments as an object, or their raw text when even one attempt to mend it gives none.

    Those of an answer that was `cut` short are not mended: half a file would be written. Nor are those that break off
    in the middle of a string or of a key: some servers cut and do not say so.
    """
    text = mend(text)
    if not text.strip():
        return {}
    value = loads(text)
    if isinstance(value, str):  # encoded twice
        value = loads(value)
    if value is None and text.strip() == "null":
        return {}
    if not isinstance(value, dict) and not cut and _ENDS.search(text):
        value = repaired(text)
    return value if isinstance(value, dict) else text


def past_arguments(arguments: Any) -> dict[str, Any]:
    """The arguments of a past call: servers refuse what is no object, so a text that was no JSON is told inside one."""
    return arguments if isinstance(arguments, dict) else {"invalid": arguments}


def loads(text: str) -> Any:
    """What JSON says, control characters in its strings forgiven; None for what is no JSON."""
    try:
        value = parse(text, strict=False)
    except ValueError:
        return None
    if _HALF_ESCAPE.search(text):
        return mended(value)
    return value


def own_id(given: str, taken: set[str]) -> str:
    """The id of a call, which is then taken: the server's own, or a new one where it gave none or one twice."""
    if len(taken) >= MOST_CALLS:
        raise ModelFailed(f"the answer makes more than {MOST_CALLS} calls", trouble="broken")
    # Nine letters and digits: the only form of an id that every server takes back.
    given = mend(given)
    call_id = given if given and given not in taken else secrets.token_hex(5)[:9]
    taken.add(call_id)
    return call_id


def repaired(text: str) -> Any:
    """What is almost JSON, put right; None for what cannot be, or would take too long."""
    if len(text) > _LONGEST_MENDED or text.count("{") + text.count("[") > _BRACES_MENDED:
        return None
    import json_repair

    try:
        value = json_repair.loads(text) or None
    except (ValueError, RecursionError):
        return None
    return None if is_deep(value) else value
