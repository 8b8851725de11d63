"""The one connection to a host: opened when it is needed, used by many commands at once, closed when idle."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import paramiko

    from runner.targets.hosts.connection import Connection
    from runner.targets.hosts.dialer import Dialer

_T = TypeVar("_T")
PATIENCE = 10.0
"""Seconds in which a host must let us in."""
_CLOSING = 5.0


class Line:
    """The connection to one host. Its threads are its own, so that a host that hangs holds up no other."""

    def __init__(self, name: str, dialer: Dialer, idle: float, threads: int) -> None:
        self.name = name
        self._dialer = dialer
        self._idle = idle
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"host-{name}")
        self._connection: Connection | None = None
        self._opening: asyncio.Task[None] | None = None
        self._users = 0
        self._timer: asyncio.TimerHandle | None = None
        self.opened = 0
        """How often a connection came up."""

    async def __aenter__(self) -> Self:
        self._users += 1
        if self._timer is not None:
            self._timer.cancel()
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._users -= 1
        if not self._users:
            self._timer = asyncio.get_running_loop().call_later(self._idle, self._drop)

    async def transport(self) -> paramiko.Transport:
        """The open connection; one attempt is shared by all who wait for it. Raises `ToolFailed`."""
        while self._connection is None or not self._connection.is_connected:
            if self._opening is None:
                self._opening = asyncio.create_task(self._open())
                self._opening.add_done_callback(self._settled)
            await asyncio.shield(self._opening)
        transport: paramiko.Transport = self._connection.transport
        return transport

    def _settled(self, opening: asyncio.Task[None]) -> None:
        self._opening = None
        _heard(opening)

    async def _open(self) -> None:
        self._drop()
        attempt = asyncio.get_running_loop().run_in_executor(self._pool, self._dialer.connect, self.name, PATIENCE)
        await asyncio.wait({attempt}, timeout=PATIENCE)
        try:
            connection = await asyncio.wait_for(asyncio.shield(attempt), 0)
        except Exception as error:
            from runner.targets.hosts.faults import not_reached

            attempt.add_done_callback(_close_late)
            raise not_reached(self.name, error) from error
        self.opened += 1
        self._connection = connection

    def begin(self, work: Callable[..., _T], *given: object) -> asyncio.Future[_T]:
        """Blocking work, in a thread of this host."""
        future = asyncio.get_running_loop().run_in_executor(self._pool, work, *given)
        future.add_done_callback(_heard)
        return future

    def spare(self, work: Callable[[], None]) -> None:
        """Do what may block and nobody waits for; after the end nothing is left to do."""
        with suppress(RuntimeError):
            self._pool.submit(work)

    def drop(self, transport: paramiko.Transport) -> None:
        """Give up a connection that does not answer; the next command opens another."""
        if self._connection is not None and self._connection.transport is transport:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self.spare(connection.close)

    async def close(self) -> None:
        """Close the connection, and let the threads go."""
        if self._timer is not None:
            self._timer.cancel()
        if self._opening is not None:
            await asyncio.wait({self._opening})
        self._drop()
        await asyncio.wait({asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)}, timeout=_CLOSING)


def _close_late(attempt: asyncio.Future[Connection]) -> None:
    """Close a connection that came up after nobody waited for it."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


def _heard(future: asyncio.Future[Any]) -> None:
    """Nobody may wait any more for what a thread did: its error is no news."""
    if not future.cancelled():
        future.exception()
