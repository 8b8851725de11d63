"""Comparisons with only one outcome, as the types of what is compared say; a value of unknown type is never judged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from runner.project.findings import Finding
from runner.project.meant import known_as
from runner.project.names import several
from runner.project.names.shapes import OPEN, Fault, Schema
from runner.project.words import listed, shown
from runner.prompts import ITEM, Comparison, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.project.names.scopes import Scope
    from runner.project.names.texts import Text
    from runner.prompts import Expression, Template

_KINDS = {
    "string": "a text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_TYPES: dict[type, str] = {str: "string", int: "number", float: "number", bool: "boolean"}
_ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_INDEX = re.compile(r"\.(\d+)")
_RECORD = 2
"""Parts of the path to a phase's record."""
_TRUTHS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


def check(file: str, text: Text, read: Expression | Template, scope: Scope, suffix: str) -> Iterator[Finding]:
    """Comparisons with only one outcome; what a text includes stands elsewhere too, with values of other types."""
    found = read.comparisons
    if text.loc[-1:] == ("when",):
        found = (*found, Comparison(read.whole, "is", Side(), 1))
    for one, fault, near in faults(found, scope) if "include" not in text.source else ():
        severity: Literal["problem", "warning"] = "warning" if fault.is_warning else "problem"
        hint = (several.meant(text) if one.operator == "is" and one.left.values else "") or fault.hint
        yield Finding(fault.code, file, text.loc, fault.what + suffix, hint, severity, line=one.line, near=near)


def faults(comparisons: Iterable[Comparison], scope: Scope) -> Iterator[tuple[Comparison, Fault, str]]:
    """What is wrong with each comparison, and the text to point at."""
    for comparison in comparisons:
        for fault, near in _judged(comparison, scope):
            yield comparison, fault, near


def kind_of(schema: Schema) -> str:
    """What a value with a schema is, in words; nothing when that is not known."""
    kind = schema.get("type")
    return _KINDS.get(kind, "") if isinstance(kind, str) else ""


def can_be_equal(left: Schema, right: Schema) -> bool:
    """Whether two values may be the same, as far as is known."""
    one, other = kind_of(left), kind_of(right)
    if not one or not other or {one, other} == {"a number", "true or false"}:  # 1 is true
        return True
    choices, others = left.get("enum"), right.get("enum")
    return one == other and (not choices or not others or any(choice in others for choice in choices))


def _judged(comparison: Comparison, scope: Scope) -> Iterator[tuple[Fault, str]]:
    left, right, operator = comparison.left, comparison.right, comparison.operator
    if operator == "is":
        yield from _truth(left)
    elif left.path is None and left.made == "" and right.path is None:
        return  # two values that are written out: whoever does that means it
    elif operator in ("eq", "ne"):
        named, other = (left, right) if left.path or not right.path else (right, left)
        if not other.is_list:
            yield from _equal(named, other, scope, operator)
    elif operator in ("in", "notin"):
        yield from _inside(left, right, scope, operator)
    elif operator in _ORDER:
        yield from _order(left, right, scope, _ORDER[operator])


def _truth(side: Side) -> Iterator[tuple[Fault, str]]:
    value = side.values[0] if side.values else None
    if isinstance(value, str) and value:
        is_name = value.partition(".")[0] in ("phases", "inputs", "run", "not")
        hint = "leave out the quotes" if is_name else f"to compare with several texts write `NAME in ['{value}', …]`"
        yield Fault("comparison", f"the text {shown(value)} stands by itself, which is always true", hint), value
    elif side.path and side.path[0] == "phases" and len(side.path) == _RECORD:
        path = ".".join(side.path)
        yield Fault("comparison", f"`{path}` is a record, which is always true", f"write `{path}.ok`"), path


def _equal(named: Side, other: Side, scope: Scope, operator: str) -> Iterator[tuple[Fault, str]]:
    known, against = schema_of(named, scope), schema_of(other, scope)
    if not can_be_equal(known, against):
        outcome = "is never" if operator in ("eq", "in") else "always differs from"
        what = f"{_words(named)} is {described(known)}, so it {outcome} {_words(other, against)}"
        hint = _equal_hint(named, known, other, is_other=operator in ("ne", "notin"))
        yield Fault("comparison", what, hint), _near(other) or _near(named)


