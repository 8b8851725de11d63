"""What pydantic says of a file, as findings in the words of whoever wrote the file."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.project.findings import Finding
from runner.project.meant import beside_use, elsewhere, fields, known_as, misplaced, model_names, nested, rule_forms
from runner.project.meant.rewrite import how_to_write, retyped
from runner.project.meant.unknown_key import gives
from runner.project.meant.unknown_key import words as words_of_unknown
from runner.project.words import as_hint, listed, shown, what_and_hint
from runner.spec import FIELD, NAME
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pydantic import ValidationError

    from runner.project.findings import Loc
    from runner.project.meant.fields import Place

_SHAPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
"""Errors that say that a value is not of its type."""
_PATTERNS = {
    NAME: "use small letters, digits, - and _, beginning with a letter",
    FIELD: "use small letters, digits and _, beginning with a letter",
}
_BOUNDS = {
    "greater_than": ("gt", "{value} is too small; it has to be above {bound}"),
    "greater_than_equal": ("ge", "{value} is too small; the least is {bound}"),
    "less_than": ("lt", "{value} is too big; it has to be below {bound}"),
    "less_than_equal": ("le", "{value} is too big; the most is {bound}"),
}
_CODES = {"type": "bad-type", "reserved": "reserved-name", "wait_one": "kind"}
"""The codes of errors that models raise themselves, where the error's own name says too little."""


class _Error(NamedTuple):
    """One of pydantic's errors, and its place in the file."""

    type: str
    message: str
    context: Mapping[str, Any]
    value: Any
    place: Place
    is_own: bool
    """Raised by a model's own validator, with words of its own."""


def from_validation(error: ValidationError, file: str, model: Any, loc: Loc = ()) -> Iterator[Finding]:
    """The findings of a file whose data at `loc` was checked against a model."""
    errors = [one for item in error.errors() for one in _spread(_read(item, model))]
    findings = [_finding(one, file) for one in _without_echoes(_decided(errors))]
    renamed = [(one.loc[:-1], one.hint) for one in findings if one.code == "unknown-key"]
    for one in findings:
        if one.code == "missing-key" and any(at == one.loc[:-1] and gives(hint, one.loc[-1]) for at, hint in renamed):
            continue
        yield replace(one, loc=(*loc, *one.loc))


def _read(item: Any, model: Any) -> _Error:
    place = fields.place_of(model, item["loc"])
    return _Error(item["type"], item["msg"], item.get("ctx", {}), item["input"], place, "url" not in item)


def _spread(error: _Error) -> Iterator[_Error]:
    """The error, and those that were found beside it in one mapping of types."""
    yield error
    for what, at in error.context.get("others", ()):
        yield error._replace(message=what, context={"at": at})


def _decided(errors: Iterable[_Error]) -> Iterator[_Error]:
    """One error or the errors of one member for each union; where no member fits, its types are named together."""
    for union, group in groupby(errors, key=_union):
        found = list(group)
        inside = [one for one in found if not _misfits(one)]
        if union is None or not inside:
            yield from found if union is None else [next((one for one in found if one.type in _SHAPES), found[0])]
            continue
        chosen = inside[0].place.member
        yield from (one for one in inside if one.place.member == chosen)


def _union(error: _Error) -> Loc | None:
    member = error.place.member
    return error.place.loc[: member[0]] if member else None


def _misfits(error: _Error) -> bool:
    """Whether the value as a whole is not of the type of the union's member."""
    if error.place.member is None or len(error.place.loc) > error.place.member[0]:
        return False
    return error.type in _SHAPES or (error.type == "literal_error" and not isinstance(error.value, str))


def _without_echoes(errors: Iterable[_Error]) -> Iterator[_Error]:
    """Without a list's complaint of being too short when it is so because its entries are faulty."""
    kept = list(errors)
    places = [one.place.loc for one in kept]
    for one in kept:
        length = len(one.place.loc)
        if one.type != "too_short" or not any(loc[:length] == one.place.loc != loc for loc in places):
            yield one


def _finding(error: _Error, file: str) -> Finding:
    place = error.place
    code, what, hint = _TELLERS.get(error.type, _value_error)(error) if not error.is_own else _own(error)
    at = error.context.get("at", ())
    if found := misplaced.among_types(place, at, error.value) if error.type == "type" else None:
        return Finding(code, file, *found, at_key=True)
    loc = (*place.loc, *at, *([_discriminator(error)] if error.type.startswith("union_tag") else []))
    is_of_key = bool(at) and error.message.startswith((f"{at[-1]!r} is no field name", f"{at[-1]!r} says nothing"))
    at_key = place.is_key or is_of_key or error.type in ("extra_forbidden", "invalid_key")
    line = getattr(error.context.get("error"), "lineno", None)
    return Finding(code, file, loc, what, hint, at_key=at_key, line=line)


# --------------------------------------------------------------------------------------------------------- in words


