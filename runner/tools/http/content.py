"""An answer as text, or as the part of its JSON that is wanted."""

from __future__ import annotations

import codecs
import json
import re
from email.message import Message
from typing import TYPE_CHECKING, Any, NoReturn

from runner.errors import ToolFailed
from runner.spec.cuts import begin_of
from runner.spec.types import Mismatch
from runner.tools.http import paths

if TYPE_CHECKING:
    from runner.spec.types import Fields
    from runner.tools.http.exchange import Answer

_TEXTS = re.compile(r"text/.*|application/(.*\+)?(json|xml|yaml|javascript|x-ndjson|x-www-form-urlencoded)|.*\+xml")
_CHARSETS = re.compile(
    r"ascii|utf-(8|8-sig|16|16-[bl]e|32|32-[bl]e)|iso8859-\d+|latin-1|cp\d+|koi8-[rut]|mac-\w+|gb2312|gbk|gb18030|big5"
    r"|big5hkscs|shift_jis|euc_jp|euc_kr|iso2022_jp|tis-620"
)
"""What a server may name: those that stand for characters, not every codec of Python."""
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_MARKS = (("utf-8-sig", codecs.BOM_UTF8), ("utf-16", codecs.BOM_UTF16_LE), ("utf-16", codecs.BOM_UTF16_BE))
_HEAD = 2_048


def text(answer: Answer) -> str:
    """The text of an answer; raises ToolFailed for one that says it is something else."""
    header = Message()
    header["content-type"] = answer.content_type or "text/plain"
    kind = header.get_content_type()
    if not _TEXTS.fullmatch(kind):
        raise ToolFailed(f"{answer.url} is {begin_of(kind, 80)}, and no text")
    return answer.body.decode(_charset(answer.body, str(header.get_param("charset") or "")), errors="replace")


def data(answer: Answer, path: str, fields: Fields | None) -> Any:
    """What a path leads to in the JSON of an answer, and what is wanted of it; raises ToolFailed."""
    try:
        found = paths.find(_json(answer), paths.parse(path))
        return found if fields is None else _kept(found, fields)
    except paths.NotFound as error:
        raise ToolFailed(f"the answer has nothing at {path}: {error}", match="output") from error
    except Mismatch as error:
        raise ToolFailed(f"the answer does not fit its `fields`: {error}", match="output") from error


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body.decode(_charset(answer.body, ""), errors="replace"), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        shown = begin_of(answer.body.decode(errors="replace"), 200)
        what = f"the answer is no JSON: {str(error)[:200]}; it begins with {shown!r}"
        raise ToolFailed(what, match="output") from error


def _refused(word: str) -> NoReturn:
    msg = f"{word} is no number of JSON"
    raise ValueError(msg)


def _kept(found: Any, fields: Fields) -> Any:
    if isinstance(found, list):
        return [_inside(index, item, fields) for index, item in enumerate(found)]
    wanted = {name: found[name] for name in fields.types if name in found} if isinstance(found, dict) else found
    return fields.check(wanted)


def _inside(index: int, item: Any, fields: Fields) -> Any:
    try:
        return _kept(item, fields)
    except Mismatch as mismatch:
        raise mismatch.inside(index) from mismatch


def _charset(body: bytes, said: str) -> str:
    """How the bytes are read: by their own mark, by what the server or the page says, else as UTF-8."""
    for name, mark in _MARKS:
        if body.startswith(mark):
            return name
    meta = _META.search(body[:_HEAD])
    for label in (said, meta[1].decode() if meta else ""):
        try:
            name = codecs.lookup(label.strip("\"' ")).name
        except (LookupError, ValueError):
            continue
        if _CHARSETS.fullmatch(name):
            return name
    return "utf-8"
