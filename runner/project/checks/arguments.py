"""The check of the values in a `with`: names that there are, nothing missing, and written-out values that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.findings import Finding
from runner.project.meant import misplaced
from runner.spec.types import Mismatch
from runner.spec.words import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from runner.project.findings import Loc
    from runner.spec.types import Fields, Type


def check_arguments(
    file: str, loc: Loc, given: Mapping[str, Any], fields: Fields | None, owner: str, word: str, key: str = "with"
) -> Iterator[Finding]:
    """What is wrong with `given`, which stands under `key` at `loc`; `word` is what `owner` calls its fields."""
    known = fields.types if fields else {}
    missing = [name for name in known if name not in given and known[name].required]
    meant = _meant([name for name in given if name not in known], missing, known)
    for name, value in given.items():
        if name not in known:
            hint = f"did you mean {meant[name]}?" if name in meant else misplaced.among_arguments(loc, name, value)
            hint = hint or f"its {word}s: {', '.join(known) or 'none'}"
            what = f"{owner} has no {word} `{name}`"
            yield Finding("unknown-argument", file, (*loc, key, name), what, hint, at_key=True)
        elif not has_template(value):
            yield from _misfit(file, (*loc, key, name), known[name], value, f"{word} `{name}` of {owner}")
    for name in missing:
        if name not in meant.values():
            at = (*loc, key) if given else loc
            what = f"{owner} needs the {word} `{name}`"
            yield Finding("missing-argument", file, at, what, f"add it to `{key}`: {{{name}: …}}", at_key=True)


def _meant(unknown: Sequence[str], missing: Sequence[str], known: Collection[str]) -> dict[str, str]:
    """What each unknown name was meant as: the nearest, or for the only one the only one that is missing."""
    meant = {name: near for name in unknown if (near := nearest(name, known))}
    if len(unknown) == len(missing) == 1 and not meant:
        return {unknown[0]: missing[0]}
    return meant


def _misfit(file: str, loc: Loc, kind: Type, value: Any, owner: str) -> Iterator[Finding]:
    try:
        kind.check(value)
    except Mismatch as mismatch:
        yield Finding("wrong-argument", file, (*loc, *mismatch.at), f"{owner}: {mismatch.what}")


def has_template(value: Any) -> bool:
    """Whether any text of a value is a template."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, dict):
        return any(has_template(item) for item in value.values())
    return isinstance(value, list) and any(has_template(item) for item in value)
