"""A way to a real engine on which each wish for a container takes its time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer
from threading import Event, Thread

LATER = 0.5
"""Seconds."""


@contextmanager
def slow(engine: str, place: Path) -> Iterator[Event]:
    """A socket that leads to the engine's; gives what is set when a container is wished for.

    At the end all that was wished for has reached the engine, be its sender there or not, and was answered.
    """
    wished = Event()

    class Way(BaseRequestHandler):
        """One connection."""

        def handle(self) -> None:
            """Hand on both ways."""
            with socket.socket(socket.AF_UNIX) as there:
                there.connect(engine)
                back = Thread(target=_hand_on, args=(there, self.request))
                back.start()
                for words in _words(self.request):
                    if b"/containers/create" in words:
                        wished.set()
                        time.sleep(LATER)
                    there.sendall(words)
                there.shutdown(socket.SHUT_WR)
                back.join()

    with ThreadingUnixStreamServer(str(place), Way) as server:
        serving = Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield wished
        finally:
            server.shutdown()
            serving.join()


def _hand_on(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):  # who asked may be gone
        for words in _words(source):
            to.sendall(words)
        to.shutdown(socket.SHUT_WR)


def _words(source: socket.socket) -> Iterator[bytes]:
    with suppress(ConnectionError):
        while words := source.recv(65_536):
            yield words
