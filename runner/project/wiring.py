"""What goes from one step into another: values of a type that is taken there, and inputs that something reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.project.comparing import can_be_equal, described, kind_of, name_of, schema_of
from runner.project.findings import Finding
from runner.project.shapes import follow
from runner.prompts import TemplateError, expression, template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.project.findings import Loc
    from runner.project.project import WorkflowEntry
    from runner.project.scopes import Scope
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
            form = _WRITTEN.get((kind_of(there), kind_of(wanted)), "").format(name=name_of(side))
            yield Finding("wrong-argument", file, (*loc, "with", name), what, form and f'write "{form}"')


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


def _whole(value: Any) -> Any:
    """What a text that is exactly one `{{ }}` is; None when it is no template."""
    try:
        return template(value).whole if isinstance(value, str) and "{{" in value else None
    except TemplateError:
        return None
