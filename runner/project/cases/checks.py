"""What a case names has to be there: the run, its inputs, the tools and phases that are expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.findings import Finding
from runner.spec.types import Mismatch
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.cases.fields import Case
    from runner.project.findings import Loc
    from runner.project.project import Project, WorkflowEntry


def check(case: Case, project: Project, file: str, loc: Loc) -> Iterator[Finding]:
    """All that is wrong with a case at `loc` of a file."""
    entry = project.workflows.get(case.run)
    if entry is None:
        yield _unknown("agent or workflow", case.run, project.workflows, file, (*loc, "run"))
        return
    yield from _check_inputs(case, entry, file, loc)
    at = (*loc, "expect")
    for index, call in enumerate(case.expect.calls):
        if call.tool not in project.tools:
            yield _unknown("tool", call.tool, project.tools, file, (*at, "calls", index, "tool"))
    for index, tool in enumerate(case.expect.not_calls):
        if tool not in project.tools:
            yield _unknown("tool", tool, project.tools, file, (*at, "not_calls", index))
    for index, phase in enumerate(case.expect.phases or ()):
        if phase not in entry.spec.phases:
            yield _unknown("phase", phase, entry.spec.phases, file, (*at, "phases", index))


def inputs_of(case: Case, entry: WorkflowEntry) -> dict[str, Any]:
    """The inputs of the run, `text` among them under the name that it is for."""
    given = dict(case.inputs)
    names = entry.spec.inputs.for_text if entry.spec.inputs else []
    if case.text is not None and len(names) == 1:
        given.setdefault(names[0], case.text)
    return given


def _check_inputs(case: Case, entry: WorkflowEntry, file: str, loc: Loc) -> Iterator[Finding]:
    fields = entry.spec.inputs
    names = fields.for_text if fields else []
    known = ", ".join(fields.types if fields else ()) or "none"
    if case.text is not None and len(names) != 1:
        what = f"{entry.name} has no input that `text` could be for"
        yield Finding("unknown-argument", file, (*loc, "text"), what, f"its inputs: {known}; use `inputs`", at_key=True)
        return
    if case.text is not None and names[0] in case.inputs:
        what = f"{names[0]} is given twice: as `text` and among `inputs`"
        yield Finding("wrong-argument", file, (*loc, "text"), what, at_key=True)
    if fields is None:
        if case.inputs:
            yield Finding("unknown-argument", file, (*loc, "inputs"), f"{entry.name} takes no inputs", at_key=True)
        return
    try:
        fields.check(inputs_of(case, entry))
    except Mismatch as mismatch:
        place = (*loc, "inputs", *mismatch.at) if "inputs" in case.model_fields_set else loc
        is_name = bool(mismatch.at) and mismatch.at[0] not in fields.types
        what = f"inputs of {entry.name}: {mismatch}"
        yield Finding("wrong-argument", file, place, what, f"its inputs: {known}", at_key=is_name)


def _unknown(kind: str, name: str, known: Iterable[str], file: str, loc: Loc) -> Finding:
    names = list(known)
    hint = did_you_mean(name, names) or f"there are: {', '.join(names) or 'none'}"
    return Finding(f"unknown-{kind.rpartition(' ')[2]}", file, loc, f"there is no {kind} `{name}`", hint)
