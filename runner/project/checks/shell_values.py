"""Values in the text of a shell that stand where their quotes would not hold, on any way that leads through it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.project import ToolEntry, by_file
from runner.prompts import Choice, Gap, Loop, TemplateError, Written, template
from runner.tools.shell import Place, Refusal, ShellTool, behind, refusal, refusal_at_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.memory import Recall
    from runner.project.project import AnyEntry, Project
    from runner.prompts import Part

_MOST = 64
"""Places at once that are followed: each `if` can double them."""
_TOO_MANY = Refusal("stands behind more ways than can be followed", "write fewer `{% if %}` and `{% for %}` before it")


def check(project: Project, recall: Recall) -> Iterator[Finding]:
    """A problem for each reason that a tool's values are refused for, at the first of them."""
    for file, tools in by_file(project.tools.values()).items():
        yield from recall.result(("values in shells", file), partial(_of_tools, tools), *tools)


def _of_tools(tools: Iterable[AnyEntry]) -> tuple[Finding, ...]:
    return tuple(finding for tool in tools if isinstance(tool, ToolEntry) for finding in _of_tool(tool))


def _of_tool(tool: ToolEntry) -> Iterator[Finding]:
    if isinstance(tool.spec, ShellTool):
        refused: dict[Refusal, Gap] = {}
        with suppress(TemplateError):  # it is told with the other templates
            parts = template(tool.spec.shell).parts()
            ends = _through({Place()}, parts, refused)
            refused.update((why, next(_gaps(parts))) for why in filter(None, map(refusal_at_end, ends)))
        for why, gap in refused.items():
            what = f"`{gap.written}` {why.what}"
            loc = ("tools", tool.name, "shell")
            yield Finding("shell-value", tool.file, loc, what, why.hint, line=gap.line, near=gap.written)


def _through(places: set[Place], parts: Iterable[Part], refused: dict[Refusal, Gap]) -> set[Place]:
    """Where the shell can be behind some parts, given where it can be before them; notes what is refused."""
    for part in parts:
        match part:
            case Written(text):
                places = {place.after(text) for place in places}
            case Gap():
                found = filter(None, map(refusal, places))
                refused.update((why, part) for why in found if why not in refused)
                places = {behind(place) for place in places}
            case Choice(ways):
                places = set(chain.from_iterable([_through(places, way, refused) for way in ways]))
            case Loop(body):
                places = _around(places, body, refused)
        if len(places) > _MOST:
            places = {Place(lost=_TOO_MANY)}
    return places


def _around(places: set[Place], body: Iterable[Part], refused: dict[Refusal, Gap]) -> set[Place]:
    """Where the shell can be behind a loop, however often it is gone through."""
    seen, newer = set(places), places
    while newer and len(seen) <= _MOST:
        newer = _through(newer, body, refused) - seen
        seen |= newer
    return seen if len(seen) <= _MOST else _through({Place(lost=_TOO_MANY)}, body, refused)


def _gaps(parts: Iterable[Part]) -> Iterator[Gap]:
    """All values of a text, in the order they are written in."""
    for part in parts:
        match part:
            case Gap():
                yield part
            case Choice(ways):
                yield from chain.from_iterable(map(_gaps, ways))
            case Loop(body):
                yield from _gaps(body)