def _missing(error: _Error) -> tuple[str, str, str]:
    return "missing-key", f"the key `{error.place.loc[-1]}` is missing", as_hint(error.place.purpose)


def _unknown(error: _Error) -> tuple[str, str, str]:
    return "unknown-key", *words_of_unknown(error.place, error.value)


def _wrong_type(error: _Error) -> tuple[str, str, str]:
    value, place = error.value, error.place
    if place.is_key:
        what = "a text" if error.type == "string_type" else "a whole number"
        hint = retyped(value, what, place) or elsewhere.of_bad_key(place.loc)
        return "bad-key", f"a key is {what} here, not {shown(value)}", hint
    wanted = fields.words(place.declared) or _SHAPES[error.type]
    if isinstance(value, dict) and "a mapping" in wanted:  # it has none of the keys of that one
        wanted = _SHAPES[error.type]
    return (
        "wrong-type",
        f"expected {wanted}, got {shown(value)}",
        elsewhere.of_value(place.loc, value)
        or rule_forms.of_value(place.loc, value)
        or retyped(value, wanted, place)
        or how_to_write(place, wanted, value),
    )


def _not_a_choice(error: _Error) -> tuple[str, str, str]:
    known = fields.choices(error.place.declared) or re.findall(r"'([^']*)'", str(error.context.get("expected", "")))
    what = f"{shown(error.value)} is not one of {listed(known)}" if known[1:] else f"the only value here is {known[0]}"
    return (
        "not-a-choice",
        what,
        known_as.of_choice(error.value, known) or elsewhere.of_value(error.place.loc, error.value),
    )


def _bad_tag(error: _Error) -> tuple[str, str, str]:
    known = re.findall(r"'([^']*)'", str(error.context.get("expected_tags", "")))
    if error.type == "union_tag_not_found":
        return "missing-key", f"the key `{_discriminator(error)}` is missing", ""
    tag = str(error.context.get("tag"))
    meant = model_names.of_tag(tag, known) or known_as.of_choice(tag, known)
    return "not-a-choice", f"{shown(tag)} is not one of {listed(known)}", meant


def _discriminator(error: _Error) -> str:
    return str(error.context.get("discriminator", "")).strip("'")


def _bad_pattern(error: _Error) -> tuple[str, str, str]:
    pattern = str(error.context.get("pattern"))
    if pattern in _PATTERNS:
        loc, value = error.place.loc, error.value
        hint = model_names.of_name(loc, value) or beside_use.of_name(loc, value) or _PATTERNS[pattern]
        return "bad-name", f"{shown(value)} is no name here", hint
    what = f"{shown(error.value)} does not match the pattern {pattern}"
    return "bad-value", what, "" if error.place.is_key else as_hint(error.place.purpose)


def _bound(error: _Error) -> tuple[str, str, str]:
    name, words = _BOUNDS[error.type]
    what, _, hint = words.format(value=shown(error.value), bound=error.context.get(name)).partition("; ")
    return "bad-value", what, hint


def _too_short(error: _Error) -> tuple[str, str, str]:
    return "bad-value", "it is empty" if not error.value else "it is too short", as_hint(error.place.purpose)


def _bad_key(error: _Error) -> tuple[str, str, str]:
    return "bad-key", f"a key is a text here, not {error.place.loc[-1]}", f'quote it: "{error.place.loc[-1]}"'


def _value_error(error: _Error) -> tuple[str, str, str]:
    raised = error.context.get("error")
    return "bad-value", *what_and_hint(str(raised) if raised is not None else error.message)


def _own(error: _Error) -> tuple[str, str, str]:
    """The words of a model's own validator; one that asks for a kind is told which keys it found."""
    if error.type != "kind":
        return _CODES.get(error.type, error.type.replace("_", "-")), *what_and_hint(error.message)
    if not isinstance(error.value, dict):
        hint = elsewhere.of_value(error.place.loc, error.value) or error.message
        return "wrong-type", f"expected a mapping, got {shown(error.value)}", hint
    if held := nested.told(error.place.loc, error.value):
        return "kind", *held
    kinds = [tag for tag in fields.tags(error.place.declared) if tag in error.message]
    if found := [kind for kind in kinds if kind in error.value]:
        return "kind", f"it is {' and '.join(found)} at once; {error.message}", "keep one of these keys"
    near = (did_you_mean(str(key), kinds) or elsewhere.of_key((*error.place.loc, key), ["when"]) for key in error.value)
    return "kind", error.message, next(filter(None, near), "")


_TELLERS: dict[str, Callable[[_Error], tuple[str, str, str]]] = {
    **dict.fromkeys(_SHAPES, _wrong_type),
    **dict.fromkeys(_BOUNDS, _bound),
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _not_a_choice,
    "union_tag_invalid": _bad_tag,
    "union_tag_not_found": _bad_tag,
    "string_pattern_mismatch": _bad_pattern,
    "too_short": _too_short,
    "string_too_short": _too_short,
    "invalid_key": _bad_key,
    "value_error": _value_error,
    "assertion_error": _value_error,
}
