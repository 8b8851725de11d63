"""Approvals whose denial changes nothing: a no goes by `next` (R4), so something has to ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.phases import ApprovalPhase
from runner.project.ways import written_ways

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
        target = targets[-1]
        what = f"a denial goes on to `{target}` all the same"
        hint = f"next: [{{when: phases.{name}.ok, to: {target}}}, {{to: fail}}]"
        yield Finding("denial-unread", entry.file, ("phases", name), what, hint, "warning", at_key=True)
