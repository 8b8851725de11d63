"""The index of what ships: which names there are, and which pack holds a tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.std import PREFIX
from runner.spec.layout import POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.reading import Reading


class Shipped:
    """The index of what ships."""

    def __init__(self, reading: Reading, places: Mapping[str, str]) -> None:
        self._reading = reading
        self._places = places
        self._names: dict[str, set[str]] = {}

    def has(self, file: str) -> bool:
        """Whether a file of that name ships."""
        return file in self._in(file.rpartition("/")[0])

    def sorts(self, wanted: str) -> list[str]:
        """The sorts of what ships under a name that stands in `use:`."""
        name = wanted.removeprefix(PREFIX)
        if not wanted.startswith(PREFIX):
            return []
        sorts = ("packs", "agents", "workflows")
        return [sort for sort in sorts if self.has(f"{PREFIX}{self._places[sort]}/{name}.yaml")]

    def all_names(self) -> list[str]:
        """All names that `use:` takes."""
        sorts = ("packs", "agents", "workflows")
        files = [file for sort in sorts for file in self._in(f"{PREFIX}{self._places[sort]}")]
        return sorted({f"{PREFIX}{file.rpartition('/')[2].removesuffix('.yaml')}" for file in files if _is_yaml(file)})

    def pack_of(self, tool: str) -> str | None:
        """The shipped pack that holds a tool of that name."""
        for file in sorted(self._in(f"{PREFIX}{self._places['packs']}")):
            content = self._reading.source.read(file) if _is_yaml(file) else None
            if content is not None and f"\n  {tool}:".encode() in content:
                return file.rpartition("/")[2].removesuffix(".yaml")
        return None

    def _in(self, folder: str) -> set[str]:
        if folder not in self._names:
            self._names[folder] = set(self._reading.source.names(folder)) - {f"{PREFIX}{POLICY}"}
        return self._names[folder]


def _is_yaml(file: str) -> bool:
    return file.endswith(".yaml")
