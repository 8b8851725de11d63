"""Secrets: find the values of `${NAME}`, and keep them out of all that is written."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from runner.secrets.env_file import ENV_FILE, read_env
from runner.secrets.kept import FILE, Unopened, is_there, read_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HIDDEN = "***"
_ESCAPED = re.compile(r"%[0-9A-F]{2}")
_SHORTEST = 6
"""Values below this length are not hidden: they would blot out ordinary words."""
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""The variable by which systemd names the folder of a unit's credentials: one file a name."""
_LARGEST = 64 * 1024
"""Bytes of a credential that are read."""
_CALLED_LIKE_ONE = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_LIKE_ONE = re.compile(r"\S{16,}")
"""A value that is no ordinary word."""


@dataclass(frozen=True)
class Secrets:
    """The values of named secrets, and the places that were looked in."""

    values: Mapping[str, str]
    places: str
    found: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each value was found: `the environment`, `.env` or `systemd's credentials`."""
    faults: Mapping[str, tuple[str, str]] = field(default_factory=dict, compare=False)
    """Of names without a value which line of `.env` is wrong, and what to do about it."""

    def missing(self, names: Iterable[str]) -> list[str]:
        """The names that have no value."""
        return [name for name in names if name not in self.values]

    def looked(self, name: str) -> str:
        """Where a name that has no value was looked for, and what is wrong there."""
        return f"{self.places}; {self.faults[name][0]}" if name in self.faults else self.places

    def mended(self, name: str) -> str:
        """How a name that has no value gets one."""
        return self.faults[name][1] if name in self.faults else f"write `{name}=…` into {ENV_FILE}"

    def fill(self, text: str) -> str:
        """The text with every `${NAME}` replaced by its value; a missing one stays as it is."""
        return REFERENCE.sub(lambda found: self.values.get(found[1], found[0]), text)

    def redact(self, data: Any) -> Any:
        """Plain data without the value of any secret."""
        return _redact(data, self._hidden) if self._hidden else data

    def redact_bytes(self, content: bytes) -> bytes:
        """Bytes without the value of any secret."""
        for value in self._hidden:
            content = content.replace(value.encode(errors="surrogateescape"), _HIDDEN.encode())
        return content

    def settled(self, text: str) -> int:
        """How many characters of a text that goes on can be redacted now: no secret begins in them and ends behind."""
        if not self._hidden:
            return len(text)
        cut = min(_begun(text, value) for value in self._hidden)
        while (whole := min(_across(text, value, cut) for value in self._hidden)) < cut:
            cut = whole
        return cut

    @cached_property
    def _hidden(self) -> list[str]:
        """The values in all their forms; the longest first, as it may contain another."""
        bare = {bare for value in self.values.values() for bare in (value, value.strip())}  # as a header holds it
        values = [value for value in bare if len(value) >= _SHORTEST]
        return sorted({form for value in values for form in _forms(value)}, key=len, reverse=True)


def find(names: Iterable[str], root: Path, environment: Mapping[str, str] | None = None) -> Secrets:
    """Look each name up in the environment, then in `.env`, what `runner secrets set` keeps, systemd's credentials."""
    wanted = set(names)
    if not wanted:
        return Secrets({}, "")
    around = os.environ if environment is None else environment
    file = read_env(root)
    places: list[tuple[str, Mapping[str, str]]] = [("the environment", around), (ENV_FILE, file.values)]
    if is_there(root):
        places.append(_kept(root, around))
    if around.get(CREDENTIALS):
        places.append(("systemd's credentials", _from_folder(Path(around[CREDENTIALS]), wanted)))
    values: dict[str, str] = {}
    found: dict[str, str] = {}
    for place, known in reversed(places):
        for name in wanted:
            if known.get(name):
                values[name], found[name] = known[name], place
    *first, last = [place for place, _ in places]
    faults = {name: why for name in wanted - values.keys() if (why := file.why_not(name))}
    return Secrets(values, f"{', '.join(first)} and {last}", found, faults)


def guarded(names: Iterable[str], root: Path, environment: Mapping[str, str] | None = None) -> Secrets:
    """The secrets of these names, and all else that is called like one: for what is kept where others may read it."""
    around = os.environ if environment is None else environment
    known = {**around, **read_env(root).values}
    like = {name for name, value in known.items() if _CALLED_LIKE_ONE.search(name) and _LIKE_ONE.fullmatch(value)}
    return find({*names, *like, *_kept(root, around)[1]}, root, environment)


def _kept(root: Path, around: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """What `runner secrets set` was given; when it cannot be opened, why."""
    try:
        return FILE, read_kept(root, around)
    except Unopened as error:
        return f"{FILE} ({error})", {}


def _from_folder(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The credentials of these names: each is a file, the line end behind it no part of it."""
    found = {}
    for name in names:
        try:
            with (folder / name).open("rb") as file:
                found[name] = file.read(_LARGEST).decode(errors="surrogateescape").removesuffix("\n").removesuffix("\r")
        except OSError:
            continue
    return found


def _forms(value: str) -> Iterator[str]:
    """A value as it is, in JSON, in an address and in base64, as programs show it that mean no harm."""
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    content = value.encode(errors="surrogateescape")
    for quoted in (quote(content, safe=""), quote_plus(content)):
        yield quoted
        yield _ESCAPED.sub(lambda found: found[0].lower(), quoted)
    # What stands around the value changes the letters at its ends, so these are left out: as in `Bearer VALUE`.
    for before in range(3):
        inside = content[-before % 3 :]
        inside = inside[: len(inside) // 3 * 3]
        if len(inside) >= _SHORTEST:
            yield b64encode(inside).decode()
            yield urlsafe_b64encode(inside).decode()


def _begun(text: str, value: str) -> int:
    """Where the end of a text begins that may be the beginning of a value."""
    first = max(0, len(text) - len(value) + 1)
    return next((start for start in range(first, len(text)) if value.startswith(text[start:])), len(text))


def _across(text: str, value: str, cut: int) -> int:
    """Where a value begins that stands on both sides of a cut; the cut itself where none does."""
    found = text.find(value, max(0, cut - len(value) + 1), cut + len(value) - 1)
    return cut if found < 0 else found


def _redact(data: Any, hidden: list[str]) -> Any:
    if isinstance(data, str):
        for value in hidden:
            data = data.replace(value, _HIDDEN)
        return data
    if isinstance(data, dict):
        return {_redact(key, hidden): _redact(value, hidden) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_redact(item, hidden) for item in data]
    return data
