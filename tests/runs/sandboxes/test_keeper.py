"""Sandboxes are taken within the quota, archived when idle, removed when old; nothing is lost when that is cut off."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.errors import StepFailed, UsageError
from runner.runs.sandboxes import trees
from runner.runs.sandboxes.keeper import Full, Sandboxes, Taken, Tidied
from runner.runs.sandboxes.shelf import lock
from runner.runs.sandboxes.spec import SandboxesSpec
from runner.runs.store import Store
from tests.runs.sandboxes.conftest import Shop

SPEC = SandboxesSpec.model_validate({"max": 2, "idle": "1h", "keep": "7d"})
IDLE = 2000.0 + 3601
FORK = multiprocessing.get_context("spawn")


def test_a_sandbox_is_private_and_the_run_finds_it_again(shop: Shop) -> None:
    """Made once, 0700 all the way."""
    run = shop.begin()
    work = shop.take(run)
    (work / "a").write_text("kept")
    assert shop.keeper.take(run, run, 10) == Taken(work, "found")
    assert (work / "a").read_text() == "kept"
    assert {stat.S_IMODE(place.stat().st_mode) for place in (work, work.parent, shop.folder)} == {0o700}


def test_over_the_quota_the_holders_are_named(shop: Shop) -> None:
    """Who, and since when; queued runs that only ask hold nothing."""
    ada, bob = shop.begin("ada"), shop.begin("bob", time=90_000.0)
    shop.take(ada)
    shop.take(bob)
    full = shop.keeper.take(new := shop.begin(), new, 2)
    assert isinstance(full, Full)
    assert full.why == (
        f"2 of 2 sandboxes are in use: {ada} by ada since 1970-01-01 00:16:40 UTC, "
        f"{bob} by bob since 1970-01-02 01:00:00 UTC"
    )
    assert not shop.work(new).exists()


def test_over_the_quota_the_longest_idle_one_is_archived_at_once(shop: Shop) -> None:
    """Of ended runs only, without waiting for `idle`; what it held is in the archive."""
    late, early = shop.left(time=3000.0), shop.left(time=2000.0)
    (early / "a").write_text("kept")
    shop.take(shop.begin(), most=2)
    assert late.is_dir()
    assert not early.parent.exists()
    assert [row.state for row in shop.keeper.rows()] == ["idle", "archived", "active"]


def test_idle_ones_are_archived_and_old_archives_removed(shop: Shop) -> None:
    """Each after its own time, counted from the end of the run and from the archiving."""
    run = shop.left().parent.name
    assert shop.keeper.tidy(SPEC, IDLE - 2) == []
    assert shop.keeper.tidy(SPEC, IDLE) == [Tidied(run, "archived")]
    assert shop.keeper.tidy(SPEC, time.time() + 7 * 86_400 - 60) == []
    assert shop.keeper.tidy(SPEC, time.time() + 7 * 86_400) == [Tidied(run, "removed", "its archive was old")]
    assert list(shop.folder.iterdir()) == []


def test_one_in_use_is_neither_archived_nor_removed(shop: Shop) -> None:
    """Also when the run that made it has ended, and another works there."""
    work = shop.left()
    again = shop.begin("bob")
    shop.take(again, sandbox=work.parent.name)
    assert shop.keeper.tidy(SPEC, IDLE) == []
    with pytest.raises(UsageError, match=f"in use: {again} by bob"):
        shop.keeper.remove(work.parent.name)
    shop.end(again)
    shop.keeper.remove(work.parent.name)
    assert list(shop.folder.iterdir()) == []


def test_a_run_that_repeats_another_gets_its_archived_sandbox_unpacked(shop: Shop) -> None:
    """With all that was in it; the archive is gone then."""
    work = shop.left()
    (work / "a").write_text("kept")
    shop.keeper.tidy(SPEC, IDLE)
    assert not work.exists()
    assert shop.keeper.take(work.parent.name, shop.begin(), 10) == Taken(work, "unpacked")
    assert (work / "a").read_text() == "kept"
    assert [path.name for path in shop.folder.iterdir()] == [work.parent.name]


def test_a_broken_archive_is_told_and_stays(shop: Shop) -> None:
    """The run can have no sandbox; nothing half-unpacked is left for the next."""
    work = shop.left()
    (work / "a").write_bytes(os.urandom(100_000))
    shop.keeper.tidy(SPEC, IDLE)
    archive = shop.folder / f"{work.parent.name}.tar.gz"
    os.truncate(archive, 50_000)
    with pytest.raises(StepFailed, match="cannot be unpacked"):
        shop.take(shop.begin(), sandbox=work.parent.name)
    assert archive.exists()
    assert not work.exists()


def test_removing_takes_folder_and_archive(shop: Shop) -> None:
    """At once, however long it was idle; one that is not there is told."""
    kept, archived = shop.left(time=9e9), shop.left()
    shop.keeper.tidy(SPEC, IDLE)
    for work in (kept, archived):
        shop.keeper.remove(work.parent.name)
        with pytest.raises(UsageError, match="there is no sandbox"):
            shop.keeper.remove(work.parent.name)
    assert list(shop.folder.iterdir()) == []


def test_one_that_somebody_archives_just_now_is_left_to_them(shop: Shop) -> None:
    """Neither a second archiver, nor a remover, nor a run gets in between."""
    work = shop.left()
    held = lock(work.parent)
    assert held is not None
    assert shop.keeper.tidy(SPEC, IDLE) == [Tidied(work.parent.name, "kept", "it is in use")]
    assert isinstance(shop.keeper.take(work.parent.name, shop.begin(), 10), Full)
    with pytest.raises(UsageError, match="just being archived"):
        shop.keeper.remove(work.parent.name)
    os.close(held)
    assert shop.keeper.tidy(SPEC, IDLE) == [Tidied(work.parent.name, "archived")]


def test_a_stop_gives_up_an_archive_and_keeps_the_folder(shop: Shop) -> None:
    """Nothing half-written is left."""
    work = shop.left()
    (work / "a").write_text("kept")
    shop.keeper.stop()
    assert shop.keeper.tidy(SPEC, IDLE)[0].done == "kept"
    assert (work / "a").read_text() == "kept"
    assert [path.name for path in shop.folder.iterdir()] == [work.parent.name]


# ------------------------------------------------------------------------------------------- crashes and races


def tidy_until_killed(folder: str) -> None:
    """In a process of its own."""
    Sandboxes(Store.open(Path(folder))).tidy(SPEC, IDLE)


def test_killed_at_any_moment_of_archiving_nothing_is_lost(shop: Shop, rounds: Callable[[int], int]) -> None:
    """Whatever moment it was, the next look ends it: one whole archive, no folder, no leavings."""
    for number in range(rounds(30)):
        work = shop.left()
        for name in "abcdefgh":
            (work / name).write_bytes(os.urandom(200_000))
        before = {path.name: path.read_bytes() for path in work.iterdir()}
        process = FORK.Process(target=tidy_until_killed, args=[str(shop.store.folder)])
        process.start()
        moment = [".part", ".tar.gz", ".gone"][number % 3]
        while process.is_alive() and not any(moment in path.name for path in shop.folder.iterdir()):
            time.sleep(0.0005)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        shop.keeper.tidy(SPEC, IDLE)
        assert [path.name for path in shop.folder.iterdir()] == [f"{work.parent.name}.tar.gz"]
        shop.take(shop.begin(), sandbox=work.parent.name)
        assert {path.name: path.read_bytes() for path in work.iterdir()} == before
        trees.remove(shop.folder)


def take_many(folder: str, runs: list[str], most: int, answers: multiprocessing.Queue[int]) -> None:
    """In a process of its own: ask for a sandbox for each run; how many were had."""
    keeper = Sandboxes(Store.open(Path(folder)))
    answers.put(sum(isinstance(keeper.take(run, run, most), Taken) for run in runs))


def test_several_engines_together_stay_within_the_quota(shop: Shop) -> None:
    """Three processes ask for eight each, where ten may be; ten are had, none twice."""
    answers = FORK.Queue()
    shares = [[shop.begin() for _ in range(8)] for _ in range(3)]
    processes = [FORK.Process(target=take_many, args=[str(shop.store.folder), runs, 10, answers]) for runs in shares]
    for process in processes:
        process.start()
    assert sum(answers.get(timeout=60) for _ in processes) == 10
    for process in processes:
        process.join()
    assert len(list(shop.folder.iterdir())) == 10


def test_threads_that_want_the_place_of_idle_ones_each_get_one(shop: Shop) -> None:
    """Archiving for another is done once each; all eight are had, and eight archives written."""
    idle = [shop.left() for _ in range(8)]
    runs, had = [shop.begin() for _ in range(8)], []

    def take(run: str) -> None:
        while isinstance(shop.keeper.take(run, run, 8), Full):
            time.sleep(0.01)
        had.append(run)

    threads = [threading.Thread(target=take, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(had) == sorted(runs)
    assert [row.state for row in shop.keeper.rows()] == ["archived"] * len(idle) + ["active"] * len(runs)
