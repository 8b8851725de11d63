"""One command on fifty hosts at once, beside OpenSSH's own client with ControlMaster at the same concurrency.

Fifty real servers on loopback. Warm: the connections of both are open. Cold: both open them. In each round both take
their turn, so that a noisy machine is noisy for both; what is shown is the median.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure
from runner.runs.blobs import Blobs
from runner.targets.hosts.host import Host
from runner.targets.hosts.spec import HostSpec
from runner.targets.port import Command
from tests.sshd import Sshd, host_keys, servers

HOSTS = 50
WORDS = ("uname", "-r")


def hosts(folder: Path, *, quick: bool) -> list[Figure]:
    """The medians of some rounds."""
    folder.mkdir()
    with servers(folder, HOSTS) as started:
        host_keys(folder, started)
        cold, warm = asyncio.run(_rounds(folder, started, 2 if quick else 5, 5 if quick else 25))
    return [
        _figure(f"one command on {HOSTS} hosts, warm", warm, 1.5),
        _figure(f"one command on {HOSTS} hosts, cold", cold, None),
    ]


def _figure(what: str, pairs: Sequence[tuple[float, float]], goal: float | None) -> Figure:
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return Figure(what, f"{ours * 1000:.0f} ms", f"{theirs * 1000:.0f} ms (ssh)", ours / theirs, goal)


async def _rounds(folder: Path, started: list[Sshd], cold: int, warm: int) -> tuple[list[tuple[float, float]], ...]:
    colds, warms = [], []
    for number in range(cold):
        sockets = folder / f"s{number}"
        sockets.mkdir()
        targets = [_target(folder, one) for one in started]
        first = [await _ours(targets), await _theirs(folder, sockets, started)]
        colds.append((first[0], first[1]))
        for _ in range(warm // cold):
            warms.append((await _ours(targets), await _theirs(folder, sockets, started)))  # noqa: PERF401 - in turns
        await asyncio.gather(*(one.close() for one in targets))
        await asyncio.gather(*(_ssh(folder, sockets, one, "-O", "exit") for one in started))
    return colds, warms


def _target(folder: Path, server: Sshd) -> Host:
    spec = HostSpec(address=server.address, port=server.port, user=server.user, key=str(server.key))
    return Host("host", {"host": spec}, root=folder, fill=str, spill=Blobs(folder / "blobs"))


async def _ours(targets: list[Host]) -> float:
    began = time.perf_counter()
    done = await asyncio.gather(*(one.run(Command(WORDS, Path("/"), 60)) for one in targets))
    if not all(one.exit == 0 and one.text for one in done):
        raise RuntimeError("a command did not run")
    return time.perf_counter() - began


async def _theirs(folder: Path, sockets: Path, started: list[Sshd]) -> float:
    began = time.perf_counter()
    done = await asyncio.gather(*(_ssh(folder, sockets, one, after=WORDS) for one in started))
    if not all(done):
        raise RuntimeError("a command of ssh did not run")
    return time.perf_counter() - began


async def _ssh(folder: Path, sockets: Path, server: Sshd, *options: str, after: Sequence[str] = ()) -> bytes:
    """OpenSSH's client; the first for a server stays in the background as the master of the others."""
    rules = {
        "ControlMaster": "auto",
        "ControlPath": str(sockets / "%p"),
        "ControlPersist": "60",
        "UserKnownHostsFile": str(folder / "known_hosts"),
    }
    words = [word for rule in rules.items() for word in ("-o", "=".join(rule))]
    process = await asyncio.create_subprocess_exec(
        *("ssh", "-F", "none", *words, "-i", str(server.key), "-p", str(server.port), *options),
        *(f"{server.user}@{server.address}", *after),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return (await process.communicate())[0]
