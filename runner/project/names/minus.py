"""Names with a `-` in templates and expressions, where it is a minus."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.project.names.shapes import Fault
from runner.prompts import NamePath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.names.scopes import Scope
    from runner.project.names.texts import Text

_NAME = re.compile(r"(?<![\w.\-'\"])[A-Za-z_][\w.]*(?:-[A-Za-z_][\w.]*)+")
_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)


def meant(found: Iterable[tuple[NamePath, Fault]], text: Text, scope: Scope) -> Iterator[tuple[NamePath, Fault]]:
    """The faults, where those of such a name's parts are one, if the name is there with `_`."""
    found = list(found)
    names = _NAME.findall(text.source if text.is_expression else " ".join(_TAG.findall(text.source))) if found else ()
    told: set[str] = set()
    for path, fault in found:
        name = next((name for name in names if path.written in name.split("-")), "")
        hint = _hint(name, scope) if name else ""
        if not hint:
            yield path, fault
        elif name not in told:
            told.add(name)
            what = f"`-` is minus here: `{name}` is no name"
            yield replace(path, written=name), Fault(fault.code, what, hint)


def _hint(name: str, scope: Scope) -> str:
    """What to write, where the name with `_` is known, or is where a hint says."""
    plain = name.replace("-", "_")
    faults = [fault for _, fault in scope.faults([NamePath(tuple(plain.split(".")), 1, guarded=True)])]
    if not faults:
        return f"write {plain}"
    return next((fault.hint for fault in faults if fault.hint.endswith(f".{plain}`")), "")
