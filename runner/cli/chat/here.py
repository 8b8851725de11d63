"""A chat in this process: its engine works while a run goes on, and rests while a person thinks."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, ClassVar, Self

from runner.cli.client import person
from runner.cli.local import cancel_on_interrupt, engine_on, follow_here
from runner.engine.submit import message
from runner.runs.live import Delta

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from runner.engine import Engine
    from runner.project.project import Project
    from runner.runs.events import AnyEvent


class Here:
    """The runs of a chat, worked on by an engine of this process."""

    is_here: ClassVar = True
    _engine: Engine

    def __init__(self, project: Project) -> None:
        self._project = project
        self._loop = asyncio.Runner()
        self._open = AsyncExitStack()

    def begin(self, agent: str, text: str, previous: str) -> str:
        """Start a run of a message and return its id."""
        return self._loop.run(self._engine.submit(message(agent, text, person(), previous=previous)))

    def watch(self, run: str, seen: int, take: Callable[[AnyEvent | Delta], None]) -> None:
        """Tell what happens; Ctrl-C cancels the run, and the chat goes on."""

        def new(item: AnyEvent | Delta) -> None:
            if isinstance(item, Delta) or item.seq > seen:
                take(item)

        async def work() -> None:
            with cancel_on_interrupt(self._engine, run):
                await follow_here(self._engine, run, seen, new)
            await self._engine.settled(run)

        self._loop.run(work())

    def go_on(self, run: str) -> None:
        """Take the run up again."""
        self._loop.run(self._engine.resume(run))

    def __enter__(self) -> Self:
        self._engine = self._loop.run(self._open.enter_async_context(engine_on(self._project)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._open.aclose())
        self._loop.close()
