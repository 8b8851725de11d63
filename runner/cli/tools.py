"""`runner tools`: the tools of the project and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, show, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick

if TYPE_CHECKING:
    from runner.project.project import ToolEntry

tools = LazyGroup(
    "tools",
    {
        "ls": ("runner.cli.tools:ls", "List the tools."),
        "show": ("runner.cli.tools:show_tool", "Show a tool: parameters, risk, file."),
    },
    help="The project's tools and their parameters.",
)


@click.command
def ls() -> None:
    """List the tools."""
    entries = list(place.project().tools.values())
    if options.current().json:
        show_json([_about(entry) for entry in entries])
        return
    rows = [(entry.name, entry.pack, entry.kind, entry.risk, entry.spec.description) for entry in entries]
    table(("NAME", "PACK", "KIND", "RISK", "DESCRIPTION"), rows)


@click.command
@click.argument("name")
def show_tool(name: str) -> None:
    """Show a tool: parameters, risk, file."""
    entry = pick("tool", place.project().tools, name)
    about = _about(entry)
    if options.current().json:
        show_json(about)
        return
    show(f"{entry.name}: {entry.spec.description}")
    for key in ("pack", "file", "kind", "risk", "interrupted"):
        show(f"  {key.ljust(11)}  {about[key]}")
    for parameter, schema in entry.params.schema["properties"].items():
        needed = " (must be given)" if parameter in entry.params.schema["required"] else ""
        show(f"  {'parameter'.ljust(11)}  {parameter}{needed}: {as_json(schema)}")


def _about(entry: ToolEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "pack": entry.pack,
        "kind": entry.kind,
        "risk": entry.risk,
        "description": entry.spec.description,
        "params": entry.params.schema,
        "file": entry.file,
        "interrupted": entry.interrupted,
        "agents": None if entry.agents is None else sorted(entry.agents),
    }
