"""A served engine: a small project, a real store, a real server on a free port of loopback."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn

from runner.engine import Engine
from runner.project.load import load
from runner.project.sources import Disk
from runner.runs.owners import Owner
from runner.runs.store import Store
from runner.server.app import make_app
from runner.server.listening import bind, url_of
from runner.server.parts import Parts

T = TypeVar("T")
TOKEN = "t" * 43

FILES = {
    "runner.yaml": "models: {default: {provider: scripted, replies: replies.yaml}}\n",
    "replies.yaml": "- {when: {contains: stumm}, calls: [{tool: nap}]}\n- {text: Bonjour à toi.}\n",
    "agents.d/greeter.yaml": "description: Greets.\nprompt: Greet the user.\ntools: [nap]\n",
    "tools.d/naps.yaml": (
        "description: Rests.\ntools: {nap: {description: Sleeps., command: [sleep, '60'], risk: read, timeout: 2m}}\n"
    ),
    "workflows/ask.yaml": (
        "description: Asks.\ninputs: {what: str}\nphases:\n"
        "  sure: {approval: {ask: 'Really {{ inputs.what }}?'}, next: [{when: phases.sure.ok, to: pass}, {to: fail}]}\n"
    ),
    "workflows/rest.yaml": "description: Rests.\nphases:\n  rest: {tool: nap}\n",
    "workflows/pass.yaml": "description: Passes.\nphases:\n  wait: {wait: {for: 1ms}}\n",
}


@dataclass
class FixedFiles:
    """Files that never change; a reload says what it is told to say."""

    ok: bool = True
    triggers: list[str] = field(default_factory=list)

    async def reload(self, trigger: str) -> None:
        """Count the triggers."""
        self.triggers.append(trigger)

    def report(self) -> dict[str, Any]:
        """How the last load went."""
        return {"ok": self.ok, "at": 1.0, "problems": [] if self.ok else [{"file": "agents.d/a.yaml", "line": 3}]}

    def watching(self) -> dict[str, Any]:
        """How changes are seen."""
        return {"mode": "off", "paths": [], "changed_at": None}

    async def commit(self) -> Mapping[str, Any]:
        """The commit of the files."""
        return {"commit": "c0ffee", "dirty": True}


@dataclass
class Served:
    """A server that runs in a thread of its own, and a client of it."""

    url: str
    parts: Parts
    files: FixedFiles
    loop: asyncio.AbstractEventLoop
    client: httpx.Client

    @property
    def engine(self) -> Engine:
        """The engine behind the server."""
        return self.parts.engine

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """An answer of the API to one who knows the token."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=named)

    def start(self, name: str, **inputs: Any) -> str:
        """Start a workflow and return the run's id."""
        answer = self.ask("POST", "/runs", {"workflow": name, "inputs": inputs})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def until(self, run: str, status: str) -> dict[str, Any]:
        """The run once it has that status."""
        end = time.monotonic() + 20
        while (shown := self.ask("GET", f"/runs/{run}").json())["status"] != status:
            assert time.monotonic() < end, shown
            time.sleep(0.01)
        return dict(shown)


@contextmanager
def serving(root: Path, *, host: str = "127.0.0.1", heartbeat: float = 15.0) -> Iterator[Served]:
    """Serve a project until the block is left."""
    ready: Future[tuple[str, Parts, FixedFiles, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(root, host, heartbeat, ready)))
    thread.start()
    url, parts, files, loop, over = ready.result(30)
    try:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30) as client:
            yield Served(url, parts, files, loop, client)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


async def _serve(root: Path, host: str, heartbeat: float, ready: Future[Any]) -> None:
    store = Store.open(root / ".runner")
    owner = Owner.acquire(root / ".runner")
    engine, files, over = Engine(store, owner), FixedFiles(), asyncio.Event()
    parts = Parts(engine, files, time.time(), os.getpid(), heartbeat)
    try:
        await engine.start()
        loaded = load(Disk(root), root)
        assert loaded.project is not None, loaded.problems
        await engine.adopt(await engine.open(loaded.project))
        config = uvicorn.Config(make_app(parts, token=TOKEN, host=host), lifespan="off", ws="none", log_config=None)
        server, bound = uvicorn.Server(config), bind("127.0.0.1:0")
        ready.set_result((url_of(bound), parts, files, asyncio.get_running_loop(), over))
        serve = asyncio.create_task(server.serve([bound]))
        await over.wait()
        parts.stopping.set()
        server.should_exit = True
        await serve
    except BaseException as error:
        if not ready.done():
            ready.set_exception(error)
        raise
    finally:
        await engine.close(0.0)
        owner.release()
        store.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with an agent, a tool that takes long, and workflows that ask, rest and pass."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def served(root: Path) -> Iterator[Served]:
    """The project, served."""
    with serving(root) as served:
        yield served


@pytest.fixture
def serve_at() -> Callable[..., Any]:
    """Serve a project under other circumstances: `host` it listens as, `heartbeat` of its streams."""
    return serving
