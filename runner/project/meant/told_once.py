"""Mappings whose whole shape is wrong: told once, where each key of them would be told for itself."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.models import ScriptedModel, ServedModel
from runner.project.checks import shell_words
from runner.project.findings import Finding
from runner.project.meant import beside_use, exit_codes, fields, misplaced
from runner.project.phases import PhaseSpec
from runner.project.settings import BUILT_IN_TIMEOUTS, TimeoutClass
from runner.project.words import flow
from runner.spec import FIELD, NAME
from runner.spec.layout import SETTINGS
from runner.tools import KINDS, spec_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from runner.project.findings import Loc
    from runner.project.project import Project

_LONGEST = 100
"""How long a mapping may be that a hint repeats."""
_BESIDE = "write it in the first column, beside `tools:`"
_USUAL = {"models": "default", "timeouts": "standard"}
"""The names that are used where agents name none."""
_OF_MODELS = frozenset({"provider", "model"})
_OF_TIMEOUTS = frozenset({"model", "tool"})


class _Whole(NamedTuple):
    """A mapping that is told as one: its place, what is said, and the places of which nothing else is said."""

    code: str
    loc: Loc
    what: str
    hint: str
    others: tuple[Loc, ...] = ()


def gathered(findings: Iterable[Finding], file: str, data: Any, loc: Loc = ()) -> Iterator[Finding]:
    """The findings of a file, or of its tool at `loc`, whose data was checked; those about one mapping are one."""
    kept = list(findings)
    if not isinstance(data, dict):
        yield from kept
        return
    for whole in _wholes(file, data, loc):
        places = ((*loc, *whole.loc), *whole.others)
        about = [one for one in kept if any(one.loc[: len(place)] == place for place in places)]
        if about:
            kept = [one for one in kept if one not in about]
            yield Finding(whole.code, file, (*loc, *whole.loc), whole.what, whole.hint, at_key=True)
    yield from kept
    if any(one.loc[: len(loc) + 1] == (*loc, "command") for one in kept) and loc:
        yield from _shell_signs(file, loc, data.get("command"))


def _shell_signs(file: str, loc: Loc, words: Any) -> Iterator[Finding]:
    """The words of a tool's command that only a shell acts on, beside what is no text among them."""
    if isinstance(words, list) and words and all(isinstance(word, str | int | float) for word in words):
        yield from shell_words.of_words(
            file, loc, [flow(word) if not isinstance(word, str) else word for word in words]
        )


def named(findings: Iterable[Finding], raw: Callable[[str], Any], project: Project) -> Iterator[Finding]:
    """The findings; where the name of a model or of a class of timeouts is missing, it is the one that agents use."""
    for finding in findings:
        key = str(finding.loc[0]) if finding.file == SETTINGS and len(finding.loc) == 1 else ""
        value = (raw(SETTINGS) or {}).get(key) if key in ("models", "timeouts") else None
        if isinstance(value, dict) and finding.hint == _above(_USUAL[key], value):
            yield replace(finding, hint=_above(_used(key, project), value))
        else:
            yield finding


def _wholes(file: str, data: dict[str, Any], loc: Loc) -> Iterator[_Whole]:
    if loc:
        yield from _exit(data.get("exit") if {"command", "shell"} & data.keys() else None)
    elif file == SETTINGS:
        yield from _level("models", data, _OF_MODELS, _USUAL["models"])
        yield from _level("timeouts", data, _OF_TIMEOUTS, _USUAL["timeouts"])
    else:
        yield from _level("tools", data, frozenset(KINDS), PurePosixPath(file).stem)
        yield from _description(data)
        yield from (_Whole("unknown-key", *told) for told in beside_use.told(data.get("prompt")))
        yield from (_Whole("wrong-type", *told) for told in beside_use.without_parts(file, data))
        yield from _level("phases", data, misplaced.KINDS, _name_of_phase(data.get("phases")))


def _exit(codes: Any) -> Iterator[_Whole]:
    if hint := exit_codes.turned(codes):
        yield _Whole("bad-key", ("exit",), "words stand here before their codes", hint)


def _level(key: str, data: dict[str, Any], signs: Collection[str], name: str) -> Iterator[_Whole]:
    """For the keys of one entry that stand where the names of entries belong."""
    value = data.get(key)
    if not isinstance(value, dict) or not value.keys() & set(signs) or not value.keys() <= _known(key):
        return
    entries = [item for item in value.values() if isinstance(item, dict)]
    if len(entries) < len(value) and not any(item.keys() & set(signs) for item in entries):
        what = f"a name is missing in `{key}`, above these keys"
        yield _Whole("wrong-type", (key,), what, _above(name, value))


def _known(key: str) -> set[str]:
    """The keys that an entry may have."""
    declared: dict[str, list[Any]] = {
        "models": [ServedModel, ScriptedModel],
        "timeouts": [TimeoutClass],
        "tools": [spec_of(kind) for kind in KINDS],
        "phases": [PhaseSpec],
    }
    return {name for one in declared[key] for known in fields.models(one) for name in known}


def _above(name: str, value: dict[str, Any]) -> str:
    written = flow({name: value})
    if len(written) <= _LONGEST:
        return f"a name stands above such keys: write {written}"
    return f"a name stands above such keys: write `{name}:` above them, and indent them further than it"


def _name_of_phase(value: Any) -> str:
    """What a phase may be called: as the thing that it calls."""
    steps = value if isinstance(value, dict) else {}
    called = [str(item).replace("-", "_") for key, item in steps.items() if key in misplaced.KINDS]
    return called[0] if called and re.fullmatch(FIELD, called[0]) else "first"


def _description(data: dict[str, Any]) -> Iterator[_Whole]:
    """For the description of a pack that is indented as far as its tools."""
    tools = data.get("tools")
    if isinstance(tools, dict) and isinstance(tools.get("description"), str) and not tools.keys() & set(KINDS):
        what = "`description` is a key of the file, not a tool"
        hint = _BESIDE if "description" not in data else "remove it: one stands beside `tools:`"
        yield _Whole("unknown-key", ("tools", "description"), what, hint, (("description",),))


def _used(key: str, project: Project) -> str:
    """The name that most agents use."""
    if key == "models":
        names = [agent.spec.model for agent in project.agents.values()]
    else:
        timeouts = [agent.spec.timeout for agent in project.agents.values()]
        names = [name for name in timeouts if re.fullmatch(NAME, str(name)) and name not in BUILT_IN_TIMEOUTS]
    if not names or _USUAL[key] in names:
        return _USUAL[key]
    return Counter(sorted(names)).most_common(1)[0][0]
