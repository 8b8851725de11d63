"""What a load works out, kept for the next one: each result beside all that it came from, compared by identity.

A result stands as long as its sources are the very same objects, and whatever it asked the project for by the way
is answered with the very same objects. Nothing is ever told apart by time or by a digest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from operator import is_
from typing import Any, TypeVar

from runner.project.noted import Noted, Question
from runner.project.remembered import Asked, Memory, Result, Row, by_key

T = TypeVar("T")
_ABSENT = object()
_NAMES = "names"
Notes = defaultdict[tuple[Question, str], dict[Any, Any]]
"""For a question and a mapping: the answer for each key that was asked for."""


class Recall:
    """One load's use of a memory: what stands is taken over, the rest is worked out."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._former = self._memory.results
        self._results: dict[Hashable, Result] = {}
        self._rows: dict[Hashable, Row] = {}
        self._answers: dict[str, Mapping[Any, Any]] = {}
        self._changed: dict[str, set[str]] = {}
        """Of each mapping, the keys that another value answers to than in the last load."""
        self._places: tuple[tuple[dict[Hashable, Result], dict[str, set[str]]], ...] = (
            (self._former, self._changed),
            (self._results, self._changed),
            (self._memory.spare, {}),
        )
        self._open: list[Notes | None] = []
        """What is being asked for by each result that is being worked out; None for one that must not be kept."""

    def result(self, key: Hashable, make: Callable[[], T], *sources: object) -> T:
        """What `make` gives; it looks at nothing but `sources`, and mappings that `noted` gave."""
        for results, changed in self._places:
            kept = results.get(key)
            if kept is not None and self._stands(kept, sources, changed):
                self._results[key] = kept
                if self._open:
                    self._pass_on(kept.asked)
                known: T = kept.value
                return known
        value, notes = self._made(make)
        if notes is not None:
            asked = tuple((*where, tuple(found), tuple(found.values())) for where, found in notes.items())
            self._results[key] = Result(sources, asked, value)
            self._pass_on(asked)
        return value

    def each(self, what: Hashable, make: Callable[[str], T], things: Mapping[str, object], *sources: object) -> list[T]:
        """What `make` gives for the name of each thing: as by `result`, in a fraction of the time where it stands.

        It looks at nothing but the thing of that name, `sources`, and mappings that `noted` gave.
        """
        others = self.together(what, *sources)
        former = self._memory.rows.get(what, Row())
        changed = None if what in self._rows else former.changed(things, others)
        if changed is None:
            return self._each(what, make, things, others)
        values = {name: kept.value for name, kept in former.results.items()}
        values |= {name: self.result((what, name), partial(make, name), things[name], others) for name in changed}
        self._rows[what] = self._row(what, things, others, {**former.results}, changed) if changed else former
        return [*values.values()]

    def _each(
        self, what: Hashable, make: Callable[[str], T], things: Mapping[str, object], others: tuple[object, ...]
    ) -> list[T]:
        """Thing by thing."""
        found, made = [], []
        former, results = self._memory.rows.get(what, Row()).results, {**self._rows.get(what, Row()).results}
        for name, thing in things.items():
            kept = former.get(name)
            if (
                kept is not None
                and kept.sources[0] is thing
                and kept.sources[1] is others
                and (not kept.asked or self._is_answered(kept.asked, self._changed))
            ):
                results[name] = kept
                if self._open:
                    self._pass_on(kept.asked)
                found.append(kept.value)
            else:
                made.append(name)
                found.append(self.result((what, name), partial(make, name), thing, others))
        self._rows[what] = self._row(what, things, others, results, made)
        return found

    def _row(
        self, what: Hashable, things: Mapping[str, object], others: object, results: dict[str, Result], made: list[str]
    ) -> Row:
        """The row with what was made anew; a result that must not be kept leaves a hole in it."""
        for name in made:
            if (kept := self._results.get((what, name))) is None:
                results.pop(name, None)
            else:
                results[name] = kept
        is_plain = [*results] == [*things] and not any(kept.asked for kept in results.values())
        return Row(things, others, results, is_plain)

    def together(self, what: Hashable, *sources: object) -> tuple[object, ...]:
        """The sources that all results of one sort have, as one: the same object while each of them is."""
        return self.result(("sources", what), lambda: sources, *sources)

    def alike(self, what: Hashable, things: Mapping[str, T]) -> dict[str, T]:
        """The things, those that equal what `each` was given in the last load as they were then; see `same`."""
        former, spare = self._memory.rows.get(what, Row()).results, self._memory.spare
        kept = [former.get(name) or spare.get((what, name)) for name in things]
        return {
            name: one.sources[0] if one is not None and one.sources[0] == thing else thing
            for one, (name, thing) in zip(kept, things.items(), strict=True)
        }

    def last(self, key: Hashable) -> Any:
        """What the result was when it was worked out last, whether it stands or not; None when it was not."""
        kept = self._memory.last(key)
        return None if kept is None else kept.value

    def same(self, key: Hashable, value: T) -> T:
        """The value as it was in the last load if it is equal, so that what came from it stands.

        Only for values of which equal ones say the same: texts, bytes, tuples of them; not where 1 may be true.
        """
        kept = self._former.get(key) or self._memory.spare.get(key)
        if kept is None or kept.value != value:
            kept = Result((), (), value)
        self._results[key] = kept
        known: T = kept.value
        return known

    def noted(self, name: str, mapping: Mapping[str, T]) -> Noted[T]:
        """A view on a mapping that notes what it is asked for; of all its names when they are gone through."""
        self._changed[name] = _changed(self._memory.answers.get(name, {}), mapping)
        self._answers[name] = mapping
        self._answers[_NAMES] = {**self._answers.get(_NAMES, {}), name: self.same((_NAMES, name), tuple(mapping))}
        return Noted(name, mapping, self)

    def note(self, question: Question, name: str, key: object, answer: object) -> None:
        """Remember that the result being worked out rests on this answer."""
        if self._open and (notes := self._open[-1]) is not None:
            notes[question, name][key] = answer

    def note_several(self, name: str, keys: Iterable[object], values: Iterable[object]) -> None:
        """Remember that the result being worked out rests on these values of a mapping."""
        if self._open and (notes := self._open[-1]) is not None:
            notes["get", name].update(zip(keys, values, strict=True))

    def note_all(self, name: str, mapping: Mapping[str, object]) -> None:
        """Remember that the result being worked out rests on all of a mapping."""
        self.note_names(name)
        self.note_several(name, mapping, mapping.values())

    def note_names(self, name: str) -> None:
        """Remember that the result being worked out rests on all names of a mapping."""
        self.note("get", _NAMES, name, self._answers[_NAMES][name])

    def do_not_keep(self) -> None:
        """The results being worked out rest on each other in a circle: none of them stands alone."""
        self._open = [None] * len(self._open)

    def keep(self, *, everything: bool = False) -> None:
        """Hand the results to the next load; `everything`: with those that were not needed now."""
        memory = self._memory
        spare = {**memory.spare, **by_key(memory.rows), **self._former} if everything else {}
        used = by_key(self._rows).keys() | self._results.keys() if everything else ()
        memory.spare = {key: kept for key, kept in spare.items() if key not in used}
        memory.results, memory.rows, memory.answers = self._results, self._rows, self._answers

    def _made(self, make: Callable[[], T]) -> tuple[T, Notes | None]:
        self._open.append(defaultdict(dict))
        try:
            value = make()
        finally:
            notes = self._open.pop()
        return value, notes

    def _stands(self, kept: Result, sources: tuple[object, ...], changed: Mapping[str, set[str]]) -> bool:
        return (
            len(kept.sources) == len(sources)
            and all(map(is_, kept.sources, sources))
            and (not kept.asked or self._is_answered(kept.asked, changed))
        )

    def _is_answered(self, asked: Asked, changed: Mapping[str, set[str]]) -> bool:
        """Whether the same questions have the same answers; only what may have changed is asked for."""
        for question, name, keys, answers in asked:
            if name in changed and (not changed[name] or changed[name].isdisjoint(keys)):
                continue
            if not all(map(is_, map(getattr(self._answers[name], question), keys), answers)):
                return False
        return True

    def _pass_on(self, asked: Asked) -> None:
        """Whatever a result rests on, the one that uses it rests on too."""
        notes = self._open[-1] if self._open and asked else None
        if notes is not None:
            for question, name, keys, answers in asked:
                notes[question, name].update(zip(keys, answers, strict=True))


def _changed(former: Mapping[str, object], mapping: Mapping[str, object]) -> set[str]:
    """The keys that have other values, or have come or gone."""
    if [*former] == [*mapping]:
        pairs = zip(mapping, former.values(), mapping.values(), strict=True)
        return {key for key, before, now in pairs if before is not now}
    names = former.keys() | mapping.keys()
    return {key for key in names if former.get(key, _ABSENT) is not mapping.get(key, _ABSENT)}
