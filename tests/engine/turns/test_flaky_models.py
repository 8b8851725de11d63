"""Two servers that fail three times in ten, and what still comes of it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bench.fault_server import FaultServer
from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.port import Deadline, Message, Place, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.runs.record import Record
    from tests.engine.house import House, Told

CALLS = 2000
UNIT = 0.01
"""One second of a real server, a hundred times as fast; the timeout class is scaled alike, in the project's files."""
RUNNER = """
models:
  default: {provider: vllm, model: main, base_url: "MAIN", fallback: [spare]}
  spare: {provider: vllm, model: spare, base_url: "SPARE"}
timeouts:
  standard: {model: 600ms..6s, tool: 30s}
"""
AGENT = """
description: Doubles a number.
prompt: Answer with the double of the number, as JSON.
output: {double: int}
"""
WORKFLOW = """
description: Doubles many numbers.
inputs: {most: int}
phases:
  all:
    foreach: {in: "range(inputs.most) | list", as: n, concurrency: 64, max_failures: 100000}
    agent: doubler
    message: "{{ n }}"
"""


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_nearly_all_answers_are_right_and_none_is_wrong(
    house: House, rounds: Callable[[int], int], seed: int, record_property: Callable[[str, object], None]
) -> None:
    """Main model and fallback both fail in 30 % of all answers; settings are the default ones."""
    count = rounds(CALLS)

    async def scenario() -> tuple[list[Record], str, float]:
        async with FaultServer(seed, unit=UNIT) as main, FaultServer(seed + 1, unit=UNIT) as spare:
            house.write("runner.yaml", RUNNER.replace("MAIN", main.url).replace("SPARE", spare.url))
            house.write("agents.d/doubler.yaml", AGENT)
            house.write("workflows/double.yaml", WORKFLOW)
            told = await house.run("double", most=count)
            records = [told.record(f"all/1/{n}") for n in range(count)]
            return records, _troubles(told), await _without_retry(seed + 2, count)

    records, told, naive = asyncio.run(scenario())
    right = sum(record.output == {"double": 2 * n} for n, record in enumerate(records))
    wrong = [record for n, record in enumerate(records) if record.ok and record.output != {"double": 2 * n}]
    late = sum(record.error is not None and record.error.match == "timeout" for record in records)
    share = f"{right / count:.2%} of {count} right, {late / count:.2%} late; without retry {naive:.2%} right; {told}"
    record_property("figures", share)
    assert wrong == []
    assert right >= 0.995 * count, share
    assert late < 0.01 * count, share


def _troubles(told: Told) -> str:
    counts = Counter(event.trouble for event in told.of("model.failed"))
    again = len(told.of("model.retried"))
    return f"{len(told.of('model.requested'))} attempts, failed {dict(counts)}, asked again in words {again}"


async def _without_retry(seed: int, count: int) -> float:
    """The share of right answers of one attempt each, with half a minute for all."""
    slots, right = asyncio.Semaphore(64), 0

    async def ask(number: int) -> bool:
        messages = [Message("user", str(number))]
        request = Request(messages, [], None, Deadline(30 * UNIT), Place("doubler", "all", 1, 1))
        async with slots:
            try:
                reply = await model.reply(request, lambda _kind, _text: None)
                return bool(json.loads(reply.text) == {"double": 2 * number})
            except (ModelFailed, ValueError):
                return False

    async with FaultServer(seed, unit=UNIT) as server:
        spec = ServedModel.model_validate({"provider": "vllm", "model": "main", "base_url": server.url})
        model = open_model("main", spec, key=None, replies=None)
        try:
            right = sum(await asyncio.gather(*(ask(number) for number in range(count))))
        finally:
            await model.close()
    return right / count
