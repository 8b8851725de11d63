"""`runner agents`: the agents of the project, and exactly what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import show, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.errors import RunnerError

if TYPE_CHECKING:
    from runner.project.project import AgentEntry, Project

agents = LazyGroup(
    "agents",
    {
        "ls": ("runner.cli.agents:ls", "List the agents."),
        "show": ("runner.cli.agents:show_agent", "Show an agent: model, tools, limits."),
        "render": ("runner.cli.agents:render", "Print the exact texts an agent is given."),
    },
    help="The project's agents, and exactly what they are told.",
)


@click.command
def ls() -> None:
    """List the agents."""
    project = place.project()
    if options.current().json:
        show_json([_about(entry) for entry in project.agents.values()])
        return
    rows = [
        (name, entry.spec.model, len(entry.tools), entry.spec.description) for name, entry in project.agents.items()
    ]
    table(("NAME", "MODEL", "TOOLS", "DESCRIPTION"), rows)


@click.command
@click.argument("name")
def show_agent(name: str) -> None:
    """Show an agent: model, tools, limits."""
    project = place.project()
    entry = pick("agent", project.agents, name)
    if options.current().json:
        show_json(_about(entry))
        return
    show(f"{entry.name}: {entry.spec.description}\n  file     {entry.file}\n  model    {entry.spec.model}")
    limits = entry.spec.limits.model_dump(exclude_none=True)
    show("  limits   " + ", ".join(f"{limit} {value}" for limit, value in limits.items()))
    for tool in entry.tools:
        show(f"  tool     {tool} ({project.tools[tool].risk}): {project.tools[tool].spec.description}")


@click.command
@click.argument("name")
@click.argument("text", required=False, default="")
def render(name: str, text: str) -> None:
    """Print the exact texts an agent is given.

    The system prompt, and the message that `runner run NAME TEXT` would give it.
    """
    from runner.project.render import render_system
    from runner.prompts import RenderError

    project = place.project()
    entry = pick("agent", project.agents, name)
    try:
        system = render_system(project, entry, entry.spec.output, _run(project, name))
    except RenderError as error:
        raise RunnerError(f"the prompt of {name} cannot be rendered: {error}") from error
    if options.current().json:
        show_json({"agent": name, "revision": project.revision, "system": system, "message": text})
        return
    show(system)
    if text:
        show(f"\n---- message ----\n{text}")


def _run(project: Project, name: str) -> dict[str, Any]:
    """What a prompt sees of its run, as far as it is known before there is one."""
    unknown = "(known when it runs)"
    workspace = str(project.root)
    return {
        "id": unknown,
        "name": name,
        "revision": project.revision,
        "workspace": workspace,
        "started_at": unknown,
    }


def _about(entry: AgentEntry) -> dict[str, Any]:
    spec = entry.spec
    return {
        "name": entry.name,
        "file": entry.file,
        "description": spec.description,
        "model": spec.model,
        "timeout": spec.timeout,
        "tools": list(entry.tools),
        "limits": spec.limits.model_dump(),
        "output": spec.output.schema if spec.output else None,
    }
