"""Keys that are indented too far: they stand in a mapping and are keys of what is around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from runner.project.meant import fields
from runner.project.phases import ToolPhase
from runner.project.words import flow
from runner.spec.other_types import WORDS
from runner.spec.plain import PLAIN
from runner.spec.words import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic.fields import FieldInfo

    from runner.project.findings import Loc
    from runner.project.meant.fields import Place

_OWN = frozenset({"type", "schema", "default", "pattern", "description"})
"""Keys of a type."""
KINDS = frozenset({"agent", "tool", "workflow", "approval", "wait", "parallel", "foreach"})
"""Keys that say what a phase is."""
_TOOL_KINDS = frozenset({"command", "shell", "http", "python", "workflow"})
_FIRST = "write `{}:` as a line of its own, in the first column"


def among_types(place: Place, at: Loc, value: Any) -> tuple[Loc, str, str] | None:
    """Way, what and hint of a key beside a place with types that stands in it; `at` is what is no type there."""
    whole = _inside(value, at[:1])
    if place.loc == ("inputs",) and isinstance(whole, dict) and not KINDS.isdisjoint(whole):
        return (*place.loc, at[0]), f"a line `phases:` is missing above `{at[0]}`", _FIRST.format("phases")
    if len(at) == 1 and at[0] in ("default", "pattern") and (beside := _before(value, at[0])):
        what = f"`{at[0]}` is taken for a name in `{place.loc[-1]}`"
        kind, written = flow(value[beside]), flow(value[at[0]])
        return (*place.loc, at[0]), what, f"write `{beside}: {{type: {kind}, {at[0]}: {written}}}`"
    for depth, key in enumerate(at[:2], start=1):
        given = _inside(value, at[:depth])
        own: Collection[str] = _OWN if depth > 1 else ()
        if key not in own and key != place.loc[-1] and _belongs(key, given, place.known):
            what = f"`{key}` stands in `{place.loc[-1]}`, whose keys are names with types"
            return (*place.loc, *at[:depth]), what, _further_left(str(place.loc[-1]))
    return None


def tool_among_defaults(loc: Loc, value: Any) -> tuple[str, str] | None:
    """What and hint of a tool below `defaults`, where the line above the tools is gone."""
    if loc[:-1] != ("defaults",) or not isinstance(value, dict) or _TOOL_KINDS.isdisjoint(value):
        return None
    return f"a line `tools:` is missing above `{loc[-1]}`", _FIRST.format("tools")


def of_key(loc: Loc, value: Any, above: Mapping[str, FieldInfo]) -> str:
    """Where a key belongs that a mapping does not know and the one around it, with these keys, does."""
    holder = next((str(part) for part in reversed(loc[:-1]) if isinstance(part, str)), "")
    return _further_left(holder) if holder in above and _belongs(loc[-1], value, above) else ""


def among_arguments(loc: Loc, name: str, value: Any) -> str:
    """Where a key of a phase belongs that stands in its `with`."""
    of_phase = fields.fields_of(ToolPhase) if loc[0] in ("phases", "finally") else {}
    return _further_left("with") if _belongs(name, value, of_phase) else ""


def _further_left(holder: str) -> str:
    return f"indent it as far as `{holder}`: it stands beside that, not in it"


def _belongs(key: Any, value: Any, known: Mapping[str, FieldInfo]) -> bool:
    """Whether a key with such a value is one of those, and no name with a mistyped type."""
    if key not in known or value is None:
        return False
    if _is_nearly_a_type(value):
        return False
    declared: Any = known[key].annotation
    try:
        TypeAdapter(declared).validate_python(value)
    except (ValidationError, PydanticUserError):
        return False
    return True


def _is_nearly_a_type(value: Any) -> bool:
    near = nearest(value, [*PLAIN, *WORDS]) if isinstance(value, str) else ""
    return bool(near) and near[0] == str(value)[:1].lower()


def _before(value: Any, key: str | int) -> str:
    """The name before a key, where it has a type."""
    names = list(value) if isinstance(value, dict) else []
    name = names[names.index(key) - 1] if key in names[1:] and not _is_nearly_a_type(value[key]) else ""
    return str(name) if name and isinstance(value[name], str | list) else ""


def _inside(value: Any, way: Loc) -> Any:
    for part in way:
        value = value.get(part) if isinstance(value, dict) else None
    return value
