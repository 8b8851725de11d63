"""The project's `.env`, read once for all: what it sets, and what is wrong with its lines, never with a value in it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from runner.spec.layout import LARGEST, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dotenv.parser import Binding

ENV_FILE = ".env"
_NAME = r"(?P<name>[A-Z_][A-Z0-9_]*)"
_COLON = re.compile(rf"\s*(export\s+)?{_NAME}\s*:")
_QUOTE = re.compile(rf"\s*(export\s+)?{_NAME}\s*=\s*(?P<quote>[\"'])")
_SETS = re.compile(rf"^\s*(?:export\s+)?[\"'$]*{_NAME}[\"']?\s*[=:][^=\n]", re.MULTILINE)
_ANY = re.compile(rf"\b{_NAME}\s*=")
_SWALLOWED = re.compile(r"\n\s*(export\s+)?[A-Z_][A-Z0-9_]*\s*=[^=\n]")
_ODD_NAME = re.compile(r"[$\"'\s]")
_BLANKS = re.compile(r"^\s*(?:export\s+)?[^\s=#]+(?:\s+=|=[ \t]+\S)")
_NO_TEXT = "\ufffd"
"""Stands for each byte that could not be decoded."""
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class EnvFault(NamedTuple):
    """What is wrong with a line, counted from 1, and how bad that is.

    `lost`: a value is not read as it was meant; `doubt`: it is read, though two lines say two things; `elsewhere`: it
    is read here, and other programs that take the file (shells, systemd, docker) read it otherwise.
    """

    line: int
    what: str
    hint: str = ""
    harm: Literal["lost", "doubt", "elsewhere"] = "lost"
    names: frozenset[str] = frozenset()
    """Whose values are lost; empty: nobody knows."""


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What a file sets: each name's value and line, and its faults in the order of lines."""

    values: Mapping[str, str]
    lines: Mapping[str, int]
    faults: Sequence[EnvFault] = ()

    @property
    def lost(self) -> Sequence[EnvFault]:
        """The faults by which a value is not read as it was meant."""
        return [fault for fault in self.faults if fault.harm == "lost"]

    def why_not(self, name: str) -> tuple[str, str] | None:
        """Why a name has no value, with the line, and what to do; None where no line could be meant to set it."""
        line = self.lines.get(name)
        for fault in self.lost:
            if name in fault.names or fault.line == line:
                return f"{ENV_FILE}:{fault.line}: {fault.what}", fault.hint
        if line is not None:
            return f"{ENV_FILE}:{line} sets it to nothing", f"write its value behind `{name}=`"
        unknown = [fault for fault in self.lost if not fault.names]
        return (f"{ENV_FILE}:{unknown[0].line}: {unknown[0].what}", unknown[0].hint) if unknown else None


def read_env(root: Path) -> EnvFile:
    """The `.env` of a project; one that is not there sets nothing."""
    path = root / ENV_FILE
    try:
        if not path.is_file():
            return EnvFile({}, {})
        if (size := path.stat().st_size) > LARGEST:
            return EnvFile({}, {}, [EnvFault(1, too_large(size))])
        content = path.read_bytes()
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
        return EnvFile({}, {}, [EnvFault(1, why, "let the user of the daemon read it: `chmod u+r .env`")])
    if content.startswith(_UTF16):
        return EnvFile({}, {}, [EnvFault(1, "the file is UTF-16", "save it as UTF-8")])
    return _read(content.decode("utf-8-sig", errors="replace"), [*_of_bytes(content)])


def _of_bytes(content: bytes) -> Iterator[EnvFault]:
    """What is odd before anything is read."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        yield EnvFault(line, "the line is no UTF-8 text", "save the file as UTF-8")
    if content.startswith(_BOM):
        hint = "save it as UTF-8 without one: shells and systemd trip over it"
        yield EnvFault(1, "the file begins with a byte order mark", hint, "elsewhere")
    if b"\r\n" in content:
        line = content.split(b"\r\n")[0].count(b"\n") + 1
        hint = "`sed -i 's/\\r$//' .env` mends it: shells, systemd and docker take the CR as part of the value"
        yield EnvFault(line, "the line ends in CR LF", hint, "elsewhere")


def _read(text: str, faults: list[EnvFault]) -> EnvFile:
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    if not text.strip():
        return EnvFile({}, {}, faults)
    bindings = list(parse_stream(io.StringIO(text)))
    good = "".join(one.original.string for one in bindings if not one.error)  # of others the library would log
    lines = {one.key: _line(one) for one in bindings if one.key and one.value is not None}
    values = {name: value for name, value in dotenv_values(stream=io.StringIO(good)).items() if value}
    if any(fault.harm == "lost" for fault in faults):  # some bytes were no text: what had them is not what was meant
        values = {name: value for name, value in values.items() if _NO_TEXT not in value}
    return EnvFile(values, lines, sorted([*faults, *_faults(bindings)], key=lambda fault: fault.line))


def _faults(bindings: Sequence[Binding]) -> Iterator[EnvFault]:
    first: dict[str, int] = {}
    for one in bindings:
        line, text = _line(one), one.original.string.strip()
        if one.error:
            yield EnvFault(line, *_unread(text, line), names=_named(text))
        elif one.key:
            yield from _of_name(one.key, one.value, text, line)
            if one.value is not None and one.key in first:
                what = f"{one.key} stands here a second time; first in line {first[one.key]}"
                yield EnvFault(line, what, "the last one holds: remove the other", "doubt")
        if one.key:
            first.setdefault(one.key, line)


def _of_name(name: str, value: str | None, text: str, line: int) -> Iterator[EnvFault]:
    """What is wrong with a line that the library takes."""
    if value is None:
        yield EnvFault(line, "the line has no `=`", "write NAME=VALUE")
    elif _ODD_NAME.search(name):
        hint = "write NAME=VALUE, the name without quotes and $"
        yield EnvFault(line, "what stands before `=` is no name", hint, names=_named(text))
    elif _SWALLOWED.search(value):
        yield EnvFault(line, *_closed_late(name, text, line), names=_named(text))
    elif _BLANKS.match(text):
        hint = f"write {name}=VALUE: shells and docker do not take blanks there"
        yield EnvFault(line, f"blanks stand around the `=` of {name}", hint, "elsewhere")


def _named(text: str) -> frozenset[str]:
    """The names that faulty lines mean to set."""
    if found := [one["name"] for one in _SETS.finditer(text)]:
        return frozenset(found)
    return frozenset([one["name"]]) if (one := _ANY.search(text)) else frozenset()


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
