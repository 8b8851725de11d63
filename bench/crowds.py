"""Many at once against a model that takes its time: how near the whole comes to the time of one."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

from bench.figures import Figure
from bench.house import BRANCHES, answer, engine, furnish
from bench.servers import server

CROWD = 500
LATENCY_MS = 200
BRANCH_MS = 100


def crowds(folder: Path, *, quick: bool) -> list[Figure]:
    """Runs at once, and branches of one run joined."""
    rounds = 3 if quick else 7
    with server(LATENCY_MS) as url:
        furnish(folder / "crowd", url)
        crowd = asyncio.run(_seconds(folder / "crowd", "reader", CROWD, rounds))
    with server(BRANCH_MS) as url:
        furnish(folder / "branches", url)
        branches = asyncio.run(_seconds(folder / "branches", "chorus", 1, rounds))
    ideal = 2 * LATENCY_MS / 1000
    return [
        Figure(f"{CROWD} answers at once, latency {LATENCY_MS} ms / ideal", _ms(crowd), _ms(ideal), crowd / ideal, 2.5),
        Figure(
            f"{BRANCHES} branches of {BRANCH_MS} ms joined / ideal",
            _ms(branches),
            f"{BRANCH_MS} ms",
            branches * 1000 / BRANCH_MS,
            1.25,
        ),
    ]


async def _seconds(folder: Path, name: str, at_once: int, rounds: int) -> float:
    """The median of some rounds; the first one, in which connections and workers come up, is not counted."""
    seconds = []
    async with engine(folder) as working:
        for _ in range(rounds + 1):
            begin = time.perf_counter()
            await asyncio.gather(*(answer(working, name) for _ in range(at_once)))
            seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds[1:])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
