"""A command in the sandbox beside the same one run directly, and beside bubblewrap with next to nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.figures import Figure
from runner.runs.blobs import Blobs
from runner.targets.local import Local
from runner.targets.port import Command, Target
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec

_OWNER = 12_345
_BARE = ("--ro-bind", "/", "/", "--unshare-net", "--unshare-pid", "--", "/usr/bin/true")


def sandbox(folder: Path, *, quick: bool) -> list[Figure]:
    """One command at a time, in turns: `true` run by each; in a container of BENCH_IMAGE by BENCH_DRIVER, if given."""
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, _OWNER, _OWNER)  # a container runs nothing for root
    return asyncio.run(_measured(folder, 10 if quick else 100))


async def _measured(folder: Path, rounds: int) -> list[Figure]:
    blobs = Blobs(folder / "blobs")
    boxed = Sandbox("bench", blobs, SandboxSpec())
    if reason := boxed.available():
        raise SystemExit(f"no sandbox can be measured here: {reason}")
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "sandbox": lambda: _run(boxed, folder),
        "local": lambda: _run(Local("bench", blobs), folder),
        "bare": _bare,
    }
    if image := os.environ.get("BENCH_IMAGE"):
        spec = SandboxSpec.model_validate({"driver": os.environ.get("BENCH_DRIVER", "podman"), "image": image})
        contained = Container("bench", blobs, spec)
        if reason := contained.available():
            raise SystemExit(f"no container can be measured here: {reason}")
        ways["container"] = lambda: _run(contained, folder)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            begin = time.perf_counter()
            await way()
            seconds[name].append(time.perf_counter() - begin)
    taken = {name: 1000 * statistics.median(each[1:]) for name, each in seconds.items()}
    pairs = [("sandbox", "run directly", "local"), ("sandbox", "bare bwrap", "bare")]
    pairs += [("container", "run directly", "local")] if "container" in taken else []
    return [
        Figure(
            f"a command in the {way} / {what}", f"{taken[way]:.1f} ms", f"{taken[by]:.1f} ms", taken[way] / taken[by]
        )
        for way, what, by in pairs
    ]


async def _run(target: Target, folder: Path) -> None:
    await target.run(Command(["true"], folder, 20))


async def _bare() -> None:
    process = await asyncio.create_subprocess_exec(shutil.which("bwrap") or "bwrap", *_BARE, stdin=subprocess.DEVNULL)
    await process.wait()
