"""How a value of the wrong type is written instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.project.meant import fields, known_as, model_names
from runner.project.parsing import numbers
from runner.project.words import as_hint, flow, listed, shown
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from runner.project.meant.fields import Place

_TRUTHS = {
    "yes": "true",
    "on": "true",
    "y": "true",
    "1": "true",
    "no": "false",
    "off": "false",
    "n": "false",
    "0": "false",
}
_USUAL = {"a whole number": 8, "a number": 0.5}
"""Numbers to show where the field has no default."""
COMPUTED = re.compile(r"\s*(?:\{\{-?\s*([^{}]+?)\s*-?\}\}|((?:inputs|phases|run)(?:\.\w+)+))\s*")
"""An expression in braces, or a name that only a run knows, where a value is written."""
_TOOL = 2
"""Keys that lead to a tool: `tools`, and its name."""
_PROSE = frozenset({"rules", "constraints", "say", "suggestions"})
"""Lists of sentences."""


def retyped(value: Any, wanted: str, place: Place) -> str:
    """How the same value is written as the wanted type."""
    if wanted == "true or false":
        return _truth(value)
    if value == "search" and place.loc == ("tools",):
        return "write {mode: search}"
    if wanted.startswith("a list"):
        return _as_list(value, place)
    if wanted == "a mapping":
        return _as_mapping(value, place)
    written = _number(value, wanted, place) if "number" in wanted else ""
    return written or (_as_text(value, place) if "a text" in wanted else "")


def _as_mapping(value: Any, place: Place) -> str:
    """How a value is written as a mapping: by its pairs, or below the name that is missing above its key."""
    if pairs := _pairs(value):
        return f"write {flow(dict(pairs))}"
    models = fields.models(place.declared)
    if place.loc[:1] == ("tools",) and len(place.loc) == _TOOL and isinstance(value, str | list):
        return f"write {{description: …, command: {flow(value.split() if isinstance(value, str) else value)}}}"
    if isinstance(value, dict | list) or not models:
        return ""
    if any(place.loc[-1] in known for known in models):
        return f"a name stands above such keys: {{NAME: {flow({place.loc[-1]: value})}}}"
    if isinstance(value, str) and all("provider" in known for known in models):
        return f"write {model_names.entry_of(value)}"
    known = fields.only_model(place.declared)
    only = [name for name, info in known.items() if info.is_required()] or list(known)
    return f"write {{{only[0]}: {flow(value)}}}" if len(only) == 1 else ""


def _truth(value: Any) -> str:
    word = str(value).strip().lower()
    if word in ("true", "false"):
        return "write it without quotes"
    meant = _TRUTHS.get(word)
    return f"write {meant}" if meant else did_you_mean(word, ("true", "false"))


def _number(value: Any, wanted: str, place: Place) -> str:
    if isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
        return "write it without quotes"
    info = place.known.get(str(place.loc[-1])) if place.loc else None
    if numbers.is_endless(value) and info is not None and info.default is None and "limits" in place.loc:
        return "leave it out for no limit"
    if isinstance(value, str) and COMPUTED.fullmatch(value):
        return f"it stands in the file and cannot be computed: write a number, such as {_usual(wanted, place)}"
    meant = numbers.meant(value, whole="whole" in wanted)
    return f"write {meant}" if meant else ""


def _as_list(value: Any, place: Place) -> str:
    """How the words of a text, or the names of a mapping, are written as a list."""
    entry = fields.entry(place.declared)
    known = fields.only_model(entry)
    if isinstance(value, dict) and value:
        fits = set(value) <= set(known) if known else fields.words(entry) == "a text"
        return f"write a list: {flow([value] if known else list(value))}" if fits else ""
    if not isinstance(value, str):
        return ""
    if value.startswith("- "):
        return "remove the | or the quotes before it: the entries stand right below the key"
    if value.startswith("-"):
        return "write a blank behind each -: `- entry`"
    choices = fields.choices(entry)
    if choices:
        return _chosen(value, choices)
    is_prose = place.loc[-1:] and place.loc[-1] in _PROSE
    if is_prose:
        return f"write it in brackets: [{shown(value)}]"
    words = [word.strip() for word in value.split(",")] if "," in value else value.split()
    return f"write it in brackets: [{', '.join(map(shown, filter(None, words)))}]"


def _chosen(text: str, choices: list[str]) -> str:
    """How the words of a text are written as a list of choices; misspelt ones and those of elsewhere are mended."""
    words = [word.strip("[]{}\"' ") for word in re.split(r"[,|]|\s+", text) if word.strip()]
    meant = [word if word in choices else known_as.chosen(word, choices) for word in words]
    if not all(meant):
        return f"write a list, such as [{choices[0]}], of {listed(choices)}"
    return f"write it in brackets: {flow(list(dict.fromkeys(meant)))}"


def _as_text(value: Any, place: Place) -> str:
    """How a value is written as a text."""
    if place.loc[-1:] == ("listen",):
        return f'write "127.0.0.1:{value}"'
    if isinstance(value, bool | int | float):
        return f'quote it: "{str(value).lower()}"'
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        if value[1:] or " " in value[0]:
            return "write one text; several lines stand indented below `|`"
        return f"write it without brackets: {flow(value[0])}"
    if not isinstance(value, dict) or not value:
        return ""
    if isinstance(value.get("name"), str):
        return f"write the name alone: {flow(value['name'])}"
    [(key, item), *others] = value.items()
    if key == "use" and isinstance(item, str) and place.loc[:1] == ("prompt",):
        return f"a part takes in a named prompt so: '{{% include \"{item}\" %}}'"
    if isinstance(item, str) and not others:
        return f"a text that holds `: ` needs quotes: {shown(f'{key}: {item}')}"
    return f"write the name alone: {flow(key)}" if not others and isinstance(place.loc[-1], int) else ""


def _pairs(value: Any) -> list[tuple[str, str]]:
    """Names with their values, where each entry is written `NAME=value` or `- NAME: value`; else nothing."""
    entries = value if isinstance(value, list) else [value]
    found = [_pair(entry) for entry in entries]
    return [pair for pair in found if pair] if all(found) else []


def _pair(entry: Any) -> tuple[str, str] | None:
    if isinstance(entry, str) and (written := re.fullmatch(r"([A-Za-z_]\w*)=(.*)", entry)):
        return written[1], written[2]
    if isinstance(entry, dict) and len(entry) == 1:
        [(name, text)] = entry.items()
        return (name, text) if isinstance(name, str) and isinstance(text, str) else None
    return None


def how_to_write(place: Place, wanted: str, value: Any) -> str:
    """What stands at a place: the keys of its mapping, a number to go by, or what the field is for."""
    keys = _keys(place)
    if keys and "a text" not in wanted:
        return f"known keys: {', '.join(keys)}"
    purpose = as_hint(place.purpose)
    if isinstance(value, list) and "a mapping" in wanted:
        named = next((item["name"] for item in value if isinstance(item, dict) and "name" in item), "")
        start = f"write `{named}:` in place of `- name: {named}`" if named else "write `name: …` without a - before it"
        return f"{start}{': ' if purpose else ''}{purpose}"
    if wanted in _USUAL:
        return f"write {wanted}, such as {_usual(wanted, place)}{': ' if purpose else ''}{purpose}"
    return purpose


def _usual(wanted: str, place: Place) -> Any:
    """A number to show: the field's default, where it has one."""
    info = place.known.get(str(place.loc[-1])) if place.loc else None
    is_set = info is not None and isinstance(info.default, int | float)
    return info.default if info is not None and is_set else _USUAL.get(wanted, 8)


def _keys(place: Place) -> list[str]:
    """The keys of the only model that a place may hold, those that it needs first."""
    known = fields.only_model(place.declared)
    needed = [name for name, info in known.items() if info.is_required()]
    return [f"{name} (required)" for name in needed] + [name for name in known if name not in needed]
