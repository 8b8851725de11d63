"""Owners and the daemon's lock: alive as long as their process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.errors import StoreBusy, StoreError
from runner.runs.owners import DAEMON_FILE, DaemonLock, Owner, is_alive

HOLDER = """
import sys, time
from pathlib import Path
from runner.runs.owners import DaemonLock, Owner
owner = Owner.acquire(Path(sys.argv[1]))
lock = DaemonLock.acquire(Path(sys.argv[1]))
print(owner.id, flush=True)
time.sleep(60)
"""

LIMBO = """
import os, signal, sys, time
from pathlib import Path
from runner.runs.owners import DaemonLock
lock = DaemonLock.acquire(Path(sys.argv[1]))
child = os.fork()
if child:
    print(child, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
time.sleep(0.4)
os._exit(0)
"""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is an owner and the daemon; its first line is its id."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True) as holder:
        yield holder
        holder.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """What a process says once it is ready."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_an_owner_lives_until_it_is_released(tmp_path: Path) -> None:
    """Its file goes with it."""
    owner = Owner.acquire(tmp_path)
    assert is_alive(tmp_path, owner.id)
    owner.release()
    assert not is_alive(tmp_path, owner.id)
    assert list((tmp_path / "owners").iterdir()) == []


def test_an_owner_dies_with_its_process(tmp_path: Path, process: subprocess.Popen[str]) -> None:
    """A kill -9 leaves the file, not the lock; the next owner clears it away."""
    owner = first_line(process)
    assert is_alive(tmp_path, owner)
    process.kill()
    process.wait()
    assert not is_alive(tmp_path, owner)
    mine = Owner.acquire(tmp_path)
    assert [path.name for path in (tmp_path / "owners").iterdir()] == [mine.id]
    mine.release()


def test_a_living_owner_is_not_cleared_away(tmp_path: Path) -> None:
    """Several owners share a folder."""
    first, second = Owner.acquire(tmp_path), Owner.acquire(tmp_path)
    assert first.id != second.id
    assert is_alive(tmp_path, first.id)
    assert is_alive(tmp_path, second.id)
    first.release()
    assert is_alive(tmp_path, second.id)
    second.release()


def test_an_owner_nobody_ever_was_is_dead(tmp_path: Path) -> None:
    """As is the empty name of a run that nobody claimed."""
    assert not is_alive(tmp_path, "1-abc")
    assert not is_alive(tmp_path, "")


def test_the_daemons_lock_ends_with_its_process(tmp_path: Path, process: subprocess.Popen[str]) -> None:
    """Until then the next daemon is told who is in its way."""
    first_line(process)
    with pytest.raises(StoreBusy, match=f"^another daemon holds {tmp_path}$"):
        DaemonLock.acquire(tmp_path)
    about = {"pid": process.pid, "started": 1.0, "url": "http://127.0.0.1:8700"}
    (tmp_path / DAEMON_FILE).write_text(json.dumps(about))
    with pytest.raises(StoreBusy, match=f"process {process.pid} at http://127.0.0.1:8700"):
        DaemonLock.acquire(tmp_path)
    process.kill()
    process.wait()
    DaemonLock.acquire(tmp_path).release()
    DaemonLock.acquire(tmp_path).release()


def test_a_killed_daemons_lock_may_outlive_it_for_a_moment(tmp_path: Path) -> None:
    """A child that was between fork and exec when its parent was killed still has the lock; `up` waits for it."""
    code = [sys.executable, "-c", LIMBO, str(tmp_path)]
    with subprocess.Popen(code, stdout=subprocess.PIPE, text=True) as killed:
        child = int(first_line(killed))
        assert killed.wait() == -signal.SIGKILL
        assert Path(f"/proc/{child}").exists()
        DaemonLock.acquire(tmp_path).release()


def test_a_folder_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    """For owner and daemon alike."""
    with pytest.raises(StoreError, match="owners cannot be used: No such file or directory"):
        Owner.acquire(tmp_path / "none")
    with pytest.raises(StoreError, match="none cannot be used: No such file or directory"):
        DaemonLock.acquire(tmp_path / "none")
