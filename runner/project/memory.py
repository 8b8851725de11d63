"""What a load works out, kept for the next one: each result beside all that it came from, compared by identity.

A result stands as long as its sources are the very same objects, and whatever it asked the project for by the way
is answered with the very same objects. Nothing is ever told apart by time or by a digest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from operator import is_
from typing import Any, Literal, NamedTuple, TypeVar, cast

T = TypeVar("T")
_NAMES = "names"
Question = Literal["get", "__contains__"]
Notes = defaultdict[tuple[Question, str], dict[Any, Any]]
"""For a question and a mapping: the answer for each key that was asked for."""


Asked = tuple[tuple[Question, str, tuple[Any, ...], tuple[Any, ...]], ...]
"""The same, packed: keys and answers."""


class _Result(NamedTuple):
    sources: tuple[Any, ...]
    asked: Asked
    value: Any


class Memory:
    """The results that the last load used: it does not grow from load to load."""

    def __init__(self) -> None:
        self.results: dict[Hashable, _Result] = {}
        self.spare: dict[Hashable, _Result] = {}
        """Results that loads before it used, kept while files are faulty: what they are about is not looked at then."""
        self.answers: dict[str, Mapping[Any, Any]] = {}
        """What the last load's results rest on, so that a mapping that is still the same need not be looked into."""


class Recall:
    """One load's use of a memory: what stands is taken over, the rest is worked out."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._former = self._memory.results
        self._results: dict[Hashable, _Result] = {}
        self._answers: dict[str, Mapping[Any, Any]] = {}
        self._unchanged: set[str] = set()
        self._places = (
            (self._former, self._unchanged),
            (self._results, self._unchanged),
            (self._memory.spare, frozenset[str]()),
        )
        self._open: list[Notes | None] = []
        """What is being asked for by each result that is being worked out; None for one that must not be kept."""

    def result(self, key: Hashable, make: Callable[[], T], *sources: object) -> T:
        """What `make` gives; it looks at nothing but `sources`, and mappings that `noted` gave."""
        for results, unchanged in self._places:
            kept = results.get(key)
            if kept is not None and self._stands(kept, sources, unchanged):
                self._results[key] = kept
                if self._open:
                    self._pass_on(kept.asked)
                return cast("T", kept.value)
        value, notes = self._made(make)
        if notes is not None:
            asked = tuple((*where, tuple(found), tuple(found.values())) for where, found in notes.items())
            self._results[key] = _Result(sources, asked, value)
            self._pass_on(asked)
        return value

    def last(self, key: Hashable) -> Any:
        """What the result was when it was worked out last, whether it stands or not; None when it was not."""
        kept = self._former.get(key) or self._memory.spare.get(key)
        return None if kept is None else kept.value

    def same(self, key: Hashable, value: T) -> T:
        """The value as it was in the last load if it is equal, so that what came from it stands.

        Only for values of which equal ones say the same: texts, bytes, tuples of them; not where 1 may be true.
        """
        kept = self._former.get(key) or self._memory.spare.get(key)
        if kept is None or kept.value != value:
            kept = _Result((), (), value)
        self._results[key] = kept
        return cast("T", kept.value)

    def noted(self, name: str, mapping: Mapping[str, T]) -> Noted[T]:
        """A view on a mapping that notes what it is asked for; of all its names when they are gone through."""
        former = self._memory.answers.get(name, {})
        if len(former) == len(mapping) and all(map(is_, former.values(), mapping.values())) and [*former] == [*mapping]:
            self._unchanged.add(name)
        self._answers[name] = mapping
        self._answers[_NAMES] = {**self._answers.get(_NAMES, {}), name: self.same((_NAMES, name), tuple(mapping))}
        return Noted(name, mapping, self)

    def note(self, question: Question, name: str, key: object, answer: object) -> None:
        """Remember that the result being worked out rests on this answer."""
        if self._open and (notes := self._open[-1]) is not None:
            notes[question, name][key] = answer

    def note_names(self, name: str) -> None:
        """Remember that the result being worked out rests on all names of a mapping."""
        self.note("get", _NAMES, name, self._answers[_NAMES][name])

    def do_not_keep(self) -> None:
        """The results being worked out rest on each other in a circle: none of them stands alone."""
        self._open = [None] * len(self._open)

    def keep(self, *, everything: bool = False) -> None:
        """Hand the results to the next load; `everything`: with those that were not needed now."""
        spare = {**self._memory.spare, **self._former} if everything else {}
        self._memory.spare = {key: kept for key, kept in spare.items() if key not in self._results}
        self._memory.results, self._memory.answers = self._results, self._answers

    def _made(self, make: Callable[[], T]) -> tuple[T, Notes | None]:
        self._open.append(defaultdict(dict))
        try:
            value = make()
        finally:
            notes = self._open.pop()
        return value, notes

    def _stands(self, kept: _Result, sources: tuple[object, ...], unchanged: Collection[str]) -> bool:
        former, asked, _ = kept
        if len(former) != len(sources) or not all(map(is_, former, sources)):
            return False
        for question, name, keys, answers in asked:
            if name not in unchanged and not all(map(is_, map(getattr(self._answers[name], question), keys), answers)):
                return False
        return True

    def _pass_on(self, asked: Asked) -> None:
        """Whatever a result rests on, the one that uses it rests on too."""
        notes = self._open[-1] if self._open and asked else None
        if notes is not None:
            for question, name, keys, answers in asked:
                notes[question, name].update(zip(keys, answers, strict=True))


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

    def __contains__(self, key: object) -> bool:
        """Whether the key is there; that alone is noted."""
        found = key in self._mapping
        self._recall.note("__contains__", self._name, key, found)
        return found

    def __iter__(self) -> Any:
        """The names; all of them are noted, in their order."""
        self._recall.note_names(self._name)
        return iter(self._mapping)

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)
