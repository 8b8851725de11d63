"""A project on disk, and a reloader of it with a real engine and store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runner.engine import Engine
from runner.reload import Reloader, ReloadResult
from runner.runs.owners import Owner
from runner.runs.store import Store

GREETER = "description: Greets.\nprompt: Say {word}.\n"
FILES = {
    "runner.yaml": "models: {default: {provider: scripted, replies: demo/replies.yaml}}\n",
    "demo/replies.yaml": "- {text: Bonjour.}\n",
    "agents.d/greeter.yaml": GREETER.format(word="one"),
}


@dataclass
class Reloading:
    """A reloader at work, and what it told."""

    root: Path
    store: Store
    engine: Engine
    reloader: Reloader
    told: list[ReloadResult] = field(default_factory=list)

    @property
    def word(self) -> str:
        """What the current revision's greeter says; nothing when there is none."""
        assert self.engine.workbench is not None
        greeter = self.engine.workbench.project.agents.get("greeter")
        return str(greeter.spec.prompt).removeprefix("Say ").removesuffix(".") if greeter else ""

    def says(self, word: str) -> None:
        """Save the greeter with another word."""
        (self.root / "agents.d/greeter.yaml").write_text(GREETER.format(word=word))

    async def until_told(self, count: int) -> ReloadResult:
        """The last of so many results, once there are as many."""
        await self.until(lambda: len(self.told) >= count)
        return self.told[count - 1]

    async def until_word(self, word: str) -> None:
        """Return once the greeter says this word."""
        await self.until(lambda: self.word == word)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return once something is so."""
        for _ in range(2000):
            if is_so():
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"it never came to be; told: {self.told}")


Play = Callable[[Reloading], Awaitable[None]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A good project."""
    root = tmp_path / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@asynccontextmanager
async def reloading(root: Path) -> AsyncIterator[Reloading]:
    """A reloader that has not started yet; its store is beside the project, which may be moved."""
    store = Store.open(root.with_name("store"))
    owner = Owner.acquire(store.folder)
    engine = Engine(store, owner)
    told: list[ReloadResult] = []
    await engine.start()
    try:
        yield Reloading(root, store, engine, Reloader(root, engine, store, notify=told.append), told)
    finally:
        await engine.close(0.0)
        owner.release()
        store.close()


@pytest.fixture
def play(root: Path) -> Callable[[Play], None]:
    """Play a scene with a reloader that has not started yet."""

    def run(scene: Play) -> None:
        async def within() -> None:
            async with reloading(root) as stage:
                await scene(stage)

        asyncio.run(within())

    return run


@pytest.fixture
def watched(root: Path) -> Callable[[Play], None]:
    """Play a scene with a reloader that has started and watches."""

    def run(scene: Play) -> None:
        async def within() -> None:
            async with reloading(root) as stage:
                await stage.reloader.start()
                stage.told.clear()
                watch = asyncio.create_task(stage.reloader.watch())
                try:
                    await scene(stage)
                finally:
                    watch.cancel()
                    await asyncio.gather(watch, return_exceptions=True)

        asyncio.run(within())

    return run
