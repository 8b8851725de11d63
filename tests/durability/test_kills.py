"""The daemon is killed at every append, and at random moments: every run ends, and nothing is done twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count, takewhile
from pathlib import Path

import pytest

from tests.durability.proof import prove
from tests.durability.site import Site

SIDES = 2
"""Daemons at once: what is shown is order, not load."""
SLACK = 3
"""Appends by which one run may differ from another: parts that wait at the same time park once or twice."""
ACTIVE = 4
"""Runs that go on while the daemon is killed at random."""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
Tell = Callable[[str, object], None]


def test_a_daemon_killed_at_any_append_leaves_a_run_that_ends(
    tmp_path: Path, seed: int, rounds: Callable[[int], int], record_property: Tell
) -> None:
    """One run for each append boundary: killed there, gone on with by the next daemon, ended with all that holds."""
    began = time.monotonic()
    with closing(Site(tmp_path / "undisturbed")) as undisturbed:
        assert not crashes(undisturbed, at=0)
        (events,) = undisturbed.events().values()
    boundaries = range(1, len(events) + 1)
    chosen = random.Random(seed).sample(boundaries, rounds(len(boundaries)))
    with ThreadPoolExecutor(SIDES) as sides:
        crashed = sum(sides.map(lambda at: crashes_in(tmp_path / f"at-{at}", at), sorted(chosen)))
    if len(chosen) == len(boundaries):  # runs differ by an append or two: on to the first daemon that is not killed
        crashed += sum(takewhile(bool, (crashes_in(tmp_path / f"at-{at}", at) for at in count(len(boundaries) + 1))))
    assert crashed >= len(chosen) - SLACK
    figures = f"{crashed} kills at {len(chosen)} of {len(boundaries)} appends"
    record_property("figures", f"{figures}, {time.monotonic() - began:.0f} s")


def crashes_in(root: Path, at: int) -> bool:
    """`crashes` in a new project."""
    with closing(Site(root)) as site:
        return crashes(site, at)


def crashes(site: Site, at: int) -> bool:
    """Whether a daemon that dies at an append does so before its one run has ended; the next one ends it."""
    site.up(crash_at=at)
    is_accepted = site.submit("the only one")
    site.until(lambda: not site.is_alive or (is_accepted and not site.store.unfinished()))
    has_crashed = not site.is_alive
    if has_crashed:
        site.up()
        assert site.left_over() == {}
        assert is_accepted or site.submit("the only one")
        site.work()
    assert site.down() == 0
    assert len(site.runs()) == 1
    prove(site)
    return has_crashed


def test_a_daemon_killed_at_random_moments_loses_and_repeats_nothing(
    tmp_path: Path, seed: int, rounds: Callable[[int], int], record_property: Tell
) -> None:
    """Several runs go on while daemon after daemon is killed, some before they are ready; every run ends."""
    began = time.monotonic()
    kills = rounds(200)
    roots = [tmp_path / f"side-{side}" for side in range(SIDES)]
    with ThreadPoolExecutor(SIDES) as sides:
        runs = list(sides.map(lambda root: survived(root, f"{seed} {root.name}", kills // SIDES), roots))
    record_property("figures", f"{kills} kills at random moments, {sum(runs)} runs, {time.monotonic() - began:.0f} s")


def test_a_killed_command_lines_run_is_ended_by_the_daemon_that_was_up_already(tmp_path: Path) -> None:
    """What the dead command line had left alive is gone before the daemon goes on with the run."""
    with closing(Site(tmp_path)) as site:
        argv = [sys.executable, "-m", "runner", "-C", str(tmp_path), "run", "hanging"]
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command_line:
            site.pids.append(command_line.pid)
            site.until(lambda: len(site.left_over()) == 3)  # the shell and its two children
            site.up()
            command_line.kill()
        site.work()
        assert site.left_over() == {}
        ((run, events),) = site.events().items()
        assert site.store.find(run).verdict == "pass"
        assert [event.type for event in events].count("run.claimed") == 2


def survived(root: Path, seed: str, kills: int) -> int:
    """How many runs came to their end through so many kills, in a new project."""
    with closing(Site(root)) as site:
        return survive(site, random.Random(seed), kills)


def survive(site: Site, chance: random.Random, kills: int) -> int:
    """Kill so many daemons, then let one end all runs; how many there were."""
    accepted: set[str] = set()
    site.up()
    keep_busy(site, accepted)  # however slow this machine is: a daemon that is killed in time may accept no run
    site.kill()
    for _ in range(kills - 1):
        if chance.random() < 0.2:
            site.begin()
            time.sleep(chance.uniform(0.0, 1.0))
            site.kill()
            continue
        site.up()
        assert site.left_over() == {}
        timer = site.kill_within(chance.uniform(0.0, 0.8))
        keep_busy(site, accepted)
        site.until(lambda: not site.is_alive)
        timer.join()
    site.up()
    ask(site, accepted)  # the one that may have been accepted without an answer
    site.work()
    assert site.down() == 0
    assert len(site.runs()) == len(accepted)
    assert claims(site) > len(accepted), "no kill was in the middle of a run"
    prove(site)
    return len(accepted)


def claims(site: Site) -> int:
    """How often a run was taken up, the first time included."""
    return sum(event.type == "run.claimed" for events in site.events().values() for event in events)


def keep_busy(site: Site, accepted: set[str]) -> None:
    """Let as many runs go on as there should be, as long as the daemon lives."""
    while len(site.store.unfinished()) < ACTIVE and ask(site, accepted):
        pass


def ask(site: Site, accepted: set[str]) -> bool:
    """Ask for one more run, or again for the one that was not answered for; False when the daemon is gone."""
    key = f"run {len(accepted) + 1}"
    answered = site.submit(key)
    if answered:
        accepted.add(key)
    return answered
