"""What is wrong with a request, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from fastapi import Request

_WORDS: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "extra_forbidden": "is no key that is known here",
    "missing": "is missing",
    "string_type": "has to be a text",
    "string_unicode": "is no UTF-8 text",
    "bool_type": "has to be true or false",
    "bool_parsing": "has to be true or false",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "float_parsing": "has to be a number",
    "list_type": "has to be a list",
    "dict_type": "has to be an object: {…}",
    "model_type": "has to be an object: {…}",
    "model_attributes_type": "has to be an object: {…}",
    "literal_error": lambda about: f"has to be {about['expected']}",
    "greater_than_equal": lambda about: f"has to be at least {about['ge']}",
    "less_than_equal": lambda about: f"has to be at most {about['le']}",
    "too_short": lambda about: f"needs at least {about['min_length']}",
    "too_long": lambda about: f"takes at most {about['max_length']}",
    "string_too_long": lambda about: f"takes at most {about['max_length']} characters",
    "json_invalid": lambda about: f"is no JSON: {about['error']}",
    "value_error": lambda about: str(about["error"]),
}


def fault(found: Mapping[str, Any]) -> dict[str, str]:
    """Where something is wrong in a request, and what."""
    where: Sequence[Any] = [part for part in found["loc"] if not (found["type"] == "json_invalid" and part != "body")]
    words = _WORDS.get(found["type"], found["msg"])
    return {"where": ".".join(map(str, where)), "what": words if isinstance(words, str) else words(found["ctx"])}


def hint(request: Request, found: Sequence[Mapping[str, Any]]) -> str:
    """What could have been meant by keys that nobody knows."""
    unknown = [one["loc"] for one in found if one["type"] == "extra_forbidden"]
    if not unknown:
        return ""
    known = list(_known(request, unknown[0][0]))
    meant = (did_you_mean(str(loc[-1]), known) for loc in unknown)
    return "; ".join(dict.fromkeys([*filter(None, meant), f"there are: {', '.join(known)}"]))


def _known(request: Request, part: str) -> Iterator[str]:
    """The keys that the body or the query of a route takes."""
    dependant = request.scope["route"].dependant
    for parameter in dependant.body_params if part == "body" else dependant.query_params:
        kind = parameter.field_info.annotation
        for one in (kind, *get_args(kind)):  # a body that may be left out is `Word | None`
            yield from getattr(one, "model_fields", ())
