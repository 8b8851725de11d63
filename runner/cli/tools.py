"""`runner tools`: the tools of the project: what they run, what they take, who may call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.cli.sheet import answer, detail, fact, fields, heading, other_answers, span, timeout
from runner.cli.tool_server import faults_of_servers, show_server
from runner.cli.tool_stats import SUBJECTS, of_tools, show_of_tool, show_stats
from runner.cli.usage import Since
from runner.errors import UsageError
from runner.runs.fleets import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project, ToolEntry
    from runner.runs.tool_calls import Subject
    from runner.tools.mcp.spec import McpServerSpec

tools = LazyGroup(
    "tools",
    {
        "ls": ("runner.cli.tools:ls", "List the tools, or what their calls came to."),
        "show": ("runner.cli.tools:show_tool", "Show a tool: what it runs and takes, its risk, who may call it."),
        "call": ("runner.cli.tool_call:call_tool", "Call a tool once and watch it."),
        "explain": ("runner.cli.explain:explain_call", "Tell what would happen with a call, and by which rule."),
    },
    help="The project's tools: what they run, what they take, who may call them.",
)
UNTRUSTED = {True: "yes: strangers may have written what it gives back", False: "no"}
HERE = "here, whatever the target of its caller"
INTERRUPTED = {"again": "done again", "ask": "a person is asked", "fail": "counts as failed"}


@click.command
@click.option("--stats", is_flag=True, help="Tell what their calls came to: counts, success, time, last error.")
@click.option("--by", type=click.Choice(SUBJECTS), help="What to count by.  [default: tool]")
@click.option("--since", type=Since(), metavar="TIME", help="A day, or how long ago: 2026-01-31, 7d, 24h.")
@click.option("--agent", metavar="NAME", help="Only the calls of this agent.")
def ls(*, stats: bool, by: Subject | None, since: float | None, agent: str | None) -> None:
    """List the tools, or what their calls came to."""
    if not stats and (by, since, agent) != (None, None, None):
        raise UsageError("--by, --since and --agent are for figures of calls", hint="add --stats")
    project = place.project()
    if stats:
        show_stats(project, by or "tool", since, agent)
        return
    if options.current().json:
        show_json(list(_about(project, *project.tools.values())))
        return
    rows = [(one.name, one.pack, one.kind, one.risk, one.spec.description) for one in project.tools.values()]
    table(("NAME", "PACK", "KIND", "RISK", "DESCRIPTION"), rows)


@click.command
@click.argument("name")
def show_tool(name: str) -> None:
    """Show a tool: what it runs and takes, its risk, who may call it and what happens then, what its calls came to."""
    project = place.project()
    entry = pick("tool", project.tools, name)
    (about,) = _about(project, entry)
    if options.current().json:
        show_json(about)
        return
    heading(about)
    fact("pack", about["pack"])
    _show_what_it_does(about, project.packs[entry.pack].server if entry.kind == "mcp" else None)
    for line in fields(about["params"]):
        fact("parameter", line)
    fact("risk", about["risk"])
    fact("untrusted", UNTRUSTED.get(about["untrusted"]))
    fact("runs on", HERE if about["targets"] is None else joined(about["targets"]) or "nothing")
    fact("unavailable", about["unavailable"] if entry.kind != "mcp" else None)  # of a server it is its state
    _show_callers(about)
    _show_ways(about)
    show_of_tool(name, about["stats"])


def _show_what_it_does(about: dict[str, Any], server: McpServerSpec | None) -> None:
    """What its kind says; of a tool of a server, also how that is."""
    if server is not None:
        show_server(about, server)
        return
    for key, value in about["does"].items():
        fact(key, value if isinstance(value, str) else as_json(value))


def _show_callers(about: dict[str, Any]) -> None:
    """Who may call it and what happens then."""
    allowed = about["agents"]
    fact("agents", "whoever lists it" if allowed is None else f"only {', '.join(allowed) or 'none'}")
    for caller in about["callers"]:
        kind = "agent" if "agent" in caller else "phase"
        detail(f"{kind} {caller[kind]}: {answer(caller)}")
        for other in other_answers(caller):
            detail(f"  {other}")


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

    places, stats = Places(project), of_tools()
    unavailable = missing(project) | (faults_of_servers() if any(one.kind == "mcp" for one in entries) else {})
    for entry in entries:
        yield {**about_tool(project, entry, places, unavailable), "stats": stats.get(entry.name)}
