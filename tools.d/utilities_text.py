"""The utilities pack: texts - measured, searched, replaced, compared, hashed and encoded.

Each takes a text, or the file that holds it.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import hashlib
import html
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote_plus

from runner.tools.context import Context, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = 60_000
"""Characters of a text that an answer shows."""
_CHUNK = 1_000_000


def content(context: Context, text: str | None, path: str | None) -> str:
    """The text that is given, or that of the file that is named; exactly one of both."""
    if (text is None) == (path is None):
        what = "neither a text nor a path is given" if text is None else "a text and a path are given"
        raise ToolFailed(what, hint="give one of them: text, or path of a file in the workspace")
    return context.read_text(path) if path is not None else text or ""


def bounded(text: str) -> dict[str, Any]:
    """A text as an answer shows it."""
    return {"text": text[:_SHOWN], "truncated": max(0, len(text) - _SHOWN)}


def text_stats(context: Context, text: str | None = None, path: str | None = None, top: int = 10) -> dict[str, Any]:
    """Counts of a text."""
    said = content(context, text, path)
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", said)
    common = Counter(word.casefold() for word in words).most_common(min(max(top, 0), 100))
    return {
        "characters": len(said),
        "bytes": len(said.encode(errors="replace")),
        "lines": len(said.splitlines()),
        "words": len(words),
        "longest_line": max(map(len, said.splitlines()), default=0),
        "common": [{"word": word, "count": count} for word, count in common],
    }


def regex_extract(
    context: Context, pattern: str, text: str | None = None, path: str | None = None, limit: int = 100
) -> dict[str, Any]:
    """What a regular expression finds."""
    found = list(_expression(pattern).finditer(content(context, text, path)))
    rows = [
        {"text": one[0][:_SHOWN], "start": one.start(), "groups": list(one.groups()), "named": one.groupdict()}
        for one in found[: min(max(limit, 1), 1000)]
    ]
    return {"count": len(found), "matches": rows}


def text_replace(
    context: Context, pattern: str, replacement: str, text: str | None = None, path: str | None = None
) -> dict[str, Any]:
    """A text with each match replaced; no file is changed."""
    try:
        made, count = _expression(pattern).subn(replacement, content(context, text, path))
    except (re.error, IndexError) as error:
        hint = "\\1 or \\g<name> names a group of the pattern; \\\\ is a backslash"
        raise ToolFailed(f"the replacement cannot be used: {error}", hint=hint) from error
    return {"count": count, **bounded(made)}


def diff_texts(
    context: Context,
    text: str | None = None,
    path: str | None = None,
    other_text: str | None = None,
    other_path: str | None = None,
) -> dict[str, Any]:
    """The difference of two texts."""
    old, new = content(context, text, path), content(context, other_text, other_path)
    names = path or "text", other_path or "other_text"
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), *names, lineterm=""))
    added, removed = (sum(line.startswith(sign) for line in lines[2:]) for sign in "+-")
    return {"same": old == new, "added": added, "removed": removed, **bounded("\n".join(lines))}


def hash_content(
    context: Context,
    text: str | None = None,
    path: str | None = None,
    algorithm: Literal["sha256", "sha512", "sha1", "md5", "blake2b"] = "sha256",
) -> dict[str, Any]:
    """The digest of a text or a file, whatever its size."""
    if path is None or text is not None:
        data = content(context, text, path).encode(errors="surrogatepass")
        return {"algorithm": algorithm, "digest": hashlib.new(algorithm, data).hexdigest(), "bytes": len(data)}
    digest, size = hashlib.new(algorithm), 0
    with context.open(path) as file:
        while data := file.read(_CHUNK):
            digest.update(data)
            size += len(data)
    return {"algorithm": algorithm, "digest": digest.hexdigest(), "bytes": size}


def encode_text(text: str, encoding: Literal["base64", "base64url", "url", "hex", "html"] = "base64") -> str:
    """A text in another notation."""
    data = text.encode(errors="replace")
    ways: dict[str, Callable[[], str]] = {
        "base64": lambda: base64.b64encode(data).decode(),
        "base64url": lambda: base64.urlsafe_b64encode(data).decode().rstrip("="),
        "url": lambda: quote(data, safe=""),
        "hex": data.hex,
        "html": lambda: html.escape(text),
    }
    return ways[encoding]()


def decode_text(text: str, encoding: Literal["base64", "base64url", "url", "hex", "html"] = "base64") -> str:
    """The text behind a notation."""
    plain = "".join(text.split())
    ways: dict[str, Callable[[], str]] = {
        "base64": lambda: base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode(),
        "base64url": lambda: base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True).decode(),
        "url": lambda: unquote_plus(text, errors="strict"),
        "hex": lambda: bytes.fromhex(plain).decode(),
        "html": lambda: html.unescape(text),
    }
    try:
        return ways[encoding]()
    except UnicodeDecodeError as error:
        raise ToolFailed(f"what it stands for is no text: {error.reason} at byte {error.start}") from error
    except (binascii.Error, ValueError) as error:
        raise ToolFailed(f"this is no {encoding}: {error}", hint="another encoding may fit") from error


def _expression(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ToolFailed(f"the pattern {pattern!r} is no regular expression: {error}") from error
