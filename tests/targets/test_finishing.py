"""What is begun is done to its end, and a cancellation counts as if it had come after it."""

from __future__ import annotations

import asyncio

import pytest

from runner.targets.finishing import finished


async def ticks(done: list[int], count: int = 20) -> str:
    """Work that takes so many rounds of the loop."""
    for number in range(count):
        await asyncio.sleep(0)
        done.append(number)
    return "done"


def test_what_nobody_cancels_gives_its_result() -> None:
    """As if it had been awaited itself."""
    assert asyncio.run(finished(ticks([]))) == "done"


def test_a_failure_is_raised() -> None:
    """As if it had been awaited itself."""

    async def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(finished(fails()))


def test_the_result_is_known_and_the_next_await_is_cancelled() -> None:
    """However often the caller was cancelled; the loop ends right after it, and nothing is left undone."""
    done: list[int] = []
    told: list[str] = []

    async def caller() -> None:
        told.append(await finished(ticks(done)))
        await asyncio.sleep(0)
        told.append("went on")

    async def scene() -> None:
        task = asyncio.create_task(caller())
        for _ in range(3):
            await asyncio.sleep(0)
            task.cancel("enough")
        with pytest.raises(asyncio.CancelledError, match="enough"):
            await task

    asyncio.run(scene())
    assert (len(done), told) == (20, ["done"])


def test_a_time_out_that_comes_meanwhile_is_one() -> None:
    """It is not taken for a cancellation by somebody else."""
    done: list[int] = []

    async def scene() -> None:
        async with asyncio.timeout(0):
            await finished(ticks(done))
            await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        asyncio.run(scene())
    assert len(done) == 20
