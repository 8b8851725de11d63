"""The system pack: processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.std import staged
from tests.std.staged import Tools


@pytest.fixture
def system(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("system")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that waits."""
    process = subprocess.Popen(["sleep", "300"])
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("sort, column", [("cpu", "cpu_percent"), ("memory", "memory_mib")])
def test_processes_come_with_those_that_use_most_first(system: Tools, sort: str, column: str) -> None:
    """Twenty-five at most, and how many there are."""
    _, output = system.call("process_list", sort=sort)
    used = [row[column] for row in output["rows"]]
    assert used == sorted(used, reverse=True)
    assert len(used) == min(25, output["count"])


def test_a_program_is_found_by_its_name(system: Tools, sleeper: subprocess.Popen[bytes]) -> None:
    """None of that name is the answer no."""
    status, output = system.call("process_find", name="sleep")
    row = next(row for row in output["rows"] if row["pid"] == sleeper.pid)
    assert (status, row["command"], row["state"]) == ("ok", "sleep 300", "sleeping")
    assert system.call("process_find", name="no-such-program")[0] == "no"


def test_one_process_is_shown_whole(system: Tools, sleeper: subprocess.Popen[bytes]) -> None:
    """Its parent is this test; a number that nobody has is the answer no."""
    status, output = system.call("process_show", pid=sleeper.pid)
    shown = (output["name"], output["command"], output["parent"], output["threads"])
    assert (status, shown) == ("ok", ("sleep", "sleep 300", os.getpid(), 1))
    sleeper.kill()
    sleeper.wait()
    assert (system.call("process_show", pid=sleeper.pid)[0]) == "no"


def test_a_tree_puts_children_below_their_parents(system: Tools, tmp_path: Path) -> None:
    """Also those whose parent is not told, and without threads of the kernel."""
    assert system.call("process_tree")[1]["count"] > 1
    staged.program(
        system,
        tmp_path / "bin",
        "ps",
        "    1     0 root     /sbin/init\n    2     0 root     [kthreadd]\n   15     2 root     [rcu]\n"
        "  812     1 root     nginx: master\n  813   812 www-data nginx: worker\n  900   899 anna     top -b\n",
    )
    status, output = system.call("process_tree")
    tree = "1 root /sbin/init\n  812 root nginx: master\n    813 www-data nginx: worker\n900 anna top -b"
    assert (status, output["text"], output["count"]) == ("ok", tree, 4)


def test_a_signal_reaches_the_process(system: Tools, sleeper: subprocess.Popen[bytes]) -> None:
    """And is a danger: it asks before."""
    assert system.tools["process_signal"].risk == "danger"
    assert system.call("process_signal", pid=sleeper.pid, signal="TERM")[0] == "ok"
    assert sleeper.wait(timeout=20) == -signal.SIGTERM


@pytest.mark.parametrize("pid", [1, 0, -1, -4_000_000])
def test_no_signal_reaches_a_group_or_the_first_process(system: Tools, pid: int) -> None:
    """A negative number would be a whole group, or everything."""
    status, output = system.call("process_signal", pid=pid, signal="CONT")
    assert (status, "no-such-process" in output["text"]) == ("failed", True)
