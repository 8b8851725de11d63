"""`runner approve`: what waits for a person, exactly as it would be done, and the person's answer."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.client import person
from runner.cli.commands import give
from runner.cli.consent import agrees
from runner.cli.display import as_json, moment, one_line, say, seconds, show, show_json
from runner.cli.watch.excerpt import QUOTE, WIDE, brief, fitted, is_cut, lines_of, middle, quoted, room, wrapped
from runner.cli.watch.words import SAID
from runner.errors import UsageError
from runner.runs.paths import title
from runner.spec.layout import short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.runs.rows import ApprovalRow
    from runner.runs.store import Store

_ALL = sys.maxsize
_GO_ON = "nobody works on the run: `runner runs resume {run}` or `runner up`"


@click.command
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--run", metavar="RUN", help="Decide all that wait in this run.")
@click.option("--deny", is_flag=True, help="Say no.")
@click.option("--note", default="", help="Why, for the record.")
@click.option("--show", "only_show", is_flag=True, help="Show all of what would be decided, and decide nothing.")
def approve(ids: tuple[str, ...], run: str | None, note: str, *, deny: bool, only_show: bool) -> None:
    """List what waits for a person, or decide some of it.

    Without ID the open approvals are listed. With one or several, or with --run, what is approved is shown and
    decided; the beginning of an id is enough, and on a terminal it is asked before what --run found, or what the list
    has cut, is decided. Each is decided once: where somebody else was faster it is said so, and the others count. What
    nobody decides expires after 24 hours, or the `deadline:` of an approval phase.
    """
    _check(ids, run, note, deny=deny, only_show=only_show)
    with place.store() as store:
        if not ids and run is None:
            _list(store)
            return
        rows = _wanted(store, ids, run)
        if not options.current().json:
            for row in rows:
                show_approval(store, row)
        if only_show:
            if options.current().json:
                show_json([_data(row) for row in rows])
            return
        if (run is not None or any(map(is_cut, rows))) and not _is_meant(len(rows), deny=deny):
            say("nothing was decided")
            return
        answers = [decide(store, row, "deny" if deny else "approve", note) for row in rows]
    _tell(rows, answers, deny=deny)


def _check(ids: Sequence[str], run: str | None, note: str, *, deny: bool, only_show: bool) -> None:
    """Refuse options that say different things."""
    if only_show and (deny or note):
        raise UsageError("--show decides nothing: leave --deny and --note out")
    if only_show and not ids and run is None:
        raise UsageError("--show needs an ID or --run", hint="`runner approve` lists what waits")


def _wanted(store: Store, ids: Sequence[str], run: str | None) -> list[ApprovalRow]:
    """What is to be decided, each once: all of it is found before any of it is decided."""
    kept = store.inbox.kept()
    if run is None:
        found = list({row.id: row for row in (_find(store, one) for one in ids)}.values())
        if all(row.id in kept for row in found):
            first = found[0]
            raise UsageError(f"too late: {_decided(kept[first.id])}", hint=_GO_ON.format(run=first.run))
        return found
    if ids:
        raise UsageError("give either ids or --run")
    rows = [row for row in store.approvals(run=store.find(run).id) if row.id not in kept]
    if not rows:
        raise UsageError(f"nothing of run {run} waits for a person", hint="`runner approve` lists what does")
    return rows


def _is_meant(count: int, *, deny: bool) -> bool:
    """On a terminal a person says yes to what they have just seen; a script has said it."""
    if not sys.stdin.isatty():
        return True
    return agrees(f"{'deny' if deny else 'approve'} {f'these {count}' if count > 1 else 'this'}?")


def decide(store: Store, row: ApprovalRow, decision: str, note: str) -> str | None:
    """Why a decision does not count; None when nobody works on the run, so that it is only kept; empty when it does."""
    payload = {"approval": row.id, "decision": decision, "by": person(), "note": note}
    try:
        return "" if give(store, "decide", row.run, payload) else None
    except UsageError as refusal:
        return refusal.message


def _tell(rows: Sequence[ApprovalRow], answers: Sequence[str | None], *, deny: bool) -> None:
    said = "denied" if deny else "approved"
    if options.current().json:
        told = [{**_data(row), "decided": not why, "error": why or ""} for row, why in zip(rows, answers, strict=True)]
        show_json(told)
    for row, why in zip(rows, answers, strict=True):
        name = f"{row.id}: " if len(rows) > 1 else ""
        if not why:
            say(f"{name}{said}" if why == "" else f"{name}{said}; kept; {_GO_ON.format(run=row.run)}")
        elif len(rows) > 1:
            say(f"{name}{why}", fg="red")
    refused = [why for why in answers if why]
    if refused:
        raise UsageError(refused[0] if len(rows) == 1 else f"{len(refused)} of {len(rows)} were not {said} by you")


def _list(store: Store) -> None:
    rows, kept = store.approvals(), store.inbox.kept()
    if options.current().json:
        show_json([{**_data(row), "kept": kept.get(row.id)} for row in rows])
        return
    if not rows:
        say("nothing waits for a person")
        return
    for row in rows:
        if payload := kept.get(row.id):
            show(_headline(row))
            show(f"  {_decided(payload)}, and {_GO_ON.format(run=row.run)}")
        else:
            _outline(store, row)


def _decided(payload: Mapping[str, Any]) -> str:
    return f"already {SAID[payload['decision']]} by {payload['by']}"


def _outline(store: Store, row: ApprovalRow) -> None:
    """Print an open approval so that it can be told from others and judged."""
    show(_headline(row))
    show(f"  {_whereabouts(store, row)}, expires in {seconds(row.deadline - time.time())}")
    rule = [f"asked by {middle(one_line(row.rule, _ALL), 2 * WIDE)}"] if row.rule else []
    for line in fitted([*rule, *brief(row)]):
        show(f"  {line}")


def _headline(row: ApprovalRow) -> str:
    """Which it is, and the question."""
    return "\n  ".join(fitted([f"{row.id}  {middle(one_line(row.ask, _ALL), WIDE)}"]))


def _whereabouts(store: Store, row: ApprovalRow) -> str:
    run = store.run(row.run)
    name = f" ({title(run.kind, run.name)})" if run else ""
    return f"run {row.run}{name}, step {row.path or 'the run itself'}"


def show_approval(store: Store, row: ApprovalRow, *, err: bool = False) -> None:
    """Print all that a person says yes or no to, nothing cut; what others have written stands behind a sign."""
    for line in _whole(store, row):
        show(line, err=err)


def _whole(store: Store, row: ApprovalRow) -> Iterator[str]:
    width = room()
    asked, *more = lines_of(row.ask)
    yield from _lines(asked, width, "", "")
    for line in more:
        yield from _lines(line, width)
    yield f"  {_whereabouts(store, row)}, until {moment(row.deadline)}"
    for name, words in _facts(row):
        yield from _lines(f"{name} {one_line(words, _ALL)}", width, "")
    for name, value in (row.arguments or {}).items():
        first, *others = lines_of(value if isinstance(value, str) else as_json(value))
        yield from _lines(f"{one_line(name, _ALL)}: {first}", width, "", "    ")
        for line in others:
            yield from _lines(line, width, QUOTE, "    ")
    for line in quoted(row) if row.show else []:
        yield from _lines(line.removeprefix(QUOTE), width)


def _lines(line: str, width: int, mark: str = QUOTE, indent: str = "  ") -> Iterator[str]:
    """A line, however long it is."""
    return (f"{indent}{piece}" for piece in wrapped(line, width, mark))


def _facts(row: ApprovalRow) -> Iterator[tuple[str, str]]:
    """What is known of the question, a line each; what does not apply is left out."""
    facts = {
        "id": row.id,
        "revision": short(row.revision),
        "asked by": row.rule,
        "may decide": ", ".join(row.by),
        "agent": row.agent,
        "runs on": ", ".join(row.targets),
        "folder": row.cwd,
        "variables": ", ".join(row.env),
        "tool": row.tool,
    }
    return ((name, words) for name, words in facts.items() if words)


def _find(store: Store, beginning: str) -> ApprovalRow:
    rows = store.approvals(open_only=False)
    found = [row for row in rows if row.id == beginning]
    found = found or [row for row in rows if row.id.startswith(beginning) and row.status == "open"]
    if len(found) != 1:
        count = "no open approval's id begins" if not found else f"{len(found)} open approvals' ids begin"
        raise UsageError(f"{count} with {beginning!r}", hint="`runner approve` lists the open ones")
    if found[0].status != "open":
        by = f" by {found[0].decided_by}" if found[0].decided_by else ""
        raise UsageError(f"approval {found[0].id} is no longer open: {SAID[found[0].status]}{by}")
    return found[0]


def _data(row: ApprovalRow) -> dict[str, Any]:
    return asdict(row)
