"""What a template sees where it stands, and what is wrong with the paths that it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.project.names import moved
from runner.project.names.shapes import OPEN, TEXT, Fault, Schema, closed, follow, walk
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from runner.project.names.given import Call
    from runner.project.names.reads import PhaseReads
    from runner.prompts import NamePath
    from runner.spec.types import Fields

RUN = closed(dict.fromkeys(("id", "name", "revision", "workspace", "started_at"), TEXT))
"""What a template sees of its run."""
TOOLS: Schema = {"type": "array", "items": closed({"name": TEXT, "description": TEXT})}
AGENT = closed({"name": TEXT, "description": TEXT, "model": TEXT, "tools": TOOLS, "output": OPEN})
"""What an agent's prompt sees of the agent."""
_ELSEWHERE = frozenset({"agent", "inputs", "phases", "result", "run"})
"""Names that other places know: whoever writes one means no text."""
_HINTS = {
    **dict.fromkeys(("null", "nil", "NULL", "Null", "undefined"), "write `none`"),
    **dict.fromkeys(("TRUE", "yes"), "write `true`"),
    **dict.fromkeys(("FALSE", "no"), "write `false`"),
    **dict.fromkeys(
        ("else", "otherwise", "default"), "leave `when` out: the last entry without one is taken otherwise"
    ),
    **dict.fromkeys(("steps", "step", "nodes", "tasks", "jobs"), "what a phase left is `phases.NAME.output`"),
    **dict.fromkeys(("previous", "prev", "last", "needs", "output"), "what a phase left is `phases.NAME.output`"),
    **dict.fromkeys(("env", "secrets", "environ"), "a template sees no environment and no secrets; declare an input"),
    **dict.fromkeys(("vars", "var", "params", "args", "variables"), "what a run is started with is `inputs.NAME`"),
    **dict.fromkeys(("context", "ctx", "state", "data", "trigger"), "what a run is started with is `inputs.NAME`"),
    **dict.fromkeys(("now", "today", "date", "timestamp"), "the time that the run began is `run.started_at`"),
    "workflow": "what is known of the run is in `run`",
}
"""What names that others give are written as in a workflow."""
_ITEM = ("item", "it", "each", "element")
"""What an item is called where nobody gave it a name."""
_GIVEN = ("inputs", "input", "with", "params", "args", "vars", "prompt")
"""What others write before the name of a value that a prompt is given."""
TESTED_FIELDS = frozenset({"status", "ok", "visits"})
"""Fields of a phase that are asked to know whether it has run."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a template sees, each with what is known of its value."""

    names: Mapping[str, Schema]
    phases: PhaseReads | None = None
    tested: frozenset[str] = frozenset()
    """Phases that the step's own `when` has asked about."""
    own: Mapping[str, Schema] | None = None
    """The inputs of a named prompt: only they are of one type wherever it is used."""
    call: Call | None = None
    """The use of a named prompt whose text this is."""
    user: str = ""
    """Who uses the text, when that is said nowhere near it."""

    def faults(self, paths: Iterable[NamePath], *, is_bare: bool = False) -> Iterator[tuple[NamePath, Fault]]:
        """What is wrong with each path, the same thing once; in a bare expression a name may be meant as a text."""
        paths = tuple(paths)
        tested = self.tested if self.phases is None else self.tested | tested_phases(paths)
        asked = {path.parts for path in paths if path.guarded}
        seen: set[str] = set()
        for path in sorted(paths, key=lambda path: path.conditional):  # one that is always read says more
            passed = self._passed(path, asked) if self.call else ()
            for fault in (*self._check(path, tested, is_bare=is_bare), *passed):
                if fault.what not in seen:
                    seen.add(fault.what)
                    yield path, fault

    def known(self, parts: tuple[str, ...]) -> Schema:
        """What is known of the value that a path leads to."""
        if self.own is not None:
            return follow(self.own.get(parts[0], OPEN), parts[1:])
        if parts[0] == "phases" and self.phases is not None:
            return self.phases.known(parts)
        return follow(self.names.get(parts[0], OPEN), parts[1:])

    def _check(self, path: NamePath, tested: frozenset[str], *, is_bare: bool) -> Iterator[Fault]:
        name = path.parts[0]
        if name not in self.names:
            hint = self._in_a_prompt(path.parts) or self._hint(name, is_bare=is_bare)
            yield self._item_of_a_loop(name, is_bare=is_bare) or Fault(
                "unknown-name", f"`{name}` is not known here", hint
            )
        elif name == "phases" and self.phases is not None:
            yield from self.phases.check(path, tested)
        elif fault := walk(self.names[name], name, path.parts[1:]):
            has_none = name == "inputs" and not self.names[name].get("properties")
            hint = f"this workflow has no inputs: add `inputs: {{{path.parts[1]}: str}}`" if has_none else fault.hint
            yield replace(fault, hint=self._in_a_prompt(path.parts) or hint)

    def _passed(self, path: NamePath, asked: Collection[tuple[str, ...]]) -> Iterator[Fault]:
        """What is wrong with a path into a value of any type, by what is passed here; not where it is asked for."""
        name, passed = path.parts[0], self.call.passed if self.call else {}
        if name in passed and not any(path.parts[:length] in asked for length in range(len(path.parts) + 1)):
            fault = None if walk(self.names[name], name, path.parts[1:]) else walk(passed[name], name, path.parts[1:])
            if fault is not None:
                yield replace(fault, is_warning=path.conditional, given=name)

    def _item_of_a_loop(self, name: str, *, is_bare: bool) -> Fault | None:
        """The fault of a name that only another phase has; a named prompt knows no phases but by its own words."""
        is_meant = any(name in self.names.get(owner, OPEN).get("properties", ()) for owner in ("inputs", "phases"))
        if self.phases is None or self.own is not None or is_meant or (name in _ITEM and self._items()):
            return None
        return moved.item(name, self.phases, is_bare=is_bare)

    def _in_a_prompt(self, parts: tuple[str, ...]) -> str:
        """The hint for what the prompt of an agent, or a named one, cannot read in this way; nothing for others."""
        name, declared = parts[0], self.own or {}
        if parts[1:] and name in _GIVEN and parts[1] in declared:
            return f"what is given by `with` stands bare here: write {'.'.join(parts[1:])}"
        if self.call is not None and name in self.call.given and not did_you_mean(name, self.names):
            return f"it is given by `with`: declare it in this file, as `inputs: {{{name}: str}}`"
        if name in ("inputs", "phases") and "agent" in self.names:
            return f"an agent's prompt knows no run's {name}: tell it in the phase's `message`"
        return ""

    def _items(self) -> list[str]:
        """The names of items that are known here."""
        return [known for known in self.names if known not in _ELSEWHERE]

    def _hint(self, name: str, *, is_bare: bool) -> str:
        if name in _HINTS and "inputs" in self.names:
            return _HINTS[name]
        items = self._items()
        if name in _ITEM and items and self.own is None:
            return f"the item is called `{items[0]}` here"
        for owner in ("inputs", "phases"):
            if name in self.names.get(owner, OPEN).get("properties", ()):
                return f"write `{owner}.{name}`"
        known = f"known here: {', '.join(sorted(self.names)) or 'nothing'}"
        is_word = is_bare and name not in _ELSEWHERE
        return did_you_mean(name, self.names) or known + (f"; for the text itself write '{name}'" if is_word else "")


