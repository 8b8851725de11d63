"""Names that stand outside of double braces, where they are text, and those that an included prompt reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from runner.project.findings import Finding
from runner.project.names.comparing import kind_of, schema_of
from runner.project.names.shapes import OPEN
from runner.project.words import in_quotes
from runner.prompts import TemplateError, template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.names.scopes import Scope
    from runner.project.names.texts import Text

_SINGLE = re.compile(r"(?<![{$\w])\{ ?([A-Za-z_]\w*)((?:\.\w+)*) ?\}(?!\})")
_DOLLAR = re.compile(r"\$(\{\{[^{}]+\}\})")
_ALONE = re.compile(r"([A-Za-z_]\w*)((?:\.\w+)+)")


def check(file: str, text: Text, scope: Scope) -> Iterator[Finding]:
    """A warning for the first name that the scope knows: in single braces, or the whole text."""
    if "$" in text.source:
        yield from _with_a_dollar(file, text, scope)
    whole = _ALONE.fullmatch(text.source)
    for found in [whole] if whole else _SINGLE.finditer(text.source) if "{" in text.source else ():
        if found[1] in scope.names:
            value = f"{{{{ {found[1]}{found[2]} }}}}"
            hint = f"a value is written {in_quotes(value) if whole else value}"
            line = text.source.count("\n", 0, found.start()) + 1
            what = f"{found[0]} is told as it stands"
            yield Finding("bare-name", file, text.loc, what, hint, "warning", line=line, near=found[0])
            return


def _with_a_dollar(file: str, text: Text, scope: Scope) -> Iterator[Finding]:
    """A fault or a warning for a text that is one `${{ }}`; before a number it may be the sign of a currency."""
    found = _DOLLAR.fullmatch(text.source.strip())
    try:
        known = schema_of(template(found[1]).whole, scope) if found else OPEN
    except TemplateError:
        return
    kind, fields = kind_of(known), ", ".join(known.get("properties", ()))
    if found and kind != "a number":
        what = f"the `$` is told as it stands, before {kind or 'the value'}"
        hint = f'leave out the $: "{found[1]}"' + (f", or one of its fields: {fields}" if fields else "")
        severity: Literal["problem", "warning"] = "problem" if kind in ("a list", "a mapping") else "warning"
        yield Finding("bare-name", file, text.loc, what, hint, severity)


def meant(text: Text, name: str) -> str:
    """What an unknown name was meant as: a field without its quotes, or what an included prompt has to be given."""
    if field := re.search(rf"([\w.]+)\[{name}\]", text.source):
        return f"write `{field[1]}.{name}`, or `{field[1]}['{name}']`"
    if not text.includes or "include" not in text.source or re.search(rf"\b{name}\b", text.source):
        return ""
    return f"a prompt that is included here reads it: write {{% set {name} = … %}} before the include"
