"""`runner tools`: the tools of the project: what they run, what they take, who may call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.cli.sheet import answer, detail, fact, fields, heading, span, timeout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project, ToolEntry

tools = LazyGroup(
    "tools",
    {
        "ls": ("runner.cli.tools:ls", "List the tools."),
        "show": ("runner.cli.tools:show_tool", "Show a tool: what it runs and takes, its risk, who may call it."),
        "explain": ("runner.cli.explain:explain_call", "Tell what would happen with a call, and by which rule."),
    },
    help="The project's tools: what they run, what they take, who may call them.",
)
INTERRUPTED = {"again": "done again", "ask": "a person is asked", "fail": "counts as failed"}


@click.command
def ls() -> None:
    """List the tools."""
    project = place.project()
    if options.current().json:
        show_json(list(_about(project, *project.tools.values())))
        return
    rows = [(one.name, one.pack, one.kind, one.risk, one.spec.description) for one in project.tools.values()]
    table(("NAME", "PACK", "KIND", "RISK", "DESCRIPTION"), rows)


@click.command
@click.argument("name")
def show_tool(name: str) -> None:
    """Show a tool: what it runs and takes, its risk, who may call it and what happens then."""
    project = place.project()
    (about,) = _about(project, pick("tool", project.tools, name))
    if options.current().json:
        show_json(about)
        return
    heading(about)
    fact("pack", about["pack"])
    for key, value in about["does"].items():
        fact(key, value if isinstance(value, str) else as_json(value))
    for line in fields(about["params"]):
        fact("parameter", line)
    fact("risk", about["risk"])
    fact("unavailable", about["unavailable"])
    _show_callers(about)
    _show_ways(about)


def _show_callers(about: dict[str, Any]) -> None:
    """Who may call it and what happens then."""
    allowed = about["agents"]
    fact("agents", "whoever lists it" if allowed is None else f"only {', '.join(allowed) or 'none'}")
    for caller in about["callers"]:
        kind = "agent" if "agent" in caller else "phase"
        detail(f"{kind} {caller[kind]}: {answer(caller)}")


def _show_ways(about: dict[str, Any]) -> None:
    """How long it may take, and what comes after a failure or a crash."""
    fact("timeout", timeout(about["timeout"]) or "that of the phase or agent that calls it")
    if (retry := about["retry"]) is not None:
        fact("retry", f"{retry['max']} more after {', '.join(retry['on'])}, {span(retry['delay'])} apart")
    fact("concurrency", about["concurrency"])
    fact("interrupted", INTERRUPTED[about["interrupted"]])
    fact("hint", about["hint"])
    fact("tags", ", ".join(about["tags"]))


def _about(project: Project, *entries: ToolEntry) -> Iterator[dict[str, Any]]:
    from runner.project.about.missing import missing
    from runner.project.about.places import Places
    from runner.project.about.tools import about_tool

    places, unavailable = Places(project), missing(project)
    for entry in entries:
        yield about_tool(project, entry, places, unavailable)
