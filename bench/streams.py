"""What a streamed piece of a long answer costs: adapter, engine, and one reader who watches the run."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx

from bench.clients import over_aiohttp
from bench.figures import Figure
from bench.house import QUESTION, engine, furnish
from bench.servers import server
from runner.engine import Engine, Start
from runner.runs.live import Delta, Subscription

PIECES = 4000
BODY = {"model": "bench", "messages": [{"role": "user", "content": QUESTION}], "stream": True}


def streams(folder: Path, *, quick: bool) -> list[Figure]:
    """The figure, answers in turns with a bare client that only reads lines and parses them."""
    with server(pieces=PIECES) as url:
        furnish(folder, url)
        ours, httpx_, aiohttp_ = asyncio.run(_measure(folder, url, rounds=3 if quick else 9))
    what = f"CPU of a streamed piece, {PIECES:,} an answer"
    return [
        Figure(f"{what} / lines of httpx", _us(ours), _us(httpx_), ours / httpx_, 3),
        Figure(f"{what} / lines of httpx-aiohttp", _us(ours), _us(aiohttp_), ours / aiohttp_, 3),
    ]


async def _measure(folder: Path, url: str, rounds: int) -> list[float]:
    """Medians of CPU seconds a piece; the first round brings connections up and is not counted."""
    async with engine(folder) as working, httpx.AsyncClient() as bare, over_aiohttp() as quicker:
        contestants = [partial(_watched, working), partial(_lines, bare, url), partial(_lines, quicker, url)]
        costs: list[list[float]] = [[] for _ in contestants]
        for turn in range(rounds + 1):
            for step in range(len(contestants)):
                number = (turn + step) % len(contestants)
                costs[number].append(await _cost(contestants[number]))
    return [statistics.median(seconds[1:]) for seconds in costs]


async def _cost(ask: Callable[[], Awaitable[int]]) -> float:
    begin = time.process_time()
    pieces = await ask()
    if pieces < PIECES:
        raise SystemExit(f"{pieces} of {PIECES} pieces came")
    return (time.process_time() - begin) / pieces


async def _watched(working: Engine) -> int:
    """A run of an agent to its end, watched by a reader that takes every piece."""
    run = await working.submit(Start("speaker", {"text": QUESTION}))
    watching = working.live.subscribe(run, room=2 * PIECES)
    reader = asyncio.create_task(_count(watching))
    await working.settled(run)
    watching.close()
    return await reader


async def _count(watching: Subscription) -> int:
    return sum([isinstance(item, Delta) async for item in watching])


async def _lines(client: httpx.AsyncClient, url: str) -> int:
    async with client.stream("POST", f"{url}/chat/completions", json=BODY) as response:
        chunks = [json.loads(line[6:]) async for line in response.aiter_lines() if line.startswith("data: {")]
    return len(chunks)


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs"
