"""What pydantic finds wrong in a file, in words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from runner.project.findings import Finding
from runner.project.problems import did_you_mean
from runner.spec import FIELD, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from runner.project.findings import Loc

_TYPES = {
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


def from_validation(
    error: ValidationError, file: str, model: type[Any] | Any, prefix: Loc = ()
) -> Iterator[Finding]:
    """What pydantic found, in words for people; `prefix` is where the model stands in the file."""
    for fault in error.errors(include_url=False):
        at = (fault.get("ctx") or {}).get("at", [])
        loc = (*prefix, *fault["loc"], *at)
        yield _finding(fault, file, loc, _model_at(model, fault["loc"]))


def _finding(fault: ErrorDetails, file: str, loc: Loc, model: type[BaseModel] | None) -> Finding:
    kind, context = fault["type"], fault.get("ctx") or {}
    if kind == "extra_forbidden":
        known = _names(model)
        hint = did_you_mean(str(loc[-1]), known) or (f"known: {', '.join(known)}" if known else "")
        return Finding("unknown-key", file, _plain(loc), f"unknown key `{loc[-1]}`", hint, at_key=True)
    if kind == "missing":
        return Finding("missing-key", file, _plain(loc[:-1]), f"`{loc[-1]}` is missing", at_key=True)
    if kind in _TYPES:
        return Finding("wrong-type", file, _plain(loc), f"expected {_TYPES[kind]}, got {_shown(fault['input'])}")
    if kind == "literal_error":
        what = f"{_shown(fault['input'])} is none of {context['expected'].replace(chr(39), '')}"
        options = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Finding("not-a-choice", file, _plain(loc), what, did_you_mean(str(fault["input"]), options))
    if kind == "union_tag_invalid":
        return _wrong_tag(fault, file, loc)
    if kind == "union_tag_not_found":
        key = str(context.get("discriminator", "")).strip("'")
        return Finding("missing-key", file, _plain(loc), f"`{key}` is missing", at_key=True)
    if kind == "string_pattern_mismatch":
        return Finding("bad-value", file, _plain(loc), _pattern(fault, context["pattern"]), at_key=loc[-1] == "[key]")
    what = fault["msg"].removeprefix("Value error, ")
    return Finding(_CODES.get(kind, "bad-value"), file, _plain(loc), what[:1].lower() + what[1:])


_CODES = {"kind": "kind", "reserved": "reserved-name", "type": "bad-type", "wait_one": "kind"}


def _wrong_tag(fault: ErrorDetails, file: str, loc: Loc) -> Finding:
    context = fault.get("ctx") or {}
    key, tag = str(context["discriminator"]).strip("'"), str(context["tag"])
    options = str(context["expected_tags"]).replace("'", "").split(", ")
    hint = did_you_mean(tag, options) or f"known: {', '.join(options)}"
    return Finding("not-a-choice", file, (*_plain(loc), key), f"there is no {key} `{tag}`", hint)


def _pattern(fault: ErrorDetails, pattern: str) -> str:
    if pattern in (NAME, FIELD):
        dash = ", -" if pattern == NAME else ""
        return f"{_shown(fault['input'])} is no name: use small letters, digits{dash} and _, beginning with a letter"
    return f"{_shown(fault['input'])} does not match {pattern}"


def _plain(loc: Loc) -> Loc:
    """Without pydantic's own words: the mark of keys, and the parts that gather a foreach's body."""
    return tuple(part for part in loc if part not in ("[key]",))


def _shown(value: object) -> str:
    words = {type(None): "nothing", bool: str(value).lower(), list: "a list", tuple: "a list", dict: "a mapping"}
    if type(value) in words:
        return words[type(value)]
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - a message is one line


def _names(model: type[BaseModel] | None) -> list[str]:
    fields = model.model_fields if model else {}
    return [info.alias or name for name, info in fields.items()]


def _model_at(model: Any, loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model whose fields are named by the last part of a place."""
    found = _models(model)
    last = found[0] if len(found) == 1 else None
    for part in loc[:-1]:
        candidates = [info.annotation for one in found for name, info in one.model_fields.items() if part in (name, info.alias)]
        if candidates:
            found = [one for candidate in candidates for one in _models(candidate)]
        elif tagged := [one for one in found if _is_tag(one, str(part))]:
            found = tagged
        last = found[0] if found else None
    return last


def _is_tag(model: type[BaseModel], tag: str) -> bool:
    name = model.__name__.lower()
    return name.startswith(tag.replace("_", "")) or name.removesuffix("phase").removesuffix("body") == tag


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]
