"""A server with a door, for the tests of this folder."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="package")
def door() -> Iterator[Callable[[str], str]]:
    """Gives the address of the server that lets in who it says; each is started once."""
    started: list[subprocess.Popen[bytes]] = []

    @cache
    def start(who: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        words = [sys.executable, str(HERE / "door_server.py"), str(port), who]
        started.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        url = f"http://127.0.0.1:{port}/mcp"
        while started[-1].poll() is None:
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        return url

    yield start
    for process in started:
        process.kill()
        process.wait()
