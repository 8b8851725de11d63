"""A workflow: what it is started with, its phases and edges, and the most that a run of it can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.about.bounds import bounds
from runner.project.about.steps import approvals, branches, does, edges
from runner.project.compare.plain import written
from runner.project.phases import kind_of

if TYPE_CHECKING:
    from runner.project.about.places import Places
    from runner.project.project import Project, WorkflowEntry


def about_workflow(project: Project, entry: WorkflowEntry, places: Places) -> dict[str, Any]:
    """All that the file says of a workflow, its worst case in words, and that as figures."""
    spec = entry.spec
    empty: dict[str, Any] = {"properties": {}, "required": []}
    return {
        "name": entry.name,
        "file": entry.file,
        "line": 1,
        "description": spec.description,
        "inputs": spec.inputs.schema if spec.inputs else empty,
        "workspace": spec.workspace,
        "limits": spec.limits.model_dump(),
        "permissions": written(spec.permissions),
        "triggers": written(spec.triggers),
        "alerts": written(spec.alerts),
        "phases": [
            {
                "name": name,
                "kind": kind_of(phase),
                "does": does(phase),
                "line": places.line(entry.file, ("phases", name)),
                "branches": branches(phase),
                "approvals": approvals(phase),
            }
            for name, phase in spec.phases.items()
        ],
        "edges": edges(spec.phases),
        "finally": None if spec.finally_ is None else does(spec.finally_),
        "worst_case": project.worst_cases.get(entry.name, ""),
        "bounds": bounds(project, entry.name).to_dict(),
    }
