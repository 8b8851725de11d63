"""Answers kept in files, told as they are or cut at any place."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from tests.models.badserver import BadServer, Script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.models.port import Reply, Request

HERE = Path(__file__).parent


def recorded(wire: str, name: str) -> bytes:
    """The bytes of an answer, as a server of this wire format sends them."""
    return (HERE / wire / "streams" / name).read_bytes()


def asked_often(provider: str, request: Request, scripts: Sequence[Script]) -> list[Reply | ModelFailed]:
    """What becomes of one question after the other, each answered by the next script."""

    async def scenario() -> list[Reply | ModelFailed]:
        async with BadServer(*scripts) as server:
            spec = ServedModel.model_validate({"provider": provider, "model": "tiny", "base_url": server.url})
            model = open_model("lab", spec, key=None, replies=None)
            outcomes: list[Reply | ModelFailed] = []
            for _ in scripts:
                try:
                    outcomes.append(await model.reply(request, lambda *_: None))
                except ModelFailed as fault:
                    outcomes.append(fault)
            await model.close()
            return outcomes

    return asyncio.run(scenario())


def in_two(data: bytes) -> list[Script]:
    """An answer cut in two at every place."""
    return [Script([data[:cut], data[cut:]]) for cut in range(1, len(data))]


def stopped(data: bytes) -> list[Script]:
    """An answer that ends before its last byte, at every place."""
    return [Script([data[:cut]]) for cut in range(1, len(data.rstrip()))]
