"""Values and places in words that authors of files use."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.project.findings import Loc

_LONGEST = 60
_PLAIN = r"(?!(?:true|false|null)$)(?:[A-Za-z_/]|-+[A-Za-z])[\w./-]*|(?:\d+(?:ms|[smhd]))+"
"""Texts that need no quotes: words, paths, durations."""


def dotted(loc: Loc) -> str:
    """A way into a file as people write it: `next[0].to`."""
    return "".join(_part(part) for part in loc).removeprefix(".")


def shown(value: Any) -> str:
    """A value as a message names it: short ones as YAML writes them, collections by their kind."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list | tuple):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def flow(value: Any) -> str:
    """A value as YAML writes it in one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{flow(key)}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    is_plain = isinstance(value, str) and re.fullmatch(_PLAIN, value)
    return value if is_plain else json.dumps(value, ensure_ascii=False, default=str)


BARE_TEMPLATE = "a text that begins with {{ needs quotes around it: YAML takes its brace for a mapping"
"""What is wrong with `key: {{ … }}`."""


def in_quotes(text: str) -> str:
    """A text in quotes that YAML reads back as it is: the double ones where none, and no backslash, is inside."""
    return f'"{text}"' if not {'"', "\\"} & set(text) else "'" + text.replace("'", "''") + "'"


def listed(words: Iterable[str], joint: str = "or") -> str:
    """`a, b or c`."""
    *most, last = list(words)
    return f"{', '.join(most)} {joint} {last}" if most else last


def as_hint(sentence: str) -> str:
    """A field's sentence as a hint."""
    sentence = sentence.strip().removesuffix(".")
    return sentence[:1].lower() + sentence[1:] if not sentence[1:2].isupper() else sentence


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[\w-]+", part) else f".{json.dumps(part, ensure_ascii=False)}"


def what_and_hint(message: str) -> tuple[str, str]:
    """The two parts of a message that gives both, the hint after a semicolon."""
    what, semicolon, hint = message.rpartition("; ")
    return (what, hint) if semicolon else (message, "")
