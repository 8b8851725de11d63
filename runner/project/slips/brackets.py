"""A brace or bracket that is closed too early in a row: more of what it holds stands behind it."""

from __future__ import annotations

import re

_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_PAIRS = {"}": "{", "]": "["}
_WORDS = {"}": "brace", "]": "bracket"}
_KEY = re.compile(r"(?P<key>[\w-]+): ")
_COMMENT = re.compile(r"\s#.*$")


def of_row(row: str, column: int, said: str) -> tuple[int, str, str] | None:
    """Column, what and hint where the parser stumbled over what stands behind a closed brace or bracket."""
    bare = _COMMENT.sub("", _TEXT.sub(lambda text: "x" * len(text[0]), row))
    sign = bare[column : column + 1]
    close = len(bare[:column].rstrip()) - 1
    if sign == "," and bare[close : close + 1] in _PAIRS and "block" in said:
        return _goes_on(row[: len(bare)], bare, close, bare[column + 1 :])
    is_close = sign in _PAIRS and ("block" in said or "flow" in said)
    return _second_close(row, bare, column, said) if is_close else None


def _goes_on(row: str, bare: str, close: int, rest: str) -> tuple[int, str, str] | None:
    """More behind the sign that closes a row's brace or bracket."""
    sign, start = bare[close], opening(bare[: close + 1])
    is_closed = rest.rstrip().endswith(sign) and opening(rest.rstrip()) < 0
    more = row[len(bare) - len(rest) :].rstrip().removesuffix(sign if is_closed else "").strip(" ,")
    lead = row[: max(start, 0)].lstrip()
    if start < 0 or not more or not _is_balanced(rest.rstrip().removesuffix(sign if is_closed else "")):
        return None
    if more[0] == bare[start] == "{":
        return _several(close, lead, f"{row[start : close + 1]}, {more}")
    key = _KEY.match(more)
    if sign == "}" and not key:
        return None
    if sign == "]" and key and not is_closed:
        what = f"a second key, `{key['key']}`, stands on the line of the first"
        return row.index(more, close), what, f"begin a line of its own with `{more}`"
    hint = f"write `{lead}{_joined(row[start:close], more, sign)}`"
    if key and not is_closed and lead.endswith(": "):
        hint += f"; or begin a line of its own with `{more}`"
    return close, f"the {_WORDS[sign]} is closed too early", hint


def _several(close: int, lead: str, entries: str) -> tuple[int, str, str]:
    """Mappings one behind the other."""
    if lead.endswith(": "):
        return close, "more than one entry stands here without the brackets of a list", f"write `{lead}[{entries}]`"
    return close, "a second entry stands on the line of the first", "begin a line of its own, with `- `, for each"


def _second_close(row: str, bare: str, column: int, said: str) -> tuple[int, str, str] | None:
    """A sign that closes what is closed already."""
    sign = bare[column]
    end, first = column, bare.rfind(sign, 0, column)
    if "block" in said and first >= 0 and not bare[first + 1 : column].strip():
        end, first = first, bare.rfind(sign, 0, first)
    between, start = bare[first + 1 : end], opening(bare[: first + 1]) if first >= 0 else -1
    inner, key = row[first + 1 : end].strip(" ,"), _KEY.match(between.strip(" ,"))
    is_value = "flow" in said and sign == "}" and bare[: max(start, 0)].rstrip()[-1:] == ":"  # a list is open instead
    goes_on = between.lstrip()[:1] == "," and _is_balanced(between) and (sign == "]") != bool(key)
    if start >= 0 and inner and goes_on and not is_value:
        if key and re.search(rf"[{{,]\s*{key['key']}:", bare[start:first]):
            return row.index(inner, first), "a { is missing before this key", f"write `{{{inner}}}`"
        written = _joined(row[start:first], inner, sign)
        more = f"; or remove the last {sign}" if "block" in said else ""
        return first, f"the {_WORDS[sign]} is closed too early", f"write `{written}`{more}"
    if "block" in said and end != column and not bare[column + 1 :].strip():
        return column, f"this {sign} closes nothing", f"remove it, or write before it the {_PAIRS[sign]} that it closes"
    return None


def _joined(opened: str, more: str, sign: str) -> str:
    return f"{opened}{', ' if opened[1:].strip() else ''}{more}{sign}"


def _is_balanced(row: str) -> bool:
    return all(row.count(close) == row.count(start) for close, start in _PAIRS.items())


def opening(row: str) -> int:
    """Where the bracket opens that the row's last sign closes; -1 where it does not."""
    depth = 0
    for column in range(len(row) - 1, -1, -1):
        depth += (row[column] in "]}") - (row[column] in "[{")
        if not depth:
            return column
    return -1
