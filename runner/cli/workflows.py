"""`runner workflows`: the workflows of the project and their phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, show, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick

if TYPE_CHECKING:
    from runner.project.project import Project, WorkflowEntry

workflows = LazyGroup(
    "workflows",
    {
        "ls": ("runner.cli.workflows:ls", "List the workflows."),
        "show": ("runner.cli.workflows:show_workflow", "Show a workflow: inputs, phases, edges, worst case."),
    },
    help="The project's workflows and their phases.",
)


@click.command
def ls() -> None:
    """List the workflows."""
    project = place.project()
    entries = [entry for entry in project.workflows.values() if not entry.agent]
    if options.current().json:
        show_json([_about(project, entry) for entry in entries])
        return
    rows = [(entry.name, ", ".join(entry.spec.phases), entry.spec.description) for entry in entries]
    table(("NAME", "PHASES", "DESCRIPTION"), rows)


@click.command
@click.argument("name")
def show_workflow(name: str) -> None:
    """Show a workflow: inputs, phases, edges, worst case."""
    project = place.project()
    entry = pick("workflow", {key: one for key, one in project.workflows.items() if not one.agent}, name)
    about = _about(project, entry)
    if options.current().json:
        show_json(about)
        return
    show(f"{entry.name}: {entry.spec.description}\n  file        {entry.file}\n  worst case  {about['worst_case']}")
    for field, schema in about["inputs"]["properties"].items():
        needed = " (must be given)" if field in about["inputs"]["required"] else ""
        show(f"  input       {field}{needed}: {as_json(schema)}")
    _show_phases(entry, about["edges"])


def _show_phases(entry: WorkflowEntry, ways: list[dict[str, Any]]) -> None:
    from runner.cli.ways import branches, does, in_words

    for phase, spec in entry.spec.phases.items():
        show(f"  phase       {phase}: {does(spec)}")
        for name, what in branches(spec).items():
            show(f"                {name}: {what}")
        for way in ways:
            if way["from"] == phase:
                show(f"                {in_words(way)}")
    if entry.spec.finally_ is not None:
        show(f"  finally     {does(entry.spec.finally_)}")


def _about(project: Project, entry: WorkflowEntry) -> dict[str, Any]:
    from runner.cli.ways import edges
    from runner.project.phases import kind_of

    empty: dict[str, Any] = {"properties": {}, "required": []}
    return {
        "name": entry.name,
        "file": entry.file,
        "description": entry.spec.description,
        "inputs": entry.spec.inputs.schema if entry.spec.inputs else empty,
        "phases": {name: kind_of(spec) for name, spec in entry.spec.phases.items()},
        "edges": edges(entry.spec.phases),
        "worst_case": project.worst_cases.get(entry.name, ""),
    }
