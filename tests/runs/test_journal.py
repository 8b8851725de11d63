"""The journal's writer: durable in order, shared commits, a fence for each run, and never a silent death."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from runner.errors import FenceLost, KeyTaken, StoreError
from runner.runs.events import AnyEvent, RunClaimed, RunQueued, RunStarted
from runner.runs.journal import CRASH_AT, Journal
from runner.runs.store import Store

Show = Callable[[Journal], Awaitable[None]]


def show(store: Store, what: Show) -> list[BaseException]:
    """Let a journal of this store be used in a loop; the answer is what it reported as its own failure."""
    failures: list[BaseException] = []

    async def run() -> None:
        journal = Journal(store, clock=lambda: 77.0)
        journal.start(failures.append)
        await what(journal)
        await journal.close()

    asyncio.run(run())
    return failures


def types(store: Store, run: str) -> list[str]:
    """What a second connection sees of a run."""
    reader = Store.open(store.folder)
    try:
        return [event.type for event in reader.events(run)]
    finally:
        reader.close()


class CountingStore(Store):
    """A store that counts the rows of each commit."""

    def append_lines(self, lines: Sequence[tuple[AnyEvent, str]], keys: Mapping[str, str]) -> None:
        """Count, and write."""
        self.counts = [*getattr(self, "counts", []), len(lines)]
        super().append_lines(lines, keys)


def test_an_event_is_numbered_and_timed_as_it_is_appended(store: Store, queued: RunQueued) -> None:
    """And comes back as it will be read; one that was used before is copied."""

    async def what(journal: Journal) -> None:
        run, other = journal.open("r"), journal.open("s", last_seq=4)
        first, second = run.append(queued), run.append(RunStarted())
        again = other.append(second)
        assert [(event.run, event.seq, event.time) for event in (first, second, again)] == [
            ("r", 0, 77.0),
            ("r", 1, 77.0),
            ("s", 5, 77.0),
        ]
        assert (run.last_seq, other.last_seq) == (1, 5)
        await asyncio.gather(run.flush(), other.flush())
        assert store.events("r") == [first, second]
        assert store.events("s") == [again]

    assert show(store, what) == []


def test_flush_returns_only_when_the_events_are_on_disk(store: Store, queued: RunQueued) -> None:
    """Another connection sees them; without a flush nothing is there yet."""

    async def what(journal: Journal) -> None:
        run = journal.open("r")
        await run.flush()
        run.append(queued)
        assert types(store, "r") == []
        await run.flush()
        assert types(store, "r") == ["run.queued"]
        run.append(RunStarted())
        await run.flush()
        assert types(store, "r") == ["run.queued", "run.started"]

    show(store, what)


def test_events_nobody_waits_for_reach_the_disk_by_themselves(store: Store, queued: RunQueued) -> None:
    """Readers hear of them then."""

    async def what(journal: Journal) -> None:
        subscription = journal.live.subscribe("r")
        event = journal.open("r").append(queued)
        assert await anext(subscription) == event
        assert types(store, "r") == ["run.queued"]

    show(store, what)


def test_readers_hear_of_events_in_order_and_after_the_disk(store: Store) -> None:
    """Nobody is told of what a crash could still undo."""

    async def what(journal: Journal) -> None:
        subscription, run = journal.live.subscribe(None), journal.open("r")
        appended = [run.append(RunStarted()) for _ in range(5)]
        assert store.events("r") == []
        for event in appended:
            assert await anext(subscription) == event
            assert event in store.events("r")

    show(store, what)


def test_many_runs_share_their_commits(tmp_path: Path) -> None:
    """All that is flushed in one turn of the loop is one commit."""
    store = CountingStore.open(tmp_path)

    async def steps(journal: Journal, run: str) -> None:
        mine = journal.open(run)
        for _ in range(5):
            mine.append(RunStarted())
            await mine.flush()

    async def what(journal: Journal) -> None:
        await asyncio.gather(*(steps(journal, f"run-{n}") for n in range(40)))

    show(store, what)
    assert sum(store.counts) == 200
    assert len(store.counts) <= 10
    store.close()


def test_closing_writes_what_was_accepted_and_takes_no_more(store: Store, queued: RunQueued) -> None:
    """A flush that was given up does no harm."""

    async def what(journal: Journal) -> None:
        run = journal.open("r")
        run.append(queued)
        flush = asyncio.create_task(run.flush())
        await asyncio.sleep(0)
        flush.cancel()
        run.append(RunStarted())
        closing = asyncio.create_task(journal.close())
        await asyncio.sleep(0)
        with pytest.raises(StoreError, match="the journal is closed"):
            run.append(RunStarted())
        await closing
        assert types(store, "r") == ["run.queued", "run.started"]

    show(store, what)


def test_whoever_takes_a_run_over_stops_its_former_owner(store: Store, queued: RunQueued) -> None:
    """The next append collides; nothing the former owner queued behind it is written."""

    async def what(old: Journal) -> None:
        failures: list[BaseException] = []
        second = Store.open(store.folder)
        new = Journal(second)
        new.start(failures.append)
        mine, theirs = old.open("r"), new.open("r", last_seq=0)
        mine.append(queued)
        await mine.flush()
        theirs.append(RunClaimed(owner="new", why="resume"))
        await theirs.flush()
        mine.append(RunStarted())
        mine.append(RunStarted())
        with pytest.raises(FenceLost, match="another owner has taken over run r"):
            await mine.flush()
        with pytest.raises(FenceLost):
            mine.append(RunStarted())
        await new.close()
        second.close()
        assert failures == []

    assert show(store, what) == []
    assert types(store, "r") == ["run.queued", "run.claimed"]


def test_only_the_run_that_collides_loses_its_fence(store: Store, queued: RunQueued) -> None:
    """Others in the same batch are written and go on; readers hear nothing of what was not written."""
    taken = queued.model_copy(update={"run": "b", "seq": 0})
    store.append([taken])

    async def what(journal: Journal) -> None:
        subscription = journal.live.subscribe("b")
        runs = {name: journal.open(name) for name in "abc"}
        for run in runs.values():
            run.append(queued.model_copy())
        outcome = await asyncio.gather(*(run.flush() for run in runs.values()), return_exceptions=True)
        assert [type(one) for one in outcome] == [type(None), FenceLost, type(None)]
        runs["a"].append(RunStarted())
        await runs["a"].flush()
        subscription.close()
        assert [item async for item in subscription] == []

    assert show(store, what) == []
    assert types(store, "a") == ["run.queued", "run.started"]
    assert store.events("b") == [taken]
    assert types(store, "c") == ["run.queued"]


def test_two_requests_with_one_key_begin_one_run(store: Store, queued: RunQueued) -> None:
    """Even in the same commit; the second learns the run of the first."""

    async def what(journal: Journal) -> None:
        first, second = journal.open("first"), journal.open("second")
        first.append(queued, key="k")
        second.append(queued, key="k")
        await first.flush()
        with pytest.raises(KeyTaken) as caught:
            await second.flush()
        assert caught.value.run == "first"

    assert show(store, what) == []
    assert store.run_of_key("k") == "first"
    assert store.run("second") is None


def test_text_that_is_no_unicode_is_mended(store: Store, queued: RunQueued) -> None:
    """JSON may bring half a surrogate pair; the journal is not to fail of it."""

    async def what(journal: Journal) -> None:
        run = journal.open("r")
        event = run.append(queued.model_copy(update={"inputs": {"request": "é \ud800"}}))
        await run.flush()
        assert event.inputs == {"request": "é ?"}
        assert store.events("r") == [event]

    assert show(store, what) == []


def test_a_removed_database_ends_the_writer_loudly(store: Store, queued: RunQueued) -> None:
    """All who wait are told, nothing more is accepted, and whoever started it hears why, once."""
    failures: list[BaseException] = []

    async def run() -> None:
        journal = Journal(store)
        journal.start(failures.append)
        runs = [journal.open(f"r{n}") for n in range(3)]
        (store.folder / "runner.db").unlink()
        for one in runs:
            one.append(queued.model_copy())
        outcome = await asyncio.gather(*(one.flush() for one in runs), return_exceptions=True)
        assert [type(one) for one in outcome] == [StoreError] * 3
        with pytest.raises(StoreError, match="was removed or replaced"):
            runs[0].append(RunStarted())
        await journal.close()

    asyncio.run(run())
    assert ["was removed or replaced while in use" in str(failure) for failure in failures] == [True]


def test_a_closed_store_ends_the_writer_loudly(store: Store, queued: RunQueued) -> None:
    """Also those are told whose events were still to be sent."""
    failures: list[BaseException] = []

    async def run() -> None:
        journal = Journal(store)
        journal.start(failures.append)
        first, second = journal.open("a"), journal.open("b")
        store.close()
        first.append(queued)
        flush = asyncio.create_task(first.flush())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second.append(RunStarted())
        for waiting in (second.flush(), flush):
            with pytest.raises(StoreError, match="closed database"):
                await waiting
        await journal.close()

    asyncio.run(run())
    assert len(failures) == 1


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from runner.errors import StoreError
from runner.runs.events import ToolReturned
from runner.runs.journal import Journal
from runner.runs.record import Record
from runner.runs.store import Store

async def main():
    store = Store.open(Path(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    journal = Journal(store)
    journal.start(lambda failure: print("failure:", failure))
    run = journal.open("r")
    try:
        for written in range(1000):
            run.append(ToolReturned(tool="t", record=Record.of("ok", "x" * 10_000)))
            await run.flush()
    except StoreError:
        print("written:", written)
    await journal.close()

asyncio.run(main())
"""


