"""What a key that nobody knows was probably meant as."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.project.meant import elsewhere, known_as, misplaced, nested, rule_forms
from runner.project.words import flow
from runner.spec import durations
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

    from runner.project.meant.fields import Place

_LONGEST = 40
"""How long a value may be that a hint repeats."""
_JOINED = re.compile(r"([\w-]+)\s+(?=\S)")


def words(place: Place, value: Any) -> tuple[str, str]:
    """What is wrong, and a hint; the way to the place ends in the key, `value` stands behind it."""
    loc, known = place.loc, place.known
    key, is_top = str(loc[-1]), len(loc) == 1
    what, inside = f"there is no key `{key}` here", value.keys() if isinstance(value, dict) else set()
    joined = _JOINED.match(key)
    if joined and joined[1] in known:
        return (
            f"a `:` is missing behind `{joined[1]}`",
            f"write `{joined[1]}: {key[joined.end() :]}{'' if value is None else ': …'}`",
        )
    if held := nested.told(loc[:-1], [key]):
        return held
    if missing_line := misplaced.tool_among_defaults(loc, value):
        return missing_line
    if is_top and "defaults" in known and inside:
        meant = known_as.of_key(key, value, known) or did_you_mean(key, known)
        return what, meant or f"a tool stands below `tools`: tools: {{{key}: {{…}}}}"
    if is_top and set(known) & inside:
        return what, f"each is a file of its own, and the file's name is its name: {key}.yaml"
    if loc[:1] == ("phases",) and misplaced.KINDS & inside:
        return what, f"a phase of its own? indent `{key}:` as far as the other phases"
    meant = (
        _with_unit(key, value, known)
        or elsewhere.of_key(loc, known)
        or known_as.of_key(key, value, known)
        or rule_forms.of_key(loc, value)
        or did_you_mean(key, known)
        or misplaced.of_key(loc, value, place.above)
    )
    return what, meant or _argument(key, value, known) + f"known here: {', '.join(known)}"


def _argument(key: str, value: Any, known: Mapping[str, FieldInfo]) -> str:
    """For a key beside `tool`, `workflow` or `use` that nobody knows: it is probably one of those that `with` holds."""
    if "with" not in known or not {"tool", "workflow", "use"} & set(known):
        return ""
    written = flow(value) if len(flow(value)) <= _LONGEST else "…"
    kind = "an input of the prompt" if "use" in known else "an argument"
    return f"{kind}? write `with: {{{key}: {written}}}`; "


def _with_unit(key: str, value: Any, known: Mapping[str, FieldInfo]) -> str:
    written = durations.of_unit(key, value, known)
    return f"write `{written}`" if written else ""


def gives(hint: str, key: str | int) -> bool:
    """Whether a hint for another key says how this one is written."""
    return hint == f"did you mean {key}?" or bool(re.search(rf"\b{key}: ", hint))
