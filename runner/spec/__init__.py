"""The strict, frozen base of all that YAML may say, and the small value types its fields share."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from runner.spec import durations
from runner.spec.values import shown

NAME = r"^[a-z][a-z0-9_-]*$"
"""Names of files: agents, packs, prompts, workflows, models."""
FIELD = r"^[a-z][a-z0-9_]*$"
"""Names that templates read: phases, branches, inputs, outputs, `as`."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_DURATIONS = "a number with a unit, such as 30s, 10m, 2h or 1h30m"
_RANGES = "two durations, the smaller one first, as in 60s..120s"
_T = TypeVar("_T")


class Spec(BaseModel):
    """What a mapping in a file may say: unknown keys are errors, `x-…` keys are ignored, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _without_extensions(cls, data: Any) -> Any:
        if isinstance(data, dict) and any(isinstance(key, str) and key.startswith("x-") for key in data):
            return {key: value for key, value in data.items() if not (isinstance(key, str) and key.startswith("x-"))}
        return data


def parse_duration(text: object) -> float:
    """Seconds that a text such as `90s`, `10m` or `1h30m` says."""
    if isinstance(text, str):
        parts = _PART.findall(text.replace(" ", ""))
        if parts and "".join(number + unit for number, unit in parts) == text.replace(" ", ""):
            return sum(float(number) * _UNITS[unit] for number, unit in parts)
    msg = f"{shown(text)} is no duration; write {durations.meant(text) or _DURATIONS}"
    raise ValueError(msg)


def parse_range(text: object) -> tuple[float, float]:
    """The two ends, in seconds, of a text such as `60s..120s`; one duration is a range of one value."""
    if isinstance(text, tuple):
        return text
    low, dots, high = text.partition("..") if isinstance(text, str) else (text, "", "")
    try:
        ends = (parse_duration(low), parse_duration(high if dots else low))
    except ValueError as error:
        meant = durations.meant_range(text)
        if not (meant or dots or isinstance(text, list | dict)):
            raise
        msg = f"{shown(text)} is no range of durations; write {meant or _RANGES}"
        raise ValueError(msg) from error
    if ends[0] > ends[1]:
        msg = f"the range {text} begins above its end; write the smaller duration first"
        raise ValueError(msg)
    return ends


def _no_number(value: Any) -> Any:
    """A timeout, refused as a duration when it is a number without a unit."""
    return parse_duration(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def format_duration(seconds: float) -> str:
    """A duration as the files write it: 0.25 -> `250ms`, 5400 -> `1h30m`."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    left, words = round(seconds), []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_UNITS[unit]))
        if count:
            words.append(f"{count}{unit}")
    return "".join(words)


def _written(title: str, pattern: str, words: str, *examples: str) -> WithJsonSchema:
    """What editors are told of a text that has a form: its name and pattern, what to say when it does not fit."""
    shown = {"examples": list(examples)} if examples else {}
    return WithJsonSchema({"title": title, "type": "string", "pattern": pattern, "patternErrorMessage": words} | shown)


def one_of(*keys: str) -> ConfigDict:
    """The configuration of a mapping that has exactly one of some keys, for its schema."""
    words = f"Write exactly one of {', '.join(keys)}."
    return ConfigDict(json_schema_extra={"oneOf": [{"required": [key], "errorMessage": words} for key in keys]})


_LENGTH = r" *(\d+(\.\d+)? *(ms|s|m|h|d) *)+"
_STEM = r"[a-z][a-z0-9_-]*"

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(gt=0),
    _written(
        "duration", rf"^{_LENGTH}$", "Write a number with a unit, such as 30s, 10m, 2h or 1h30m.", "30s", "10m", "2h"
    ),
]
"""Seconds, written `30s`, `10m`, `2h`, `1h30m`."""
DurationRange = Annotated[
    tuple[float, float],
    BeforeValidator(parse_range),
    Field(strict=False),
    _written(
        "range of durations",
        rf"^{_LENGTH}(\.\.{_LENGTH})?$",
        "Write a duration, or two as in 60s..120s, each with its unit.",
        "30s",
        "60s..120s",
    ),
]
"""(least, most) seconds, written `60s..120s`, or one duration for both."""
Timeout = Annotated[
    str,
    BeforeValidator(_no_number),
    _written(
        "timeout class or duration",
        rf"^({_STEM}|{_LENGTH})$",
        "Name a timeout class, or write a duration such as 90s.",
        "quick",
        "standard",
        "deep",
    ),
]
"""A timeout class of runner.yaml, or a duration."""
Selector = Annotated[
    str,
    _written(
        "selector",
        rf"^-?(\*|(tag|group):\S+|({_STEM}/)?(\*|{_STEM}))$",
        "Write name, pack/name, pack/*, tag:word or *, with a - in front to take away.",
    ),
]
"""`name`, `pack/*`, `tag:word`; a `-` in front takes away."""
TargetSelector = Annotated[
    str,
    _written(
        "selector of targets",
        r"^-?(\*|group:\S+|[A-Za-z0-9][A-Za-z0-9._-]*)$",
        "Write local, sandbox, a host, group:word or *, with a - in front to take away.",
        "local",
        "sandbox",
        "group:hosts",
    ),
]
"""`local`, `sandbox`, a host, `group:word`; a `-` in front takes away."""
Expression = Annotated[
    str, _written("expression", r"^(?!\s*\{\{)", "An expression stands bare: leave out {{ and }}.", "phases.verify.ok")
]
"""An expression of Jinja, without braces."""
Name = Annotated[str, Field(pattern=NAME)]
FieldName = Annotated[str, Field(pattern=FIELD)]
Items = Annotated[tuple[_T, ...], Field(strict=False)]
"""A YAML list, kept as a tuple."""
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
