"""`runner workflows`: the workflows of the project, their phases, and pictures of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.cli.sheet import detail, fact, fields, figures, heading, rule
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project, WorkflowEntry

workflows = LazyGroup(
    "workflows",
    {
        "ls": ("runner.cli.workflows:ls", "List the workflows."),
        "show": ("runner.cli.workflows:show_workflow", "Show a workflow: inputs, phases, edges, worst case."),
        "graph": ("runner.cli.graph:graph", "Draw a workflow: as Mermaid, SVG or JSON."),
    },
    help="The project's workflows, their phases, and pictures of them.",
)


@click.command
def ls() -> None:
    """List the workflows."""
    project = place.project()
    entries = project.declared_workflows.values()
    if options.current().json:
        show_json(list(_about(project, *entries)))
        return
    rows = [(entry.name, ", ".join(entry.spec.phases), entry.spec.description) for entry in entries]
    table(("NAME", "PHASES", "DESCRIPTION"), rows)


@click.command
@click.argument("name")
def show_workflow(name: str) -> None:
    """Show a workflow: inputs, phases, edges, worst case."""
    project = place.project()
    (about,) = _about(project, pick("workflow", project.declared_workflows, name))
    if options.current().json:
        show_json(about)
        return
    heading(about)
    fact("worst case", about["worst_case"])
    calls = about["bounds"]["tool_calls"]
    detail("tool calls have no bound" if calls is None else f"at most {calls:,} tool call{'s' * (calls != 1)}")
    fact("limits", figures(about["limits"]))
    fact("workspace", about["workspace"])
    for one in about["permissions"]:
        fact("permission", rule(one))
    for line in fields(about["inputs"]):
        fact("input", line)
    _show_triggers(about)
    _show_phases(about)


def _show_triggers(about: dict[str, Any]) -> None:
    for one in about["triggers"]:
        given = f" with {as_json(one['inputs'])}" if "inputs" in one else ""
        fact("trigger", f"every {format_duration(one['every'])}{given}")
    for one in about["alerts"]:
        often = f" in {one['for']} runs in a row" if "for" in one else ""
        fact("alert", f"{one['name']}: {one['when']}{often}")


def _show_phases(about: dict[str, Any]) -> None:
    from runner.project.about.steps import in_words

    for phase in about["phases"]:
        fact("phase", f"{phase['name']}: {phase['does']}  ({about['file']}:{phase['line']})")
        for name, what in phase["branches"].items():
            detail(f"{name}: {what}")
        for way in about["edges"]:
            if way["from"] == phase["name"]:
                detail(in_words(way))
    fact("finally", about["finally"])


def _about(project: Project, *entries: WorkflowEntry) -> Iterator[dict[str, Any]]:
    from runner.project.about.places import Places
    from runner.project.about.workflows import about_workflow

    places = Places(project)
    for entry in entries:
        yield about_workflow(project, entry, places)
