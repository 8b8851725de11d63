"""What goes from one step into another: values of a type that is taken there, and inputs that something reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.project.findings import Finding
from runner.project.names.comparing import can_be_equal, described, kind_of, name_of, schema_of
from runner.project.names.shapes import ANSWER, OPEN, Schema, closed, follow
from runner.prompts import ITEM, TemplateError, expression, template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runner.project.findings import Loc
    from runner.project.names.scopes import Scope
    from runner.project.project import WorkflowEntry
    from runner.prompts import Side
    from runner.spec.types import Fields

_WRITTEN = {
    ("a list", "a text"): "{{{{ {name} | join(', ') }}}}",
    ("a mapping", "a text"): "{{{{ {name} | tojson }}}}",
    ("a number", "a text"): "{{{{ {name} | string }}}}",
    ("true or false", "a text"): "{{{{ {name} | string }}}}",
    ("a text", "a number"): "{{{{ {name} | int }}}}",
    ("a list", "a number"): "{{{{ {name} | length }}}}",
    ("a text", "a list"): "{{{{ [{name}] }}}}",
}
"""From what is there to what is taken."""


def arguments(
    file: str, loc: Loc, given: Mapping[str, Any], fields: Fields | None, scope: Scope, owner: str
) -> Iterator[Finding]:
    """The values of a `with` that are exactly one name, whose type is not the one that is taken."""
    known = fields.types if fields else {}
    for name, value in given.items():
        side = _whole(value) if name in known else None
        if side is None or side.path is None:
            continue
        wanted, there = follow(known[name].schema, ()), schema_of(side, scope)
        if not can_be_equal(there, wanted):
            what = f"`{name}` of {owner} is {described(wanted)}, and `{name_of(side)}` is {described(there)}"
            yield Finding("wrong-argument", file, (*loc, "with", name), what, _written(name_of(side), there, wanted))


def _written(name: str, there: Schema, wanted: Schema) -> str:
    """How a value is written where another type is taken: one of its fields, or changed."""
    fields = there.get("properties", {}) if kind_of(there) == "a mapping" else {}
    fits = [f"{{{{ {name}.{field} }}}}" for field, known in fields.items() if kind_of(known) == kind_of(wanted)]
    changed = _WRITTEN.get((kind_of(there), kind_of(wanted)), "").format(name=name)
    forms = " or ".join(f'"{form}"' for form in (*fits[:1], changed) if form)
    return forms and f"write {forms}"


def passed(given: Mapping[str, Any], declared: Mapping[str, Schema], scope: Scope) -> dict[str, Schema]:
    """What is known of the values of a `with` where their types are left open, and by what they are given."""
    return {name: _narrowed(declared[name], _known(value, scope)) for name, value in given.items() if name in declared}


def listed(file: str, loc: Loc, source: str, scope: Scope) -> Iterator[Finding]:
    """A `foreach` over what is no list."""
    try:
        side = expression(source).whole
    except TemplateError:
        return
    there = schema_of(side, scope)
    kind = kind_of(there)
    if kind not in ("", "a list"):
        lists = [field for field, schema in there.get("properties", {}).items() if kind_of(schema) == "a list"]
        hint = f"a list in it: `{name_of(side)}.{lists[0]}`" if lists and side.path else ""
        what = f"`foreach` goes over a list, and `{source}` is {kind}"
        yield Finding("wrong-argument", file, (*loc, "foreach", "in"), what, hint)


def unread_inputs(entry: WorkflowEntry, read: set[str], sources: Iterable[str]) -> Iterator[Finding]:
    """A warning for each input that nothing reads; `sources` are the texts where one may be written in another way."""
    declared = entry.spec.inputs.types if entry.spec.inputs else {}
    text = "\n".join(sources) if declared else ""
    for name in declared:
        if name not in read and f"inputs.{name}" not in text:  # which is told where it stands
            other = re.search(rf"\$?\{{\s*{name}\s*\}}|\$\(?{name}\b\)?|<{name}>|\[\[?{name}\]\]?|%{name}%", text)
            hint = f"write {{{{ inputs.{name} }}}} in place of {other[0]}" if other else "read it, or remove it"
            what = f"nothing reads the input `{name}`"
            yield Finding("unused-input", entry.file, ("inputs", name), what, hint, "warning", at_key=True)


def _known(value: Any, scope: Scope) -> Schema:
    """What is known of a value that is given, written out or as one `{{ }}`."""
    if isinstance(value, dict):
        return closed({name: _known(item, scope) for name, item in value.items()})
    if isinstance(value, list):
        return {"type": "array", "items": _shared([_known(item, scope) for item in value])}
    side = _whole(value)
    return OPEN if side is None else _of_side(side, scope)


def _of_side(side: Side, scope: Scope) -> Schema:
    paths = [item.path for item in side.items if item.path]
    kept = [path for path in paths if path[-1] == ITEM]  # an item of a list, if it is one
    if not side.items or not all(kind_of(scope.known(path[:-1])) == "a list" for path in kept):
        return schema_of(side, scope)
    return {"type": "array", "items": _shared([_of_side(item, scope) for item in side.items])}


def _shared(schemas: Sequence[Schema]) -> Schema:
    """What is known of a value that is of any of some types: the fields that all of them have."""
    if not schemas or any(kind_of(schema) != "a mapping" or "properties" not in schema for schema in schemas):
        return schemas[0] if schemas and all(_bare(schema) == _bare(schemas[0]) for schema in schemas) else OPEN
    first, *others = (schema["properties"] for schema in schemas)
    both = {name: known for name, known in first.items() if all(name in other for other in others)}
    return closed({name: _shared([known, *(other[name] for other in others)]) for name, known in both.items()})


def _bare(schema: Schema) -> Schema:
    """What is known of a value, whosever answer it is."""
    return {key: value for key, value in schema.items() if key != ANSWER}


def _narrowed(declared: Schema, there: Schema) -> Schema:
    """A declared type, with what is known of the value where the type says nothing."""
    declared, there = follow(declared, ()), follow(there, ())
    if not set(declared) - {"default", "description"}:
        return there
    if kind_of(declared) == kind_of(there) == "a list":
        return {**declared, "items": _narrowed(declared.get("items") or OPEN, there.get("items") or OPEN)}
    if kind_of(declared) == kind_of(there) == "a mapping" and "properties" in declared:
        known = there.get("properties", {})
        fields = {name: _narrowed(kind, known.get(name, OPEN)) for name, kind in declared["properties"].items()}
        return {**declared, "properties": fields}
    return declared


def _whole(value: Any) -> Any:
    """What a text that is exactly one `{{ }}` is; None when it is no template."""
    try:
        return template(value).whole if isinstance(value, str) and "{{" in value else None
    except TemplateError:
        return None
