"""A tool: what it runs, what it takes, who may call it and what happens then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.about.judged import judged
from runner.project.about.uses import place, uses
from runner.project.compare.plain import written
from runner.project.targets import is_moved, places_of
from runner.tools import KINDS
from runner.tools.base import ToolSpec
from runner.tools.mcp.tool import McpTool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.about.places import Places
    from runner.project.project import Project, ToolEntry


def about_tool(project: Project, entry: ToolEntry, places: Places, unavailable: Mapping[str, str]) -> dict[str, Any]:
    """All that the files say of a tool, the defaults of its pack applied; `does` is what its kind says."""
    spec = entry.spec
    return {
        "name": entry.name,
        "pack": entry.pack,
        "kind": entry.kind,
        "file": entry.file,
        "line": places.line(entry.file, ("tools", entry.name)),
        "description": spec.description,
        "does": _does(spec),
        "params": entry.params.schema,
        "risk": entry.risk,
        "egress": spec.egress,
        "untrusted": spec.untrusted,
        "targets": list(places_of(project, entry)) if is_moved(entry) else None,
        "agents": None if entry.agents is None else sorted(entry.agents),
        "callers": list(_callers(project, entry)),
        "timeout": _timeout(project, spec),
        "retry": None if spec.retry is None else spec.retry.model_dump(),
        "concurrency": spec.concurrency,
        "interrupted": entry.interrupted,
        "tags": list(spec.tags),
        "enabled": spec.enabled,
        "hint": spec.hint,
        "unavailable": unavailable.get(f"tool {entry.name}") or unavailable.get(f"server {entry.pack}"),
    }


def _does(spec: ToolSpec) -> dict[str, Any]:
    """What its kind says, the key of the kind first; of a server how it is reached, not what its pack says of all."""
    own = {key: value for key, value in written(spec).items() if key not in ToolSpec.model_fields}
    said = {key: own[key] for key in sorted(own, key=lambda key: key not in KINDS)}
    if isinstance(spec, McpTool):
        of_all = ("only", "tools", "annotations")
        said = {
            "server": {key: value for key, value in said["server"].items() if key not in of_all},
            "mcp": spec.mcp,
            "sha256": spec.sha256,
        }
    return said


def _timeout(project: Project, spec: ToolSpec) -> dict[str, Any] | None:
    """Its own; None: that of the phase or agent that calls it."""
    if spec.timeout is None:
        return None
    return {"name": spec.timeout, "tool": list(project.timeout(spec.timeout).tool)}


def _callers(project: Project, entry: ToolEntry) -> Iterator[dict[str, Any]]:
    """Every agent that has it and every step that is it, and what happens when they call it."""
    for agent in project.agents.values():
        if entry.name in agent.tools:
            yield {"agent": agent.name, **judged(project, entry, agent)}
    for workflow, step in uses(project, "tool", entry.name):
        target = getattr(step.spec, "target", None)
        yield {"phase": f"{workflow.name}.{place(step)}", **judged(project, entry, workflow=workflow, target=target)}
