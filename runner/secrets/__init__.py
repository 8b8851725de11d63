"""Secrets: find the values of `${NAME}`, and keep them out of all that is written."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.secrets import hiding
from runner.secrets.env_file import ENV_FILE, read_env
from runner.secrets.kept import CREDENTIALS, FILE, Unopened, is_there, read_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.secrets.env_file import EnvFile

    _Place = tuple[str, Mapping[str, str]]

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
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
        return self.faults[name][1] if name in self.faults else kept_by(name)

    def fill(self, text: str) -> str:
        """The text with every `${NAME}` replaced by its value; a missing one stays as it is."""
        return REFERENCE.sub(lambda found: self.values.get(found[1], found[0]), text)

    def redact(self, data: Any, *, numbers: bool = True) -> Any:
        """Plain data without the value of any secret; `numbers`: also where it is a whole number."""
        return hiding.redacted(data, self._hidden, numbers=numbers) if self._hidden else data

    def redact_bytes(self, content: bytes) -> bytes:
        """Bytes without the value of any secret."""
        if not self._hidden:
            return content
        text = content.decode(errors="surrogateescape")
        return hiding.without(text, self._hidden).encode(errors="surrogateescape")

    def settled(self, text: str) -> int:
        """How many characters of a text that goes on can be redacted now: no secret begins in them and ends behind."""
        return hiding.settled(text, self._hidden)

    @cached_property
    def _hidden(self) -> list[str]:
        return hiding.forms(self.values.values())


def kept_by(name: str) -> str:
    """How a secret that nobody has set is set."""
    return f"write `{name}=…` into {ENV_FILE}, or `runner secrets set {name}`"


def find(names: Iterable[str], root: Path, environment: Mapping[str, str] | None = None) -> Secrets:
    """Look each name up in the environment, then in `.env`, what `runner secrets set` keeps, systemd's credentials."""
    around = os.environ if environment is None else environment
    wanted = set(names)
    return _found(wanted, around, read_env(root), _kept(root, around)) if wanted else Secrets({}, "")


def guarded(names: Iterable[str], root: Path, environment: Mapping[str, str] | None = None) -> Secrets:
    """The secrets of these names, and all else that is called like one: for what is kept where others may read it."""
    around = os.environ if environment is None else environment
    file, kept = read_env(root), _kept(root, around)
    known = {**around, **file.values}
    like = {name for name, value in known.items() if _CALLED_LIKE_ONE.search(name) and _LIKE_ONE.fullmatch(value)}
    wanted = {*names, *like, *(kept[1] if kept else ())}
    return _found(wanted, around, file, kept) if wanted else Secrets({}, "")


def _found(wanted: set[str], around: Mapping[str, str], file: EnvFile, kept: _Place | None) -> Secrets:
    """What the places hold; an earlier one goes before a later."""
    places: list[_Place] = [("the environment", around), (ENV_FILE, file.values), kept or (FILE, {})]
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


def _kept(root: Path, around: Mapping[str, str]) -> _Place | None:
    """What `runner secrets set` was given, None if nothing was; when it cannot be opened, why."""
    if not is_there(root):
        return None
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
