"""Whole processes: the first answer from a cold start, the command's help, and the memory of an idle daemon."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from bench.figures import Figure
from bench.house import QUESTION, furnish
from bench.servers import server

RUNNER = (sys.executable, "-m", "runner")
_BARE = """
import json, sys, httpx
body = {"model": "bench", "messages": [{"role": "user", "content": "Say something."}], "stream": True}
with httpx.Client() as client, client.stream("POST", sys.argv[1] + "/chat/completions", json=body) as response:
    chunks = [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: {")]
print("".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]))
"""
IDLE_SECONDS = 3.0


def starts(folder: Path, *, quick: bool) -> list[Figure]:
    """Cold starts in turns with what they are compared to, then the daemon."""
    rounds = 3 if quick else 9
    with server() as url:
        furnish(folder, url)
        commands = {
            "answer": (*RUNNER, "-C", str(folder), "run", "speaker", QUESTION),
            "answer with a tool": (*RUNNER, "-C", str(folder), "run", "reader", QUESTION),
            "httpx": (sys.executable, "-c", _BARE, url),
            "help": (*RUNNER, "--help"),
            "click": (sys.executable, "-c", "import click"),
        }
        seconds = _in_turns(commands, rounds)
        fresh, used = _daemon_memory(folder)
    return [
        _figure("cold start to the first answer / httpx script", seconds["answer"], seconds["httpx"], 4),
        _figure(
            "the same with a tool, its worker started / httpx script", seconds["answer with a tool"], seconds["httpx"]
        ),
        _figure("runner --help / import click", seconds["help"], seconds["click"], 1.5),
        Figure("resident MB of an idle daemon", f"{fresh:.0f} MB", "", fresh, 85),
        Figure("the same after an answer", f"{used:.0f} MB", "", used),
    ]


def _figure(what: str, ours: float, bare: float, goal: float | None = None) -> Figure:
    return Figure(what, f"{ours * 1000:,.0f} ms", f"{bare * 1000:,.0f} ms", ours / bare, goal)


def _in_turns(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """The median seconds of each command; the first round, which fills the caches of files, is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, command in commands.items():
            begin = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(taken[1:]) for name, taken in seconds.items()}


def _daemon_memory(folder: Path) -> tuple[float, float]:
    """Resident megabytes of a daemon that is left alone: just up, and after its first answer."""
    runner = (*RUNNER, "-C", str(folder))
    subprocess.run((*runner, "up", "-d", "--listen", "127.0.0.1:0"), check=True, capture_output=True)
    try:
        fresh = _resident(folder)
        subprocess.run((*runner, "run", "reader", QUESTION), check=True, capture_output=True)
        return fresh, _resident(folder)
    finally:
        subprocess.run((*runner, "down"), check=True, capture_output=True)


def _resident(folder: Path) -> float:
    time.sleep(IDLE_SECONDS)
    pid = json.loads((folder / ".runner" / "daemon.json").read_text())["pid"]
    resident: int = psutil.Process(pid).memory_info().rss
    return resident / 1e6
