"""The daemon as a process: signals, locks, a broken save, and what is left when it has gone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

FILES = {
    "runner.yaml": "models: {default: {provider: scripted, replies: replies.yaml}}\nserver: {listen: '127.0.0.1:0'}\n",
    "replies.yaml": "- {text: Bonjour.}\n",
    "agents.d/greeter.yaml": "description: Greets.\nprompt: Say one.\n",
    "tools.d/naps.yaml": (
        "description: Rests.\ntools: {nap: {description: Sleeps., command: [sleep, '60'], risk: read, timeout: 2m}}\n"
    ),
    "workflows/rest.yaml": "description: Rests.\nphases:\n  rest: {tool: nap}\n",
    "workflows/ask.yaml": "description: Asks.\nphases:\n  sure: {approval: {ask: 'Really?'}}\n",
}


@dataclass
class Daemon:
    """A daemon in a process of its own, whose log is a file."""

    root: Path
    process: subprocess.Popen[bytes]
    log: Path
    about: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer of its API."""
        token = (self.root / ".runner/token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.request(method, f"{self.about['url']}/api/v1{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def said(self) -> str:
        """What it has logged so far."""
        return self.log.read_text()

    def until(self, is_so: Callable[[], bool]) -> None:
        """Return once something is so."""
        for _ in range(2000):
            if is_so():
                return
            assert self.process.poll() is None, self.said()
            time.sleep(0.01)
        pytest.fail(f"it never came to be; the log: {self.said()}")

    def until_said(self, words: str, times: int = 1) -> None:
        """Return once the log says this so often."""
        self.until(lambda: self.said().count(words) >= times)

    def start(self, workflow: str) -> str:
        """Start a run and return its id."""
        return str(self.ask("POST", "/runs", {"workflow": workflow})["id"])

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


Up = Callable[..., Daemon]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with an agent that greets, a tool that takes a minute, and a workflow that asks."""
    root = tmp_path / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def launch(root: Path, tmp_path: Path) -> Iterator[Up]:
    """Launch a daemon of the project, ready or not; whatever is left at the end is killed."""
    launched: list[Daemon] = []

    def start(*options: str, before: Sequence[str] = (), **environment: str) -> Daemon:
        log = tmp_path / f"log{len(launched)}"
        argv = [*before, sys.executable, "-m", "runner", "-C", str(root), "up", *options]
        with log.open("wb") as file:
            process = subprocess.Popen(argv, stdout=file, stderr=file, env={**os.environ, **environment})
        launched.append(Daemon(root, process, log))
        return launched[-1]

    yield start
    for daemon in launched:
        daemon.process.kill()
        daemon.process.wait()


@pytest.fixture
def up(launch: Up, root: Path) -> Up:
    """Launch a daemon and wait until it listens."""

    def start(*options: str, before: Sequence[str] = (), **environment: str) -> Daemon:
        daemon = launch(*options, before=before, **environment)
        daemon.until_said("listening on")
        daemon.about = json.loads((root / ".runner/daemon.json").read_text())
        return daemon

    return start


def test_a_daemon_says_what_it_is_and_ends_by_sigterm_with_nothing_left(up: Up, root: Path) -> None:
    """Exit 0; no daemon.json; the lock is free for the next."""
    daemon = up()
    assert daemon.about["pid"] == daemon.process.pid
    assert "loaded revision" in daemon.said()
    assert f"listening on {daemon.about['url']}" in daemon.said()
    assert daemon.end() == 0
    assert not (root / ".runner/daemon.json").exists()
    assert daemon.said().rstrip().endswith("stopped")
    assert up().end(signal.SIGINT) == 0


def test_two_daemons_cannot_hold_one_folder(up: Up, launch: Up) -> None:
    """The second names the first, its address, and what to do; the first does not notice."""
    first = up()
    second = launch()
    assert second.process.wait(30) == 6
    assert f"process {first.process.pid} at {first.about['url']}" in second.said()
    assert "runner down" in second.said()
    assert first.ask("GET", "/system/health")["status"] == "ok"


def test_a_taken_port_ends_the_start_and_names_who_has_it(launch: Up, root: Path) -> None:
    """Exit 6 with one line, and nothing was begun."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        daemon = launch("--listen", address)
        assert daemon.process.wait(30) == 6
    assert f"{address} cannot be listened on: the port is taken by process {os.getpid()}" in daemon.said()
    assert "Traceback" not in daemon.said()
    assert not (root / ".runner/daemon.json").exists()


def test_a_broken_save_is_said_and_the_mended_one_goes_live(up: Up, root: Path) -> None:
    """Terminal and health name the file, the line and the hint; runs go on with the old revision meanwhile."""
    daemon = up()
    before = daemon.ask("GET", "/system/health")["revision"]
    agent = root / "agents.d/greeter.yaml"
    agent.write_text("description: Greets.\nprompt: Say two.\ntols: []\n")
    daemon.until_said("files refused")
    assert "agents.d/greeter.yaml:3:1" in daemon.said()
    assert "did you mean tools?" in daemon.said()
    health = daemon.ask("GET", "/system/health")
    assert (health["status"], health["revision"], health["reload"]["ok"]) == ("degraded", before, False)
    (problem,) = health["reload"]["problems"]
    assert (problem["file"], problem["line"], problem["hint"]) == ("agents.d/greeter.yaml", 3, "did you mean tools?")
    run = daemon.ask("POST", "/runs", {"agent": "greeter", "inputs": {"text": "x"}})["id"]
    daemon.until_said(f"run {run} ended: pass")
    assert "files refused: the files have 1 problem; revision " in daemon.said()
    (root / "agents.d").rename(root / "agents")
    daemon.until_said("; agents.d is gone; there is a folder `agents`; runner reads `agents.d`")
    (root / "agents").rename(root / "agents.d")
    agent.write_text("description: Greets.\nprompt: Say two.\n")
    daemon.until_said("loaded revision", times=3)
    health = daemon.ask("GET", "/system/health")
    assert (health["status"], health["reload"]["ok"]) == ("ok", True)
    assert health["revision"] != before
    assert daemon.ask("GET", f"/runs/{run}")["revision"] == before


def test_runs_that_go_on_keep_the_revision_they_began_with(up: Up, root: Path) -> None:
    """Twenty runs, an edit in the middle: none fails, none changes, and the next one is new."""
    daemon = up()
    runs = [daemon.start("ask") for _ in range(20)]
    (root / "workflows/ask.yaml").write_text("description: Asks.\nphases:\n  sure: {approval: {ask: 'Surely?'}}\n")
    daemon.until_said("loaded revision", times=2)
    runs.append(daemon.start("ask"))
    daemon.until(lambda: len(daemon.ask("GET", "/approvals")["approvals"]) == 21)
    for row in daemon.ask("GET", "/approvals")["approvals"]:
        assert row["ask"] == ("Surely?" if row["run"] == runs[-1] else "Really?")
        daemon.ask("POST", f"/approvals/{row['id']}", {"decision": "approve"})
    daemon.until(lambda: len(daemon.ask("GET", "/runs?status=ended")["runs"]) == 21)
    ended = daemon.ask("GET", "/runs?status=ended")["runs"]
    assert {row["verdict"] for row in ended} == {"pass"}
    assert len({row["revision"] for row in ended if row["id"] != runs[-1]}) == 1
    assert len({row["revision"] for row in ended}) == 2


def test_a_start_on_broken_files_uses_the_last_good_revision_loudly(up: Up, launch: Up, root: Path) -> None:
    """After a restart, and never for a project that was never good: that ends with 3 and every problem."""
    first = up()
    good = first.ask("GET", "/system/health")["revision"]
    first.end()
    (root / "agents.d/greeter.yaml").write_text("description: Greets.\nprompt: Say two.\ntols: []\n")
    second = up()
    assert "agents.d/greeter.yaml:3:1" in second.said()
    assert f"revision {good[:8]}, the last good one, is used until they are mended" in second.said()
    assert second.ask("GET", "/system/health")["revision"] == good
    second.end()
    (root / ".runner/runner.db").unlink()
    third = launch()
    assert third.process.wait(30) == 3
    assert "agents.d/greeter.yaml:3:1" in third.said()
    assert "Traceback" not in third.said()


def test_sighup_loads_the_files_though_nothing_watches_them(up: Up, root: Path) -> None:
    """`reload: off` leaves the moment to the operator."""
    settings = root / "runner.yaml"
    settings.write_text(settings.read_text() + "reload: 'off'\n")
    daemon = up()
    (root / "agents.d/greeter.yaml").write_text("description: Greets.\nprompt: Say two.\n")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until_said("loaded revision", times=2)
    assert daemon.ask("GET", "/system/health")["reload"]["trigger"] == "SIGHUP"


def test_a_storm_of_signals_is_answered_and_ends_nothing(up: Up, root: Path) -> None:
    """Five hundred SIGHUPs are a few loads; the files are what they were saved as."""
    daemon = up()
    for number in range(500):
        daemon.process.send_signal(signal.SIGHUP)
        if number == 250:
            (root / "agents.d/greeter.yaml").write_text("description: Greets.\nprompt: Say two.\n")
    daemon.until_said("loaded revision", times=2)
    assert daemon.ask("GET", "/system/health")["reload"]["ok"] is True
    assert [row["ok"] for row in daemon.ask("GET", "/system/reload")["reloads"]] == [True, True]


def test_the_signal_to_stop_is_heard_behind_a_storm_of_others(up: Up) -> None:
    """Thousands of SIGHUPs, more than any pipe or loop keeps up with; SIGTERM is the last signal and ends it."""
    daemon = up()
    for _ in range(20_000):
        daemon.process.send_signal(signal.SIGHUP)
    assert daemon.end() == 0
    assert "Exception ignored" not in daemon.said()


def test_a_daemon_that_stops_while_it_waits_for_git_gives_the_load_up(up: Up, root: Path) -> None:
    """What it waited for was told, with the lock's name; it ends in order, the lock still there."""
    (root / ".git").mkdir()
    daemon = up()
    (root / ".git/index.lock").touch()
    (root / "agents.d/greeter.yaml").write_text("description: Greets.\nprompt: Say two.\n")
    daemon.until_said("git is busy")
    assert f"{root}/.git/index.lock exists since " in daemon.said()
    assert "git is busy" in daemon.ask("GET", "/system/health")["watching"]["waits_for"]
    assert daemon.end() == 0
    assert daemon.said().count("loaded revision") == 1
    assert "Traceback" not in daemon.said()


@pytest.mark.parametrize("limit", ["max_inotify_instances", "max_inotify_watches"])
def test_a_system_that_watches_no_more_folders_only_makes_reloads_slower(up: Up, root: Path, limit: str) -> None:
    """The limit is set for a user of this test's own; health says why, and changes are found by comparing."""
    in_bounds = ("unshare", "-Ur", "sh", "-c", f'echo 0 > /proc/sys/user/{limit} && exec "$@"', "sh")
    daemon = up(before=in_bounds)
    daemon.until(lambda: "cannot watch" in daemon.ask("GET", "/system/health")["watching"]["why"])
    (root / "agents.d/greeter.yaml").write_text("description: Greets.\nprompt: Say two.\n")
    daemon.until_said("loaded revision", times=2)


def test_a_run_goes_on_after_stop_and_after_kill(up: Up) -> None:
    """SIGTERM in a tool that reads, SIGKILL while waiting: the next daemon takes both up."""
    first = up()
    resting, asking = first.start("rest"), first.start("ask")
    first.until(lambda: first.ask("GET", f"/runs/{resting}")["status"] == "running")
    first.until(lambda: first.ask("GET", f"/runs/{asking}")["status"] == "waiting")
    assert first.end() == 0
    assert "1 run will go on at the next start" in first.said()
    second = up()
    second.until(lambda: second.ask("GET", f"/runs/{resting}")["status"] == "running")
    assert second.end(signal.SIGKILL) == -signal.SIGKILL
    third = up()
    third.ask("POST", f"/runs/{resting}/cancel")
    (row,) = third.ask("GET", "/approvals")["approvals"]
    third.ask("POST", f"/approvals/{row['id']}", {"decision": "approve"})
    third.until_said(f"run {resting} ended: cancelled")
    third.until_said(f"run {asking} ended: pass")


def test_a_second_signal_ends_a_stop_that_takes_too_long(up: Up, root: Path) -> None:
    """A tool that changes something gets a minute, unless the operator says twice that he means it."""
    tools = root / "tools.d/naps.yaml"
    tools.write_text(tools.read_text().replace("risk: read", "risk: write"))
    settings = root / "runner.yaml"
    settings.write_text(settings.read_text() + "permissions: [{tool: nap, action: allow}]\n")
    daemon = up()
    run = daemon.start("rest")
    daemon.until(lambda: any(event["type"] == "tool.called" for event in _journal(daemon, run)))
    daemon.process.send_signal(signal.SIGTERM)
    daemon.until_said("stopping")
    assert daemon.ask("GET", "/system/health")["status"] == "stopping"
    assert daemon.end(signal.SIGTERM) == -signal.SIGTERM


def _journal(daemon: Daemon, run: str) -> list[dict[str, Any]]:
    from runner.runs.store import Store

    store = Store.open(daemon.root / ".runner")
    try:
        return [event.model_dump() for event in store.events(run)]
    finally:
        store.close()


def test_a_journal_that_cannot_be_written_ends_the_daemon_with_the_reason(up: Up, root: Path) -> None:
    """Exit 6 and one line: a daemon that forgets is worse than none."""
    daemon = up()
    (root / ".runner/runner.db").rename(root / ".runner/moved.db")
    with pytest.raises(httpx.HTTPError):
        daemon.start("ask")
    assert daemon.process.wait(30) == 6
    assert "was removed or replaced while in use" in daemon.said()
    assert "Traceback" not in daemon.said()


def test_what_a_run_says_cannot_act_on_the_terminal(up: Up, root: Path) -> None:
    """Control characters in a log line are written out."""
    (root / "workflows/ask.yaml").write_text(
        'description: Asks.\nphases:\n  sure: {approval: {ask: "Really\\e[2J\\r\\u202e?"}}\n'
    )
    daemon = up()
    run = daemon.start("ask")
    daemon.until_said(f"run {run} asks")
    assert not set(daemon.said()) & {"\x1b", "\r", "\u202e"}
    assert "\\x1b[2J" in daemon.said()


def test_an_idle_daemon_is_small(up: Up) -> None:
    """Its resident memory is read from the system; the bound is twice what it takes."""
    daemon = up()
    daemon.ask("GET", "/system/health")
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    (resident,) = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    assert resident < 130_000
