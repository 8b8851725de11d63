"""A comparison for a terminal: power first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.cli.review.lines import Line, mark, unified, value, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.compare import Change, Comparison, FileChange, GraphChange, TextChange

EFFECTS = {"gained": "can do more", "lost": "can do less", "changed": "can do something else"}
KINDS = {"system": "system prompt of", "message": "message of", "template": "template of"}
STATUS = {"added": "+", "removed": "-", "changed": "~"}


def print_comparison(comparison: Comparison) -> None:
    """Print all that differs."""
    for title, lines in sections(comparison):
        click.secho(title, bold=True)
        for line in lines:
            line.print()


def sections(comparison: Comparison) -> Iterator[tuple[str, list[Line]]]:
    """Title and lines of each part that is not empty."""
    for effect, words in EFFECTS.items():
        found = [change for change in comparison.capabilities if change.effect == effect]
        if found:
            yield f"{effect}: {words} ({len(found)})", list(_changes(found))
    if comparison.prompts:
        yield f"prompts ({len(comparison.prompts)})", [line for text in comparison.prompts for line in _text(text)]
    if comparison.graphs:
        yield f"workflows ({len(comparison.graphs)})", [line for graph in comparison.graphs for line in _graph(graph)]
    if comparison.others:
        yield f"other words and settings ({len(comparison.others)})", list(_changes(comparison.others))
    if comparison.files:
        yield f"files ({len(comparison.files)})", files(comparison.files)


def files(changes: Iterable[FileChange]) -> list[Line]:
    """A line for each file."""
    return [Line(f"{STATUS[file.status]} {value(file.name)}") for file in changes]


def _changes(changes: Iterable[Change], depth: int = 0) -> Iterator[Line]:
    for change in changes:
        first, *more = values(change)
        sign, key = mark(change.old, change.new), f" {value(change.key)}" if change.key else ""
        if more:
            yield Line(f"{sign} {value(change.where)}{key}", depth)
            yield from (Line(line, depth + 2, plain=sign != "~") for line in (first, *more))
        else:
            yield Line(f"{sign} {value(change.where)}{key}: {first}", depth)


def _text(text: TextChange) -> Iterator[Line]:
    yield Line(f"{KINDS[text.kind]} {value(', '.join(text.users))}", plain=True)
    yield from (Line(line, 2) for line in unified(text.old, text.new))


def _graph(graph: GraphChange) -> Iterator[Line]:
    if graph.changes:
        yield Line(f"{STATUS[graph.status]} {value(graph.workflow)}")
        yield from _changes(graph.changes, 2)
    before, after = (value(case) if case else "none" for case in graph.worst_case)
    if before != after:
        yield Line(f"worst case of {value(graph.workflow)}: {before} → {after}", plain=True)
