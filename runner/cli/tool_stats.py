"""Figures of tool calls: the tables of `runner tools ls --stats`, and those of one tool for `tools show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from runner.cli import options, place
from runner.cli.display import moment, one_line, say, seconds, show_json, table
from runner.cli.names import pick
from runner.cli.sheet import detail, fact
from runner.runs.tool_calls import Subject, ToolFigures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.project.project import Project

SUBJECTS = get_args(Subject)
_HEADER = ("CALLS", "OK", "NO", "FAILED", "DENIED", "SUCCESS", "P50", "P95", "LAST ERROR")
_NOBODY: Mapping[Subject, str] = {"agent": "(phases)"}
"""What stands for an empty name."""


def show_stats(project: Project, by: Subject, since: float | None, agent: str | None) -> None:
    """Print what tool calls came to: of every tool, or of the agents, hosts or intents that had any."""
    with place.store() as store:
        rows = store.tool_figures(by, since or 0.0, agent=agent)
        if agent is not None and agent not in {one.key for one in store.tool_figures("agent")}:
            pick("agent", project.agents, agent)
    if by == "tool":
        rows += list(_idle(project, rows, agent))
    if options.current().json:
        show_json({"by": by, "since": since, "agent": agent, "figures": [row.plain() for row in rows]})
    elif rows:
        table((by.upper(), *_HEADER), [(row.key or _NOBODY.get(by, "-"), *_cells(row)) for row in rows])
    else:
        say(f"no {'intent' if by == 'intent' else 'tool call'} is known" + (" since then" if since else ""))


def of_tools() -> dict[str, dict[str, Any]]:
    """The figures of each tool that was called, over all runs; nothing where nothing has run yet."""
    return {row.key: row.plain() for row in _known("tool")}


def show_of_tool(name: str, figures: Mapping[str, Any] | None) -> None:
    """The facts of a tool's figures, and who called it."""
    if figures is None:
        return
    row = ToolFigures(*(figures[field] for field in ToolFigures._fields))
    fact("calls", _in_words(row))
    by = ", ".join(f"{caller.key or 'phases'} {caller.calls:,}" for caller in _known("agent", name))
    detail(f"by {by}; the last one {moment(row.last)}")
    if row.p50 is not None and row.p95 is not None:
        fact("takes", f"half within {seconds(row.p50)}, 95 of 100 within {seconds(row.p95)}")
    if row.error_at is not None:
        fact("last error", f"{moment(row.error_at)}  {one_line(row.error, 120)}")


def _known(by: Subject, tool: str | None = None) -> list[ToolFigures]:
    if not place.has_run():
        return []
    with place.store() as store:
        return store.tool_figures(by, tool=tool)


def _in_words(row: ToolFigures) -> str:
    counted = {name: getattr(row, name) for name in ("ok", "no", "failed", "denied", "cancelled", "open")}
    parts = ", ".join(f"{count:,} {name}" for name, count in counted.items() if count)
    rate = "" if row.rate is None else f"; success {row.rate:.1%}"
    return f"{row.calls:,}: {parts}{rate}"


def _idle(project: Project, rows: Iterable[ToolFigures], agent: str | None) -> Iterator[ToolFigures]:
    """The tools that were not called: of the project, or of one agent."""
    called = {row.key for row in rows}
    if agent is None:
        names: Iterable[str] = project.tools
    else:
        names = project.agents[agent].tools if agent in project.agents else ()
    return (ToolFigures(name, 0, 0, 0, 0, 0, 0, 0, None, None, "", None, None) for name in names if name not in called)


def _cells(row: ToolFigures) -> tuple[object, ...]:
    counts = (f"{count:,}" if row.calls else "-" for count in (row.calls, row.ok, row.no, row.failed, row.denied))
    rate = "-" if row.rate is None else f"{row.rate:.1%}"
    times = ("-" if value is None else seconds(value) for value in (row.p50, row.p95))
    error = "" if row.error_at is None else f"{moment(row.error_at)}  {one_line(row.error, 80)}"
    return (*counts, rate, *times, error)
