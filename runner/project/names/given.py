"""Values that are given to a named prompt and lack what it reads: told at the call, where the prompt itself is right.

It is right when the field stands in the `.output` of the records that it is given, or when others give it the field.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.project.names.shapes import follow
from runner.project.words import listed
from runner.prompts import ITEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.project.findings import Finding, Loc
    from runner.project.names.shapes import Fault, Schema

_MEANT = "did you mean "
_RECORD = re.compile(r"\{\{\s*(phases\.\w+(?:\.(?!items\b)\w+)?)(?:\.items)?\s*\}\}")
"""A record that is given, or the records of all items."""


class Call(NamedTuple):
    """One use of a named prompt."""

    file: str
    loc: Loc
    prompt: str
    given: Mapping[str, Any]
    passed: Mapping[str, Schema]
    """What is known of the values, where they are of more than the prompt's own types."""


class Misfit(NamedTuple):
    """A fault that a prompt has by what one call gives it."""

    finding: Finding
    """At the prompt's own text."""
    fault: Fault
    written: str
    """The path as the text has it."""
    call: Call


def told(misfits: Iterable[Misfit], calls: Iterable[Call]) -> Iterator[Finding]:
    """The findings, each where it is to be mended; those about one value are one."""
    calls = list(calls)
    at_calls: dict[tuple[str, Loc, bool], list[Misfit]] = {}
    for misfit in misfits:
        if misfit.fault.in_output or _others_give(misfit, calls):
            call, name = misfit.call, misfit.fault.given
            at_calls.setdefault((call.file, (*call.loc, "with", name), misfit.fault.in_output), []).append(misfit)
        else:
            yield misfit.finding
    for (file, loc, _), found in at_calls.items():
        yield _at_call(file, loc, sorted(found, key=lambda one: one.finding.severity))


def _others_give(misfit: Misfit, calls: Iterable[Call]) -> bool:
    """Whether another call gives the field; a misspelt one is the prompt's own fault."""
    fault = misfit.fault
    *holder, field = fault.way
    others = (call.passed.get(fault.given, {}) for call in calls if call.prompt == misfit.call.prompt)
    return not fault.hint.startswith(_MEANT) and any(
        field in follow(follow(schema, holder), ()).get("properties", ()) for schema in others
    )


def _at_call(file: str, loc: Loc, found: list[Misfit]) -> Finding:
    first = found[0]
    fields = [f"`{name}`" for name in dict.fromkeys(misfit.fault.way[-1] for misfit in found)]
    holder = "".join((first.fault.given, *(part if part == ITEM else f".{part}" for part in first.fault.way[:-1])))
    read = listed(fields).replace(" or ", " and ")
    what = f"prompt `{first.call.prompt}` reads {read} of `{holder}`, and what is given here has none"
    hint = _output_hint(first) if first.fault.in_output else first.fault.hint
    return replace(first.finding, file=file, loc=loc, what=what, hint=hint, line=None, near="")


def _output_hint(misfit: Misfit) -> str:
    """Where the field is: in the answer, beside the rest of a record."""
    field, call = misfit.fault.way[-1], misfit.call
    read = misfit.written.replace(f".{field}", f".output.{field}") if f".{field}" in misfit.written else field
    record = _RECORD.fullmatch(str(call.given[misfit.fault.given]))
    give = f"give {{{{ {record[1]}.output }}}}, or " if record else ""
    what = "each item's answer" if ITEM in misfit.fault.way else "the answer"
    return f"{what} stands in `.output`: {give}read `{read}` in {misfit.finding.file}"