def tested_phases(paths: Iterable[NamePath]) -> frozenset[str]:
    """The phases that these paths ask whether they have run."""
    return frozenset(
        path.parts[1] for path in paths if path.parts[0] == "phases" and TESTED_FIELDS.intersection(path.parts[2:4])
    )


def phases_read(paths: Iterable[NamePath], scope: Scope) -> frozenset[str]:
    """The phases that these paths read; `phases` without the name of one may be any of them."""
    read = [path.parts[1:2] for path in paths if path.parts[0] == "phases"]
    every = scope.names.get("phases", OPEN).get("properties", ())
    return frozenset(name for parts in read for name in (parts if set(parts) & {*every} else every))


def inputs_read(paths: Iterable[NamePath] | None, scope: Scope) -> frozenset[str]:
    """The inputs that these paths read; without paths, or by a name that is none of them, it may be any."""
    known = frozenset(scope.names.get("inputs", OPEN).get("properties", ()))
    if paths is None:
        return known
    asked = [path.parts[1] if path.parts[0] == "inputs" and path.parts[1:] else path.parts[0] for path in paths]
    read = [path.parts[0] == "inputs" for path in paths]
    if any(is_input and name not in known for name, is_input in zip(asked, read, strict=True)):
        return known
    return known.intersection(asked)


def shape_of(fields: Fields | None) -> Schema:
    """What is known of a mapping with these fields."""
    return closed({name: kind.schema for name, kind in fields.types.items()} if fields else {})
