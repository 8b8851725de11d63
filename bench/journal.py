"""The journal's figures: a step against the two bare commits it needs, and 64 runs that take steps at once.

A step is an intent and a result, each waited for until it is on disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figures import Figure
from runner.runs.events import AnyEvent, ToolCalled, ToolReturned
from runner.runs.journal import Journal, RunJournal
from runner.runs.record import Record
from runner.runs.store import Store, new_run_id

STEPS = 300
RUNS = 64
STEPS_AT_ONCE = 150


class CountingStore(Store):
    """A store that counts its commits."""

    commits = 0

    def append_lines(self, lines: Sequence[tuple[AnyEvent, str]], keys: Mapping[str, str]) -> None:
        """Count, and write."""
        self.commits += 1
        super().append_lines(lines, keys)


def journal(folder: Path, *, quick: bool) -> list[Figure]:
    """The medians of some rounds; in each all is measured in turns, so that a noisy machine is noisy for all."""
    folder.mkdir()
    rounds = [measure(folder / str(number)) for number in range(3 if quick else 7)]
    bare, step, steps, rows = (statistics.median(column) for column in zip(*rounds, strict=True))
    at_once = f"{RUNS} runs at once"
    return [
        Figure("a journaled step / two bare commits", _ms(step), _ms(bare), step / bare, 2.5),
        Figure(f"steps a second, {at_once}", f"{steps:,.0f}/s", "", steps, 12_000, "at least"),
        Figure(f"rows a commit, {at_once}", f"{rows:.0f}", "", rows, 40, "at least"),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def measure(folder: Path) -> tuple[float, float, float, float]:
    """One round of everything."""
    folder.mkdir()
    bare = two_bare_commits(folder / "bare.db")
    store = CountingStore.open(folder / "store")
    try:
        step = asyncio.run(one_run(store))
        store.commits = 0
        seconds = asyncio.run(many_runs(store))
        steps = RUNS * STEPS_AT_ONCE
        return bare, step, steps / seconds, 2 * steps / store.commits
    finally:
        store.close()


def two_bare_commits(path: Path) -> float:
    """Seconds for two commits of one row each, on an open connection."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")
    text = called().model_dump_json()
    begin = time.perf_counter()
    for _ in range(2 * STEPS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows (text) VALUES (?)", (text,))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begin
    connection.close()
    return seconds / STEPS


async def one_run(store: Store) -> float:
    """Seconds for a step of the only run."""
    journal = started(store)
    begin = time.perf_counter()
    await take_steps(journal.open(new_run_id()), STEPS)
    seconds = time.perf_counter() - begin
    await journal.close()
    return seconds / STEPS


async def many_runs(store: Store) -> float:
    """Seconds for all steps of all runs at once."""
    journal = started(store)
    begin = time.perf_counter()
    await asyncio.gather(*(take_steps(journal.open(new_run_id()), STEPS_AT_ONCE) for _ in range(RUNS)))
    seconds = time.perf_counter() - begin
    await journal.close()
    return seconds


async def take_steps(run: RunJournal, steps: int) -> None:
    """Steps in series, each durable before and after."""
    for _ in range(steps):
        run.append(called())
        await run.flush()
        run.append(returned())
        await run.flush()


def called() -> ToolCalled:
    """An intent of usual size."""
    return ToolCalled(
        path="execute/1/turn-3/call-1",
        tool="read_file",
        arguments={"path": "src/shop/cart.py"},
        risk="read",
        target="local",
        cwd="/srv/shop",
        rule="permissions[0]",
    )


def returned() -> ToolReturned:
    """A result of usual size."""
    record = Record.of("ok", {"text": "def total(items): ...\n" * 5, "exit": 0, "truncated": False})
    return ToolReturned(path="execute/1/turn-3/call-1", tool="read_file", record=record, seconds=0.01)


def started(store: Store) -> Journal:
    """A journal in the running loop whose failure is loud."""
    journal = Journal(store)
    journal.start(lambda failure: print(f"the journal failed: {failure}"))
    return journal
