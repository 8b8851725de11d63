"""`runner agents`: the agents of the project, and exactly what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, show, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.models import ScriptedModel
from runner.spec import format_duration

if TYPE_CHECKING:
    from runner.project.project import AgentEntry, Project

agents = LazyGroup(
    "agents",
    {
        "ls": ("runner.cli.agents:ls", "List the agents."),
        "show": ("runner.cli.agents:show_agent", "Show an agent: model, tools, limits."),
        "render": ("runner.cli.rendering:render", "Print the exact texts an agent is given."),
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
    show(f"{entry.name}: {entry.spec.description}\n  file     {entry.file}\n  model    {_model(project, entry)}")
    show(f"  timeout  {_timeout(project, entry)}")
    limits = entry.spec.limits.model_dump(exclude_none=True)
    show("  limits   " + ", ".join(f"{limit} {value}" for limit, value in limits.items()))
    for rule in entry.spec.permissions:
        show(f"  rule     {as_json(rule.model_dump(exclude_none=True))}")
    for tool in entry.tools:
        show(f"  tool     {tool} ({project.tools[tool].risk}): {project.tools[tool].spec.description}")
    show(f"  told     `runner agents render {name}` prints its prompt")


def _model(project: Project, entry: AgentEntry) -> str:
    spec = project.settings.models[entry.spec.model]
    what = spec.replies if isinstance(spec, ScriptedModel) else spec.model
    return f"{entry.spec.model} ({spec.provider}: {what})"


def _timeout(project: Project, entry: AgentEntry) -> str:
    found = project.timeout(entry.spec.timeout)
    times = "; ".join(
        f"{what} {' to '.join(dict.fromkeys(format_duration(end) for end in bounds))}"
        for what, bounds in (("a model call", found.model), ("a tool call", found.tool))
    )
    return f"{entry.spec.timeout} ({times})"


def _about(entry: AgentEntry) -> dict[str, Any]:
    spec = entry.spec
    return {
        "name": entry.name,
        "file": entry.file,
        "description": spec.description,
        "model": spec.model,
        "timeout": spec.timeout,
        "tools": list(entry.tools),
        "permissions": [rule.model_dump(exclude_none=True) for rule in spec.permissions],
        "limits": spec.limits.model_dump(),
        "output": spec.output.schema if spec.output else None,
    }
