"""What a way leads to that is no phase, and could be called by one: a workflow, an agent, a tool."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.spec import FIELD

if TYPE_CHECKING:
    from runner.project.project import Project
    from runner.spec.types import Fields


def as_phase(project: Project, name: str) -> str:
    """The hint to add a phase that calls the thing of exactly this name; nothing when there is none."""
    if name in project.agents:
        return _added(name, "an agent", f"{{agent: {name}, message: …}}")
    if name in project.workflows:
        given = _given(project.workflows[name].spec.inputs)
        return _added(name, "a workflow", f"{{workflow: {name}{given}}}")
    if name in project.tools:
        return _added(name, "a tool", f"{{tool: {name}{_given(project.tools[name].params)}}}")
    return ""


def _added(name: str, kind: str, step: str) -> str:
    phase = re.sub(r"[^a-z0-9_]", "_", name.rpartition("/")[2])
    if not re.fullmatch(FIELD, phase):
        return ""
    lead = f", and lead to `{phase}`" if phase != name else ""
    return f"`{name}` is {kind}: add a phase `{phase}: {step}`{lead}"


def _given(fields: Fields | None) -> str:
    """The values that a call has to give."""
    needed = fields.schema.get("required", ()) if fields else ()
    return f", with: {{{', '.join(f'{name}: …' for name in needed)}}}" if needed else ""
