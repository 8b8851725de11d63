"""Secrets: find the values of `${NAME}`, and keep them out of all that is written."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from runner.secrets.env_file import ENV_FILE, read_env

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HIDDEN = "***"
_SHORTEST = 6
"""Values below this length are not hidden: they would blot out ordinary words."""


@dataclass(frozen=True)
class Secrets:
    """The values of named secrets, and the places that were looked in."""

    values: Mapping[str, str]
    places: str

    def missing(self, names: Iterable[str]) -> list[str]:
        """The names that have no value."""
        return [name for name in names if name not in self.values]

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

    @cached_property
    def _hidden(self) -> list[str]:
        """The values in all their forms; the longest first, as it may contain another."""
        values = [value for value in self.values.values() if len(value) >= _SHORTEST]
        return sorted({form for value in values for form in _forms(value)}, key=len, reverse=True)


def find(names: Iterable[str], root: Path, environment: Mapping[str, str] | None = None) -> Secrets:
    """Look each name up in the environment, then in the project's `.env`."""
    wanted = set(names)
    if not wanted:
        return Secrets({}, "")
    file = read_env(root)
    known = {**file.values, **(os.environ if environment is None else environment)}
    odd = f", whose line {file.faults[0].line} is wrong: `runner check`" if file.faults else ""
    return Secrets({name: known[name] for name in wanted if known.get(name)}, f"the environment and {ENV_FILE}{odd}")


def _forms(value: str) -> Iterator[str]:
    """A value as it is, in JSON, in an address and in base64, as programs show it that mean no harm."""
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    content = value.encode(errors="surrogateescape")
    yield quote(content, safe="")
    yield quote_plus(content)
    # What follows the value changes the last letters, so these are left out.
    yield b64encode(content[: len(content) // 3 * 3]).decode()


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
