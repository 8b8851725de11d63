"""A thing of the project as a person reads it: a fact a line, the names of the facts in a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.cli.display import as_json, one_line, show
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COLUMN = 11
ANSWERS = {"allow": "allowed", "ask": "a person is asked", "deny": "denied"}


def heading(about: Mapping[str, Any]) -> None:
    """Its name, what it is for, and where it stands."""
    show(f"{about['name']}: {about['description']}" if "description" in about else f"{about['name']}")
    fact("file", f"{about['file']}:{about['line']}")


def fact(name: str, text: object) -> None:
    """A fact; one without text is left out, and further lines stand below the first."""
    if text not in (None, ""):
        lines = str(text).rstrip("\n").replace("\n", f"\n    {' ' * COLUMN}")
        show(f"  {name.ljust(COLUMN)}  {lines}")


def detail(text: object) -> None:
    """A line below a fact."""
    show(f"  {' ' * COLUMN}    {text}")


def span(ends: Sequence[float]) -> str:
    """`30s`, or `1m to 5m` where it adapts."""
    low, high = map(format_duration, ends)
    return low if low == high else f"{low} to {high}"


def timeout(about: Mapping[str, Any] | None) -> str:
    """A timeout class with its figures: `standard: model calls 1m to 5m, tool calls 30s`."""
    if about is None:
        return ""
    parts = [f"{kind} calls {span(about[kind])}" for kind in ("model", "tool") if kind in about]
    return f"{about['name']}: {', '.join(parts)}"


def figures(limits: Mapping[str, Any]) -> str:
    """Limits that are set: `turns 40, time 10m`."""
    shown = {name: value for name, value in limits.items() if value is not None}
    return ", ".join(
        f"{name} {format_duration(value) if name in ('time', 'deadline') else f'{value:,}'}"
        for name, value in shown.items()
    )


def answer(judged: Mapping[str, Any]) -> str:
    """What happens when a tool is called, and by which rule: what holds on its first target."""
    return _answered(judged["answers"][0], judged)


def other_answers(judged: Mapping[str, Any]) -> list[str]:
    """What happens on other targets and at other risks."""
    return [_answered(row, judged) for row in judged["answers"][1:]]


def _answered(row: Mapping[str, Any], judged: Mapping[str, Any]) -> str:
    """One answer; where and at which risk, if that makes a difference."""
    words = {"risks": "risk ", "targets": "on "}
    telling = [key for key in words if any(other[key] != row[key] for other in judged["answers"])]
    which = ", ".join(words[key] + ", ".join(row[key]) for key in telling)
    return f"{which}{': ' if which else ''}{ANSWERS[row['action']]} ({row['rule']})"


def rule(about: Mapping[str, Any]) -> str:
    """A rule as one line: `tool edit_file: ask`."""
    keys = ", ".join(f"{key} {value}" for key, value in about.items() if key != "action")
    return f"{keys or 'any call'}: {about['action']}"


def fields(schema: Mapping[str, Any]) -> Iterator[str]:
    """Parameters or inputs, a line each: name, whether it must be given, type, default, what it is for."""
    for name, kind in schema["properties"].items():
        needed = " (must be given)" if name in schema["required"] else ""
        default = f", default {as_json(kind['default'])}" if "default" in kind else ""
        about = f" — {one_line(kind['description'])}" if "description" in kind else ""
        yield f"{name}{needed}: {type_words(kind)}{default}{about}"


def type_words(schema: Mapping[str, Any]) -> str:
    """A type as the files write it: `str`, `[int]`, `str?`, `a|b`; others as JSON Schema."""
    known = {key: value for key, value in schema.items() if key not in ("default", "description")}
    match known:
        case {"anyOf": [one, {"type": "null"}]}:
            return f"{type_words(one)}?"
        case {"enum": options}:
            return "|".join(map(str, options))
        case {"type": "array", "items": items}:
            return f"[{type_words(items)}]"
        case {"type": "string", "pattern": pattern, **rest}:
            return f"{'path' if rest.get('format') == 'path' else 'str'} like {pattern}"
        case {"type": "string", "format": "path"}:
            return "path"
        case {"type": "object", "properties": properties, **_rest}:
            return f"{{{', '.join(f'{name}: {type_words(one)}' for name, one in properties.items())}}}"
    plain = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
    word = plain.get(known.get("type", ""), "") if len(known) == 1 else ""
    return word or (as_json(known) if known else "any")
