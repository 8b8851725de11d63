"""What a dead daemon left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from runner.targets.processes import OWNER, marks, processes
from runner.targets.sweep import sweep

DEAD = f"dead-{os.getpid()}"
LIVING = f"living-{os.getpid()}"

PARENT = """
import os, subprocess, time
subprocess.Popen(["sleep", "60"], start_new_session=True)
print("started", flush=True)
time.sleep(60)
"""


def of(owner: str) -> list[int]:
    """The living processes of an owner."""
    return [process.pid for process in processes() if marks(process.pid).get(OWNER) == owner]


@pytest.fixture
def survivors() -> Iterator[None]:
    """Two owners, each killed while its child in a session of its own lives on."""
    for owner in (DEAD, LIVING):
        with subprocess.Popen([sys.executable, "-c", PARENT], env={OWNER: owner}, stdout=subprocess.PIPE) as parent:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"started\n"
            parent.kill()
            parent.stdout.close()
    assert (len(of(DEAD)), len(of(LIVING))) == (1, 1)
    yield
    for pid in of(LIVING):
        os.kill(pid, signal.SIGKILL)


def test_what_a_dead_owner_left_is_killed(survivors: None) -> None:
    """Its processes are gone when the sweep returns; another owner's live on."""
    left = of(DEAD)
    assert sweep(lambda owner: owner != DEAD) == left
    assert (len(of(DEAD)), len(of(LIVING))) == (0, 1)


def test_without_a_dead_owner_nothing_is_killed(survivors: None) -> None:
    """A sweep asks before it kills."""
    assert sweep(lambda owner: owner not in {"another", "third"}) == []
    assert (len(of(DEAD)), len(of(LIVING))) == (1, 1)
    assert len(sweep(lambda owner: owner != DEAD)) == 1
