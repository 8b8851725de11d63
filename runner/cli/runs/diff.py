"""`runner runs diff`: what two runs did otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, bounded, cut, left_out, money, say, seconds, show, show_json
from runner.cli.review.lines import Line, mark, unified, value
from runner.runs.compare import compare
from runner.spec.layout import with_commit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.runs.compare import Difference, RunComparison
    from runner.runs.doings import Visit

MOST = 40
"""Lines of each part, unless all are wanted."""
LONG = 200
"""Characters of a value that is shown line by line."""
TITLES = {
    "outcome": "outcome",
    "start": "start",
    "files": "files",
    "prompts": "prompts",
    "phases": "phases",
    "models": "model calls",
    "calls": "tool calls",
    "approvals": "approvals",
}


@click.command
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--full", is_flag=True, help="Show every line of what differs.")
def diff(first: str, second: str, *, full: bool) -> None:
    """Compare two runs: files, inputs, prompts, phases, calls, outcome, tokens and time.

    Steps are paired by their path; ids, times and tokens never make two runs different.
    """
    with place.store() as store:
        rows = [store.find(run) for run in (first, second)]
        files = [store.revisions.files(row.revision) for row in rows]
        old, new = (store.events(row.id) for row in rows)
    known = (files[0], files[1]) if files[0] is not None and files[1] is not None else None
    compared = compare(old, new, known)
    if options.current().json:
        show_json(compared.to_dict())
        return
    if known is None:
        say("the files of both revisions are not kept any more, and are left out")
    _print(compared, None if full else MOST)


def _print(compared: RunComparison, most: int | None) -> None:
    say(f"{compared.runs[0]} → {compared.runs[1]}")
    revisions = [_revision(compared, side) for side in (0, 1)]
    if compared.is_empty:
        show(f"the same: {revisions[0]}, {_figures(compared)}")
        return
    show(f"revision: {' → '.join(revisions) if revisions[0] != revisions[1] else revisions[0]}")
    for name, title in TITLES.items():
        found = compared.differences[name]
        if found:
            click.secho(f"{title} ({len(found)})", bold=True)
            _print_part(name, found, most)
    _print_visits(compared, most)
    show(_figures(compared))


def _revision(compared: RunComparison, side: int) -> str:
    return with_commit(compared.revisions[side], compared.commits[side], dirty=compared.dirty[side])


def _print_part(name: str, found: tuple[Difference, ...], most: int | None) -> None:
    lines = [line for one in found for line in _lines(one, most if name in ("files", "prompts") else None)]
    for line in lines[:most]:
        line.print()
    if most is not None and len(lines) > most:
        Line(f"{left_out(len(lines) - most, 'line')}: --full shows all", plain=True).print()


def _lines(one: Difference, most: int | None) -> Iterator[Line]:
    old, new = one.old, one.new
    subject = " ".join(filter(None, (value(one.path), one.what if one.what != "content" else "")))
    if _is_long(old) or _is_long(new):
        yield Line(f"{mark(old, new)} {subject}")
        before, after = ("" if data is None else _laid_out(data) for data in (old, new))
        lines = unified(before, after)
        shown = lines if most is None else [cut(line, LONG) for line in bounded(lines, most)]
        yield from (Line(line, 2) for line in shown)
    elif old is None or new is None:
        yield Line(f"{mark(old, new)} {subject}: {value(old if new is None else new)}")
    else:
        yield Line(f"~ {subject}")
        yield from (Line(line, 2) for line in (f"- {value(old)}", f"+ {value(new)}"))


def _is_long(data: Any) -> bool:
    return (isinstance(data, str) and "\n" in data) or len(value(data)) > LONG


def _laid_out(data: Any) -> str:
    """A long value as text of many lines, of which only those that differ are shown."""
    return data if isinstance(data, str) else as_json(data, indent=2)


def _print_visits(compared: RunComparison, most: int | None) -> None:
    """Every visit of both, side by side."""
    click.secho("visits", bold=True)
    visits = list(compared.visits.items())
    for path, (old, new) in visits[:most]:
        same = bool(old and new and old.status == new.status)
        Line(f"{' ' if same else mark(old, new)} {value(path)}: {_visit(old)} → {_visit(new)}").print()
    if most is not None and len(visits) > most:
        Line(f"{left_out(len(visits) - most, 'visit')}: --full shows all", plain=True).print()


def _visit(visit: Visit | None) -> str:
    return "none" if visit is None else f"{visit.status} {seconds(visit.took)}"


def _figures(compared: RunComparison) -> str:
    shown = {name: [_figure(name, amount) for amount in pair] for name, pair in compared.figures.items()}
    return ", ".join(
        f"{name.removesuffix('_micros').replace('_', ' ')} {' → '.join(dict.fromkeys(pair))}"
        for name, pair in shown.items()
    )


def _figure(name: str, amount: float) -> str:
    if name == "cost_micros":
        return money(int(amount))
    return seconds(amount) if name in ("work", "waited") else f"{amount:,.0f}"
