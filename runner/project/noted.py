"""A mapping that notes what it is asked for."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping, Sequence, ValuesView
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from runner.project.memory import Recall

T = TypeVar("T")
Question = Literal["get", "__contains__"]


def several(mapping: Mapping[str, T], keys: Sequence[str]) -> list[T | None]:
    """What a mapping has for each key, or None; noted at once where it notes."""
    return mapping.several(keys) if isinstance(mapping, Noted) else [*map(mapping.get, keys)]


class Noted(Mapping[str, T]):
    """A mapping that notes what it is asked for."""

    def __init__(self, name: str, mapping: Mapping[str, T], recall: Recall) -> None:
        self._name = name
        self._mapping = mapping
        self._recall = recall

    def __getitem__(self, key: str) -> T:
        """The value; its identity is noted."""
        value = self._mapping.get(key)
        self._recall.note("get", self._name, key, value)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default; its identity is noted."""
        value = self._mapping.get(key)
        self._recall.note("get", self._name, key, value)
        return default if value is None else value

    def several(self, keys: Sequence[str]) -> list[T | None]:
        """The value of each key, or None; their identity is noted."""
        values = [*map(self._mapping.get, keys)]
        self._recall.note_several(self._name, keys, values)
        return values

    def __contains__(self, key: object) -> bool:
        """Whether the key is there; that alone is noted."""
        found = key in self._mapping
        self._recall.note("__contains__", self._name, key, found)
        return found

    def __iter__(self) -> Any:
        """The names; all of them are noted, in their order."""
        self._recall.note_names(self._name)
        return iter(self._mapping)

    def items(self) -> ItemsView[str, T]:
        """The names and their values; all of them are noted."""
        self._recall.note_all(self._name, self._mapping)
        return self._mapping.items()

    def values(self) -> ValuesView[T]:
        """The values; all of them are noted, with their names."""
        self._recall.note_all(self._name, self._mapping)
        return self._mapping.values()

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)
