"""What went wrong, in the server's own words: bodies of errors in the shapes that servers give them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.models.parsing import parse
from runner.models.text import mend

if TYPE_CHECKING:
    from runner.errors import Match, Trouble

MAX_WORDS = 500
"""Characters that are kept of what a server says."""
_LOOKED_AT = 100 * MAX_WORDS
"""Characters in which they are looked for: there may be blanks between them."""
_EVENT = re.compile(r"(?:event:.*\n)?data:(.*)")
"""The first event of a stream: some servers (LiteLLM) begin one and then refuse, with a status."""
_SAYING = ("message", "error", "detail", "msg", "errors")
_CLIENT_FAULTS: dict[int, Match] = {
    401: "unavailable",
    402: "unavailable",
    403: "unavailable",
    408: "timeout",
    429: "unavailable",
    504: "timeout",
}
_TROUBLES: dict[int, Trouble] = {
    401: "key",
    402: "quota",
    403: "key",
    404: "missing",
    408: "total",
    409: "overloaded",
    425: "overloaded",
    429: "limited",
    504: "total",
}
_NAMES = {
    "invalid_request_error": 400,
    "invalid_prompt": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    "unavailable_error": 503,
    "exceed_context_size_error": 400,
}
"""Names of errors that stand for a status where a stream tells none."""
_NOT_LONG = (401, 402, 403, 429)
"""Statuses at which too many tokens are those of a minute or an account, not of a conversation."""
_MONEY = (400, 403, 429)
_NO_MONEY = ("insufficient_quota", "exceeded your current quota", "billing", "credit balance is too low")
_NO_KEY = re.compile(r"(?:incorrect|invalid) api[ _-]?key|api[ _-]?key (?:is )?(?:not valid|invalid)", re.IGNORECASE)
"""A wrong key, as some servers tell it with 400."""
_NO_MODEL = re.compile(
    r"not a valid model|invalid model\b|model not exist|no such model|model\b.*\b(?:does not exist|not found)",
    re.IGNORECASE,
)
"""An unknown model, as some servers tell it with 400."""
_OVERFLOW = re.compile(
    r"context_length_exceeded|maximum (?:context|model|prompt) length"
    r"|context (?:window|size|limit|length)\b.*\b(?:exceed|small|larger|long|overflow)"
    r"|exceed\w*\b.*\b(?:context (?:window|size|limit|length)|token limit|number of tokens allowed)"
    r"|prompt token count\b.*\bexceeds|greater than the context length|when context the overflows"
    r"|(?:prompt|input) is too long|too many (?:input )?tokens|length of the messages or completion"
    r"|longer than the model's context|maximum input length|current length is \d+|max_new_tokens` must be <=",
    re.IGNORECASE,
)
_RATE = re.compile(r"per (?:minute|hour|day|second)|\b[tr]p[md]\b|rate.?limit", re.IGNORECASE)
"""A measure of time: what is too much for it is not too long."""


def match_of(status: int) -> Match:
    """How a step fails on an HTTP status."""
    return _CLIENT_FAULTS.get(status, "unavailable" if status >= 500 else "model")  # noqa: PLR2004 - the server's faults


def trouble_of(status: int, words: str) -> Trouble:
    """What befell an attempt that was refused with an HTTP status and the server's words."""
    if status not in _NOT_LONG and _is_overflow(words):
        return "overflow"
    if status in _MONEY and any(sign in words.lower() for sign in _NO_MONEY):
        return "quota"
    if status == 400 and _NO_KEY.search(words):  # noqa: PLR2004 - HTTP's own number
        return "key"
    if status == 400 and _NO_MODEL.search(words):  # noqa: PLR2004 - likewise
        return "missing"
    return _TROUBLES.get(status) or ("overloaded" if status >= 500 else "refused")  # noqa: PLR2004 - server's faults


def words_of_body(body: bytes) -> str:
    """What the body of an error says, in one bounded line; empty when it says nothing a person can use."""
    text = body.decode(errors="replace").strip()
    event = _EVENT.match(text)
    try:
        return words_of(parse(event[1] if event else text))
    except ValueError:
        return "" if text.startswith("<") else _bounded(text)


def words_of(data: Any) -> str:
    """What a piece of JSON says went wrong, in one bounded line: a text, an object, or a list of them."""
    return _bounded(_say(data, depth=4))


def _is_overflow(words: str) -> bool:
    return bool(_OVERFLOW.search(words)) and not _RATE.search(words)


def error_in(kind: str, data: Any) -> Any:
    """The error that an event of a stream carries in place of a piece of the answer, or None.

    Known shapes: the event's type `error`; a key `error` with a text or an object; `object` being `error`; any of these
    in a list.
    """
    if kind == "error":
        return data
    if isinstance(data, list):
        return next((found for item in data if (found := error_in("", item)) is not None), None)
    if isinstance(data, dict):
        if data.get("error") is not None:
            return data["error"]
        if data.get("object") == "error":
            return data
    return None


def status_of(error: Any) -> int | None:
    """The HTTP status that an error of a stream, or the one inside it, names as its `code`, `status` or `type`."""
    if not isinstance(error, dict):
        return None
    inner = error.get("error")
    parts = [error, inner] if isinstance(inner, dict) else [error]
    for value in (part.get(key) for part in parts for key in ("code", "status", "type")):
        if isinstance(value, int) and 400 <= value < 600:  # noqa: PLR2004 - HTTP's statuses of errors
            return value
        if isinstance(value, str) and value in _NAMES:
            return _NAMES[value]
    return None


def _say(data: Any, depth: int) -> str:
    if isinstance(data, str):
        return data
    if isinstance(data, list) and depth:
        return "; ".join(words for item in data[:3] if (words := _say(item, depth - 1)))
    if not isinstance(data, dict) or not depth:
        return ""
    said = next((words for key in _SAYING if (words := _say(data.get(key), depth - 1))), "")
    code = data.get("code")
    if isinstance(code, str) and code and code not in said:
        said = f"{said} ({code})" if said else code
    return _with_upstream(said, data.get("metadata"))


def _with_upstream(said: str, metadata: Any) -> str:
    """A router's "provider returned error" is worth little without what the provider said."""
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    return f"{said}: {words_of_body(raw.encode(errors='replace'))}" if isinstance(raw, str) and raw else said


def _bounded(text: str) -> str:
    line = mend(" ".join(text[:_LOOKED_AT].split()))
    return line if len(line) <= MAX_WORDS else line[:MAX_WORDS] + "…"
