"""The reading end of a process's output."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from runner.spec.cuts import end_of

if TYPE_CHECKING:
    from runner.targets.output import Output

_SHOWN = 2_000
"""Characters of the last output that a failure shows."""


class Listener:
    """The reading end of a pipe whose bytes go to an Output as they come, so that no writer waits for us."""

    def __init__(self, output: Output) -> None:
        self._loop = asyncio.get_running_loop()
        self.output = output
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self.closed: asyncio.Future[None] = self._loop.create_future()
        """Done when nobody can write any more."""
        self.full: asyncio.Future[None] = self._loop.create_future()
        """Done when more came than is listened to."""

    def start(self) -> None:
        """Listen; the child has the writing end by now."""
        os.close(self.write_end)
        self.write_end = -1
        self._loop.add_reader(self._read_end, self._read)

    def drain(self) -> None:
        """Take what lies in the pipe, and wait for nothing."""
        while not self.closed.done() and not self.output.is_full and self._read():
            pass

    def close(self) -> None:
        """Stop listening; a writer that is still there gets SIGPIPE."""
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        if self.write_end >= 0:
            os.close(self.write_end)

    def last_words(self) -> str:
        """The end of the output, for a failure's message."""
        words = end_of(self.output.text().strip(), _SHOWN)
        return f"; its last output:\n{words}" if words else "; it put out nothing"

    def _read(self) -> bool:
        """Take one piece; False when there is none."""
        try:
            chunk = os.read(self._read_end, 65_536)
        except BlockingIOError:
            return False
        if chunk:
            self.output.add(chunk)
        elif not self.closed.done():
            self.closed.set_result(None)
        if self.output.is_full and not self.full.done():
            self.full.set_result(None)
        if not chunk or self.output.is_full:
            self._loop.remove_reader(self._read_end)
        return bool(chunk)
