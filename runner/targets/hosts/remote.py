"""A command that runs on a host: what comes of it is read in the event loop, without a thread of its own."""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from runner.spec.cuts import end_of
from runner.targets.hosts.script import SHELL

if TYPE_CHECKING:
    from collections.abc import Callable

    import paramiko

    from runner.targets.output import Output

_PIECE = 65_536
_PIECES = 16
"""Pieces taken at once; then others of the loop have their turn."""
_NOISE = 65_536
"""Bytes that a login shell may put out before our script begins."""
_PID = re.compile(r"[0-9]{1,10}")
_STRANGE = "its login shell does not start /bin/sh"


class _Wake(threading.Event):
    """Set by the library's thread when there is something to take; tells the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
        super().__init__()
        self._loop = loop
        self._tell = tell

    def set(self) -> None:
        """Tell the loop, once until it is cleared."""
        if not self.is_set():
            super().set()
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._tell)


class Remote:
    """One command: its bytes go to an Output; futures tell how far it is."""

    def __init__(self, output: Output, call: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._output = output
        self._call = call.encode()
        self._head: bytearray | None = bytearray()
        self._channel: paramiko.Channel | None = None
        self.leader = 0
        """The id of the process, and group, that runs it there."""
        self.is_started = False
        """Whether the host may have begun to run it."""
        self.begun: asyncio.Future[None] = self._loop.create_future()
        """Done when its process is known."""
        self.exited: asyncio.Future[int | None] = self._loop.create_future()
        """Its code; None when the connection broke off."""
        self.closed: asyncio.Future[None] = self._loop.create_future()
        """Done when nothing more can come."""
        self.full: asyncio.Future[None] = self._loop.create_future()
        """Done when more came than is listened to."""

    def begin(self, transport: paramiko.Transport, script: str, seconds: float, most: int) -> None:
        """Start it there; blocks, in another thread.

        The window is as large as what is listened to, so that reading never sends anything: the loop would wait for it.
        """
        channel = transport.open_session(window_size=most + 2 * _PIECE, timeout=seconds)
        self._channel = channel
        channel.in_window_threshold = most + 2 * _PIECE
        channel.set_combine_stderr(True)
        channel.settimeout(seconds)
        channel.status_event = _Wake(self._loop, self._take)
        channel.in_buffer.set_event(_Wake(self._loop, self._take))
        channel.exec_command(SHELL)
        self.is_started = True
        try:
            channel.sendall(script.encode(errors="surrogateescape"))
            channel.shutdown_write()
        except OSError:
            if channel.exit_status < 0:  # else it ended without listening, and what it said tells why
                raise

    def close(self) -> None:
        """Stop listening; blocks for a moment, in another thread."""
        if self._channel is not None:
            self._channel.close()

    @property
    def is_strange(self) -> bool:
        """Whether it ended without having begun."""
        return self._head is not None

    @property
    def noise(self) -> str:
        """What was put out in place of our first line."""
        return f"{_STRANGE}; it says: {end_of(bytes(self._head or b'').decode(errors='replace').strip(), 500)}"

    def _take(self) -> None:
        """Take what has come, a bounded share at once."""
        channel = self._channel
        if channel is None:
            return
        for _ in range(_PIECES):
            if not channel.recv_ready() or self._output.is_full:
                break
            self._add(channel.recv(_PIECE))
        else:
            self._loop.call_soon(self._take)
            return
        if self._output.is_full:
            _done(self.full)
        elif channel.eof_received or channel.closed:
            _done(self.closed)
        if channel.exit_status_ready() and not self.exited.done():
            # Without a code, and closed: killed by a signal together with our shell, or the connection is lost.
            self.exited.set_result(channel.exit_status if channel.exit_status >= 0 else None)

    def _add(self, piece: bytes) -> None:
        if self._head is None:
            self._output.add(piece)
            return
        self._head += piece
        begin = self._head.find(self._call + b" ")
        end = self._head.find(b"\n", begin) if begin >= 0 else -1
        if end >= 0:
            word = self._head[begin + len(self._call) + 1 : end].decode(errors="replace")
            rest, self._head = bytes(self._head[end + 1 :]), None
            self.leader = int(word) if _PID.fullmatch(word) else 0
            self._output.add(rest)
            _done(self.begun)
        elif len(self._head) > _NOISE:
            del self._head[: -_NOISE // 2]


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