def test_a_full_disk_ends_the_writer_and_keeps_what_was_durable(tmp_path: Path) -> None:
    """What a flush confirmed is there when there is room again."""
    said = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said[0].startswith(f"failure: {tmp_path}/runner.db: ")
    written = int(said[1].removeprefix("written: "))
    store = Store.open(tmp_path)
    assert written > 5
    assert len(store.events("r")) == written
    assert store.check() == []
    store.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from runner.runs.events import RunQueued, RunStarted
from runner.runs.journal import Journal
from runner.runs.store import Store

async def steps(run):
    run.append(RunQueued(kind="agent", name="a", inputs={}, revision="r"))
    for _ in range(int(sys.argv[2])):
        run.append(RunStarted())
        await run.flush()
        print(run.run, run.last_seq, flush=True)

async def main():
    journal = Journal(Store.open(Path(sys.argv[1])))
    journal.start(print)
    await asyncio.gather(*(steps(journal.open(f"run-{n}")) for n in range(4)))

asyncio.run(main())
"""


def confirmed(lines: Sequence[str]) -> dict[str, int]:
    """The last event of each run that its owner was told is durable."""
    return {run: int(seq) for run, seq in (line.split() for line in lines)}


@pytest.mark.soak
def test_a_killed_writer_leaves_all_that_it_confirmed(tmp_path: Path, seed: int, rounds: Callable[[int], int]) -> None:
    """At random moments: the file is sound, and each run is a row of events without a gap."""
    chance = random.Random(seed)
    for number in range(rounds(50)):
        folder = tmp_path / str(number)
        command = [sys.executable, "-c", WRITER, str(folder), "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(chance.randrange(1, 300))]
            writer.send_signal(signal.SIGKILL)
            # What was confirmed while the signal was on its way; a torn last line confirms nothing.
            lines += [line for line in writer.stdout if line.endswith("\n")]
        store = Store.open(folder)
        assert store.check() == []
        for run, seq in confirmed(lines).items():
            events = store.events(run)
            assert [event.seq for event in events] == list(range(len(events)))
            assert len(events) > seq
        lists = store.runs()
        store.rebuild()
        assert store.runs() == lists
        store.close()


@pytest.mark.parametrize("at", [1, 2, 6])
def test_the_crash_hook_kills_at_the_append_it_names(tmp_path: Path, at: int) -> None:
    """Everything before it is on disk, the append itself is not."""
    command = [sys.executable, "-c", WRITER, str(tmp_path), "5"]
    dead = subprocess.run(command, env={**os.environ, CRASH_AT: str(at)}, capture_output=True, check=False)
    assert dead.returncode == -signal.SIGKILL
    store = Store.open(tmp_path)
    assert sum(len(store.events(f"run-{n}")) for n in range(4)) == at - 1
    store.close()
