"""Saves in a daemon that works: how long until new runs begin with them, how long its loop is held up, none torn."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.figures import Figure
from bench.house import furnish
from bench.servers import server

RUNS = 50
LATENCY_MS = 500
"""What the model of the runs takes for an answer: about a hundred answers a second go on beside the saves."""
HALVES_APART = 0.04
PAUSE = 0.05
PATIENCE = 20.0
PROBE = 0.01
"""Seconds between two questions after the loop's lag."""
_AGENT = "description: Saved.\nprompt: Say {number}.\npermissions: [{{risk: write, action: deny}}]\n"
_WORKFLOW = """
description: Does not end by itself.
phases:
  say: {agent: speaker, message: Say something., next: [{to: say, max: 100000}]}
"""
_GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "init.defaultBranch=main")


def reload(folder: Path, *, quick: bool) -> list[Figure]:
    """Saves of each style, then torn ones, while runs go on."""
    saves = 15 if quick else 50
    with server(LATENCY_MS) as url:
        _furnish(folder, url)
        with _daemon(folder) as daemon:
            for _ in range(RUNS):
                daemon.ask("POST", "/runs", {"workflow": "talk", "inputs": {}})
            time.sleep(2)
            with _lags(daemon) as alone:
                time.sleep(3)
            figures, lags = [], []
            for name, save in STYLES.items():
                with _lags(daemon) as beside:
                    seconds = [_live(daemon, save, number) for number in range(saves)]
                lags += beside
                figures += _figures(f"save → live, {name}", seconds, 150)
            figures += _figures("loop lag while runs go on", alone, None)
            figures += _figures("loop lag with saves", lags, 25)
            torn = sum(_torn(daemon, number) for number in range(saves))
            return [*figures, Figure("saves in two halves 40 ms apart adopted half", f"{torn} of {saves}", "", torn, 0)]


# ------------------------------------------------------------------------------------------------ ways to save


def _in_place(path: Path, text: str) -> None:
    path.write_text(text)


def _renamed(path: Path, text: str) -> None:
    """As most tools do: a file beside it, on disk, renamed over it."""
    fresh = path.with_name(f".{path.name}.tmp")
    _written(fresh, text)
    fresh.replace(path)


def _as_vim(path: Path, text: str) -> None:
    """A trial file, the old one renamed to a backup, the new one written in its place, the backup deleted."""
    trial, backup = path.with_name("4913"), path.with_name(f"{path.name}~")
    trial.touch()
    trial.unlink()
    path.rename(backup)
    _written(path, text)
    backup.unlink()


def _written(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


STYLES: dict[str, Callable[[Path, str], None]] = {"in place": _in_place, "renamed": _renamed, "vim": _as_vim}


# ------------------------------------------------------------------------------------------------- measuring


def _live(daemon: _Daemon, save: Callable[[Path, str], None], number: int) -> float:
    """Seconds from the end of a save to new runs beginning with it, by the daemon's own clock."""
    before = daemon.ask("GET", "/system/health")["revision"]
    save(daemon.path, _AGENT.format(number=f"{save.__name__} {number}"))
    saved = time.time()
    return float(_next(daemon, before)["reload"]["at"]) - saved


def _torn(daemon: _Daemon, number: int) -> bool:
    """Whether the first half of a save, a good agent without its permissions, was adopted."""
    before = daemon.ask("GET", "/system/health")["revision"]
    text = _AGENT.format(number=f"torn {number}")
    cut = text.index("permissions")
    with daemon.path.open("w") as file:
        file.write(text[:cut])
        file.flush()
        time.sleep(HALVES_APART)
        file.write(text[cut:])
    first = str(_next(daemon, before)["revision"])
    time.sleep(0.3)
    return first != str(daemon.ask("GET", "/system/health")["revision"])


def _next(daemon: _Daemon, revision: str) -> dict[str, Any]:
    """What the daemon says once it is on another revision."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        time.sleep(PAUSE)
        health = daemon.ask("GET", "/system/health")
        if health["revision"] != revision:
            return health
    raise SystemExit(f"a save did not go live in {PATIENCE:g} s: {health['reload']}")


@contextmanager
def _lags(daemon: _Daemon) -> Iterator[list[float]]:
    """How long each of many small requests took meanwhile: the loop answers none while it is held up."""
    seconds: list[float] = []
    done = threading.Event()
    prober = threading.Thread(target=_probe, args=(daemon, seconds, done))
    prober.start()
    try:
        yield seconds
    finally:
        done.set()
        prober.join()


def _probe(daemon: _Daemon, seconds: list[float], done: threading.Event) -> None:
    connection = daemon.connection()
    while not done.wait(PROBE):
        begin = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        seconds.append(time.perf_counter() - begin)
    connection.close()


def _figures(what: str, seconds: list[float], goal: float | None) -> list[Figure]:
    points = statistics.quantiles([second * 1000 for second in seconds], n=20, method="inclusive")
    half, most = points[9], points[18]
    return [
        Figure(f"{what}, p50 ms", f"{half:,.0f} ms", "", half),
        Figure(f"{what}, p95 ms", f"{most:,.0f} ms", f"max {max(seconds) * 1000:,.0f} ms", most, goal),
    ]


# ------------------------------------------------------------------------------------------------- the daemon


class _Daemon:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "agents.d/saved.yaml"
        self._address = urlsplit(json.loads((folder / ".runner/daemon.json").read_text())["url"]).netloc
        token = (folder / ".runner/token").read_text().strip()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._address, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        connection = self.connection()
        try:
            connection.request(method, f"/api/v1{path}", json.dumps(body) if body else None, self._headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()


def _furnish(folder: Path, url: str) -> None:
    """The bench's project under git, with an agent to be saved and a workflow that goes on."""
    furnish(folder, url)
    (folder / "agents.d/saved.yaml").write_text(_AGENT.format(number="nothing"))
    (folder / "workflows/talk.yaml").write_text(_WORKFLOW.lstrip())
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "First")):
        subprocess.run((*_GIT, *words), cwd=folder, check=True)


@contextmanager
def _daemon(folder: Path) -> Iterator[_Daemon]:
    runner = (sys.executable, "-m", "runner", "-C", str(folder))
    subprocess.run((*runner, "up", "-d", "--listen", "127.0.0.1:0"), check=True, capture_output=True)
    try:
        yield _Daemon(folder)
    finally:
        with suppress(subprocess.SubprocessError):
            subprocess.run((*runner, "down"), check=True, capture_output=True)
