"""Values that stand for what only a run knows, so that a prompt can be read before there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.phases import AgentBody, ForeachPhase, ParallelPhase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.phases import PhaseSpec
    from runner.project.project import Project
    from runner.project.steps import AnySpec
    from runner.project.workflows import WorkflowSpec

UNKNOWN = "(known when it runs)"


def of_run(project: Project, name: str) -> dict[str, Any]:
    """What a prompt sees of its run, as far as it is known before there is one."""
    workspace = str(project.root)
    return {"id": UNKNOWN, "name": name, "revision": project.revision, "workspace": workspace, "started_at": UNKNOWN}


def of_phases(project: Project, workflow: WorkflowSpec) -> dict[str, Any]:
    """`phases` as if each had been visited once and had gone well; a text is its own path, such as ‹plan.output›."""
    return {name: _phase(project, name, spec) for name, spec in workflow.phases.items()}


def of_item(spec: PhaseSpec) -> dict[str, Any]:
    """The item of a `foreach` under its name."""
    return {spec.foreach.as_: _text(spec.foreach.as_)} if isinstance(spec, ForeachPhase) else {}


def _phase(project: Project, name: str, spec: PhaseSpec) -> dict[str, Any]:
    record = _record(project, name, spec.body if isinstance(spec, ForeachPhase) else spec)
    if isinstance(spec, ForeachPhase):
        record = {**record, "items": [record], "output": [record["output"]]}
    elif isinstance(spec, ParallelPhase):
        record |= {branch: _record(project, f"{name}.{branch}", body) for branch, body in spec.parallel.items()}
    return {**record, "history": [record]}


def _record(project: Project, name: str, spec: AnySpec) -> dict[str, Any]:
    output = _output(project, f"{name}.output", spec)
    return {"status": "ok", "ok": True, "output": output, "error": None, "visits": 1}


def _output(project: Project, path: str, spec: AnySpec) -> Any:
    if not isinstance(spec, AgentBody):
        return {"text": _text(path)}
    fields = spec.output or project.agents[spec.agent].spec.output
    return _text(path) if fields is None else _value(fields.schema, path)


def _value(schema: Mapping[str, Any], path: str) -> Any:
    """A value that fits a schema, as far as a template can tell."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {key: _value(kind, f"{path}.{key}") for key, kind in schema.get("properties", {}).items()}
        case "array":
            return [_value(schema.get("items") or {}, path)]
        case "integer" | "number":
            return 0
        case "boolean":
            return True
    return _text(path)


def _text(path: str) -> str:
    return f"‹{path}›"
