"""What an answer of two model calls and one tool costs: CPU for each model call, and answers a second at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import psutil

from bench.clients import CLIENTS
from bench.figures import Figure
from bench.house import answer, engine, furnish
from bench.servers import server

CALLS = 2
AT_ONCE = 64
READ, WRITE = "a read tool", "a write tool"
Measured: TypeAlias = "dict[str, Cost]"


@dataclass(frozen=True, slots=True)
class Cost:
    """What answers cost: CPU seconds for a model call, and the rate at which they came."""

    cpu: float
    rate: float


def answers(folder: Path, *, quick: bool) -> list[Figure]:
    """The figures, one answer after another and many at once."""
    with server() as url:
        furnish(folder, url)
        alone, crowd = asyncio.run(_measure(folder, url, rounds=3 if quick else 9, number=40 if quick else 120))
    return _alone(alone) + _at_once(crowd)


def _alone(costs: Measured) -> list[Figure]:
    def figure(tool: str, beside: str, goal: float | None = None) -> Figure:
        ours, bare = costs[tool].cpu, costs[beside].cpu
        return Figure(f"CPU of a model call, {tool} / {beside}", _ms(ours), _ms(bare), ours / bare, goal)

    return [
        figure(READ, "httpx", 0.85),
        figure(WRITE, "httpx", 1.3),
        figure(READ, "httpx-aiohttp"),
        figure(READ, "aiohttp"),
        figure(WRITE, "aiohttp"),
    ]


def _at_once(costs: Measured) -> list[Figure]:
    def figure(tool: str, beside: str, goal: float | None = None) -> Figure:
        ours, bare = costs[tool].rate, costs[beside].rate
        what = f"answers a second, {AT_ONCE} at once, {tool} / {beside}"
        return Figure(what, f"{ours:,.0f}/s", f"{bare:,.0f}/s", ours / bare, goal, "at least")

    def cpu(tool: str, beside: str) -> Figure:
        ours, bare = costs[tool].cpu, costs[beside].cpu
        return Figure(f"CPU of a model call, {AT_ONCE} at once, {tool} / {beside}", _ms(ours), _ms(bare), ours / bare)

    return [
        figure(READ, "httpx", 5),
        figure(READ, "httpx-aiohttp", 0.8),
        figure(WRITE, "httpx"),
        figure(WRITE, "httpx-aiohttp"),
        cpu(READ, "httpx-aiohttp"),
        cpu(WRITE, "httpx-aiohttp"),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


async def _measure(folder: Path, url: str, rounds: int, number: int) -> tuple[Measured, Measured]:
    """All contestants in turns, each round begun by another one, so that a noisy machine is noisy for all."""
    async with AsyncExitStack() as stack:
        contestants: dict[str, Callable[[], Awaitable[None]]] = {
            name: await stack.enter_async_context(client(url)) for name, client in CLIENTS.items()
        }
        working = await stack.enter_async_context(engine(folder))
        contestants |= {READ: partial(answer, working, "reader"), WRITE: partial(answer, working, "writer")}
        for ask in contestants.values():
            await _ask(ask, AT_ONCE, AT_ONCE)
        alone = await _rounds(contestants, rounds, number, 1)
        return alone, await _rounds(contestants, rounds, 4 * number, AT_ONCE)


async def _rounds(
    contestants: dict[str, Callable[[], Awaitable[None]]], rounds: int, number: int, at_once: int
) -> Measured:
    costs: defaultdict[str, list[Cost]] = defaultdict(list)
    names = list(contestants)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            costs[name].append(await _cost(contestants[name], number, at_once))
    return {
        name: Cost(statistics.median(cost.cpu for cost in all_), statistics.median(cost.rate for cost in all_))
        for name, all_ in costs.items()
    }


async def _cost(ask: Callable[[], Awaitable[None]], number: int, at_once: int) -> Cost:
    cpu, begin = _cpu(), time.perf_counter()
    await _ask(ask, number, at_once)
    seconds = time.perf_counter() - begin
    return Cost((_cpu() - cpu) / (number * CALLS), number / seconds)


async def _ask(ask: Callable[[], Awaitable[None]], number: int, at_once: int) -> None:
    left = iter(range(number))

    async def ask_on() -> None:
        for _ in left:
            await ask()

    await asyncio.gather(*(ask_on() for _ in range(at_once)))


def _cpu() -> float:
    """CPU seconds of this process, all its threads, and of the tools' workers it has started."""
    workers = [child.pid for child in psutil.Process().children() if "bench.model_server" not in child.cmdline()]
    return time.process_time() + sum(_run_time(pid) for pid in workers)


def _run_time(pid: int) -> float:
    """CPU seconds of a process, to the nanosecond: the clock ticks of `stat` are too coarse here."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
