"""`runner models usage`: what model calls took, in tokens and money."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

import click

from runner.cli import options, place
from runner.cli.display import money, say, show_json, table
from runner.runs.model_calls import Grouping, UsageRow
from runner.spec import parse_duration
from runner.spec.layout import short

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUMMED = UsageRow._fields[2:]


class Since(click.ParamType[float]):
    """A point in time: a day, a moment, or how long ago; seconds since the epoch."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it, in the time zone of this machine."""
        try:
            return time.time() - parse_duration(value)
        except ValueError:
            pass
        try:
            return datetime.fromisoformat(value).astimezone().timestamp()
        except ValueError:
            self.fail(f"{value!r} is no time; write a day such as 2026-01-31, or how long ago, such as 7d", param, ctx)


@click.command
@click.option("--by", type=click.Choice(get_args(Grouping)), default="model", show_default=True, help="What to sum up.")
@click.option(
    "--since", type=Since(), default=None, metavar="TIME", help="A day, or how long ago: 2026-01-31, 7d, 24h."
)
def usage(by: Grouping, since: float | None) -> None:
    """Sum up what model calls took: runs, attempts, tokens, US dollars. Failed attempts count, replays do not."""
    with place.store() as store:
        rows = store.usage(by, since or 0.0)
        runs = store.runs_with_calls(since or 0.0)
    total = UsageRow("total", runs, *(sum(getattr(row, name) for row in rows) for name in _SUMMED))
    if options.current().json:
        show_json({"by": by, "since": since, "usage": [row._asdict() for row in rows], "total": total._asdict()})
    elif not rows:
        say("no model was asked" + (" since then" if since else " yet"))
    else:
        _print(by, [*rows, *([total] if len(rows) > 1 else [])])


def _print(by: Grouping, rows: Sequence[UsageRow]) -> None:
    header = (by.upper(), "RUNS", "CALLS", "FAILED", "TOKENS IN", "FROM CACHE", "TOKENS OUT", "COST")
    table(header, [(short(row.key) if by == "revision" else row.key or "-", *_cells(row)) for row in rows])


def _cells(row: UsageRow) -> tuple[object, ...]:
    tokens = (f"{count:,}" for count in (row.input, row.cached, row.output))
    return (row.runs, row.calls, row.failed, *tokens, money(row.cost_micros, row.unpriced))
