"""Approvals whose denial changes nothing: a no goes by `next` (R4), so something has to ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.graph.ways import written_ways
from runner.project.phases import ApprovalPhase
from runner.prompts import TemplateError, expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import WorkflowEntry

_STOPS = frozenset({"fail", "error"})


def unread_denials(entry: WorkflowEntry, read: set[str]) -> Iterator[Finding]:
    """A warning for each approval that is denied in vain; `read` are the phases that templates and expressions read."""
    ways = list(written_ways(entry.spec))
    for name, phase in entry.spec.phases.items():
        targets = [way.target for way in ways if way.source == name and way.kind == "next"]
        if not isinstance(phase, ApprovalPhase) or name in read or _STOPS.issuperset(targets):
            continue
        if not _is_readable(phase):
            continue
        what = f"a denial goes on to `{targets[-1]}` all the same"
        onward = next(target for target in reversed(targets) if target not in _STOPS)
        hint = f"next: [{{when: phases.{name}.ok, to: {onward}}}, {{to: fail}}]"
        yield Finding("denial-unread", entry.file, ("phases", name), what, hint, "warning", at_key=True)


def _is_readable(phase: ApprovalPhase) -> bool:
    """Whether all conditions of its ways out are expressions: one that is none may have asked for the denial."""
    try:
        for edge in phase.next if isinstance(phase.next, tuple) else ():
            expression(edge.when or "true")
    except TemplateError:
        return False
    return True
