"""The project's `.env`: what it sets, and which of its lines set nothing; no value is ever part of a message."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from runner.spec.layout import LARGEST, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dotenv.parser import Binding

ENV_FILE = ".env"
_NAME = r"(?P<name>[A-Z_][A-Z0-9_]*)"
_COLON = re.compile(rf"\s*(export\s+)?{_NAME}\s*:")
_QUOTE = re.compile(rf"\s*(export\s+)?{_NAME}\s*=\s*(?P<quote>[\"'])")
_ANY = re.compile(rf"\b{_NAME}\s*=")
_SWALLOWED = re.compile(r"\n\s*(export\s+)?[A-Z_][A-Z0-9_]*\s*=[^=\n]")
_ODD_NAME = re.compile(r"[$\"'\s]")


class EnvFault(NamedTuple):
    """What is wrong with a line, counted from 1."""

    line: int
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What a file sets: each name's value and line, and its faults in the order of lines."""

    values: Mapping[str, str]
    lines: Mapping[str, int]
    faults: Sequence[EnvFault] = ()


def read_env(root: Path) -> EnvFile:
    """The `.env` of a project; one that is not there sets nothing."""
    path = root / ENV_FILE
    try:
        if path.is_file() and (size := path.stat().st_size) > LARGEST:
            return EnvFile({}, {}, [EnvFault(1, too_large(size))])
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except OSError as error:
        return EnvFile({}, {}, [EnvFault(1, f"it cannot be read: {error.strerror or error}")])
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return EnvFile({}, {}, [EnvFault(line, "the line is no UTF-8 text", "save the file as UTF-8")])
    return _read(text)


def _read(text: str) -> EnvFile:
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    if not text.strip():
        return EnvFile({}, {})
    bindings = list(parse_stream(io.StringIO(text)))
    good = "".join(one.original.string for one in bindings if not one.error)  # of others the library would log
    lines = {one.key: _line(one) for one in bindings if one.key and one.value is not None}
    values = {name: value for name, value in dotenv_values(stream=io.StringIO(good)).items() if value}
    return EnvFile(values, lines, list(_faults(bindings)))


def _faults(bindings: Sequence[Binding]) -> Iterator[EnvFault]:
    first: dict[str, int] = {}
    for one in bindings:
        line, text = _line(one), one.original.string.strip()
        if one.error:
            yield EnvFault(line, *_unread(text, line))
        elif one.key and one.value is None:
            yield EnvFault(line, "the line has no `=`", "write NAME=VALUE")
        elif one.key and _ODD_NAME.search(one.key):
            yield EnvFault(line, "what stands before `=` is no name", "write NAME=VALUE, the name without quotes and $")
        elif one.key and _SWALLOWED.search(one.value or ""):
            yield EnvFault(line, *_closed_late(one.key, text, line))
        elif one.key in first:
            what = f"{one.key} stands here a second time; first in line {first[one.key]}"
            yield EnvFault(line, what, "the last one holds: remove the other")
        if one.key:
            first.setdefault(one.key, line)


def _line(binding: Binding) -> int:
    """Where it stands: the library counts the empty lines above as its own."""
    text = binding.original.string
    return int(binding.original.line) + text[: len(text) - len(text.lstrip())].count("\n")


def _unread(text: str, line: int) -> tuple[str, str]:
    """Why a line cannot be read, and how it is written."""
    if found := _COLON.match(text):
        return f"`:` stands behind {found['name']}, not `=`", f"write {found['name']}=VALUE"
    if found := _QUOTE.match(text):
        name = found["name"]
        if "\n" in text:
            return _closed_late(name, text, line)
        hint = f"write {name}=VALUE without quotes, or {name}='VALUE'"
        if found["quote"] in text[found.end() :]:
            return f"something stands behind the closing quote of {name}", hint
        return f"the quote behind {name}= is never closed", hint
    name = found["name"] if (found := _ANY.search(text)) else "NAME"
    return "the line sets nothing", f"write {name}=VALUE"


def _closed_late(name: str, text: str, line: int) -> tuple[str, str]:
    last = line + text.count("\n")
    what = f"the quote behind {name}= is not closed in its line: what stands up to line {last} is lost in it"
    return what, f"write {name}=VALUE without quotes, or {name}='VALUE'"