def _equal_hint(named: Side, known: Schema, other: Side, *, is_other: bool) -> str:
    value, name = other.values[0] if other.values else None, name_of(named)
    match kind_of(known):
        case "true or false" if isinstance(value, str) and value.lower() in _TRUTHS:
            return f"write `{name}`" if _TRUTHS[value.lower()] != is_other else f"write `not {name}`"
        case "a number" if isinstance(value, str) and value.strip("-").replace(".", "", 1).isdigit():
            return f"write {value}, without quotes"
        case "a text" if isinstance(value, str):
            return _choice_hint(value, [one for one in known.get("enum", ()) if isinstance(one, str)])
        case "a text" if value is not None:
            return f"write '{value}'" if ITEM in (named.path or ()) else f"write '{value}', or `{name} | int`"
        case "a list" if isinstance(value, str):
            return f"write `'{value}' in {name}`"
        case "a list":
            return f"write `{name} | length`"
        case "a mapping" if known.get("properties"):
            fields = f"compare one of its fields: {', '.join(known['properties'])}"
            is_output = named.path is not None and named.path[:1] == ("phases",) and named.path[2:] == ("output",)
            return f"{fields}; whether it went well is `{name.removesuffix('output')}ok`" if is_output else fields
    return ""


def _choice_hint(value: str, choices: Sequence[str]) -> str:
    """The choice that is meant, else all of them."""
    meant = known_as.of_choice(value, choices) or known_as.of_meaning(value, choices)
    return meant or (f"write {listed([repr(one) for one in choices])}" if choices else "")


def _inside(left: Side, right: Side, scope: Scope, operator: str) -> Iterator[tuple[Fault, str]]:
    if right.is_list:
        for value in right.values:
            yield from _equal(left, type(right)(values=(value,)), scope, operator)
        return
    known, holder = schema_of(left, scope), schema_of(right, scope)
    if kind_of(holder) == "a list" and left.values:
        item = type(right)(path=(*(right.path or ()), ITEM))
        yield from _equal(item, left, scope, operator)
    elif kind_of(holder) in ("a number", "true or false"):
        what = f"nothing can be in {_words(right)}: it is {kind_of(holder)}"
        yield Fault("comparison", what, "write == to compare"), _near(right)
    elif kind_of(holder) == "a text" and kind_of(known) not in ("", "a text"):
        what = f"{_words(left)} is {kind_of(known)}, and only a text can be in {_words(right)}"
        yield Fault("comparison", what, f"write `{name_of(left)} | string`"), _near(left)


def _order(left: Side, right: Side, scope: Scope, sign: str) -> Iterator[tuple[Fault, str]]:
    one, other = schema_of(left, scope), schema_of(right, scope)
    kinds = [kind_of(one), kind_of(other)]
    named, its = (left, one) if left.path else (right, other)
    if "" in kinds or not named.path:
        return
    if set(kinds) in ({"a number"}, {"a number", "true or false"}, {"a text"}):
        if set(kinds) == {"a text"} and "enum" in its:
            what = f"`{sign}` goes by the alphabet, and {_words(named)} is {described(its)}"
            yield Fault("comparison", what, f"write `{name_of(named)} in [...]`", is_warning=True), _near(named)
        return
    what = f"`{sign}` compares two numbers: {_words(left, one)} is {kinds[0]}, {_words(right, other)} is {kinds[1]}"
    if kind_of(its) == "a list":
        hint = f"write `{name_of(named)} | length`"
    elif "enum" in its:
        hint = f"write `{name_of(named)} in [...]`"
    else:
        hint = f"write `{name_of(named)} | int`" if kind_of(its) == "a text" else "write the number without quotes"
    yield Fault("comparison", what, hint), _near(named)


def schema_of(side: Side, scope: Scope) -> Schema:
    """What is known of a side; a value that is written out is a choice of one."""
    if side.path:
        return scope.known(side.path)
    if side.made:
        return {"type": side.made}
    if side.is_list or len(side.values) != 1:
        return {"type": "array"} if side.is_list else OPEN
    kind = _TYPES.get(type(side.values[0]))
    return {"type": kind, "enum": [side.values[0]]} if kind else OPEN


def described(schema: Schema) -> str:
    """What a value with a schema is, with the words that it may be."""
    choices = schema.get("enum")
    return f"one of {listed([str(one) for one in choices])}" if choices and choices[1:] else kind_of(schema)


def _words(side: Side, schema: Schema = OPEN) -> str:
    if side.path:
        return f"an item of `{name_of(side)}`" if side.path[-1] == ITEM else f"`{name_of(side)}`"
    return shown(side.values[0]) if len(side.values) == 1 else kind_of(schema) or "what is compared"


def name_of(side: Side) -> str:
    """A path as a template has it; of an item it is the list's."""
    name = ".".join(side.path or ("NAME",)).removesuffix(f".{ITEM}").replace(f".{ITEM}", ITEM)
    return _INDEX.sub(r"[\1]", name)


def _near(side: Side) -> str:
    """The text to point at: a written-out text, or a name."""
    if side.values:
        return str(side.values[0])
    return name_of(side) if side.path else ""
