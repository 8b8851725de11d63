"""The model server as a process of its own, so that its CPU is nobody's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def server(latency_ms: float = 0.0, pieces: int = 4) -> Iterator[str]:
    """The address of a server that waits so long before each answer, and streams a text in so many pieces."""
    command = [sys.executable, "-m", "bench.model_server", "--latency-ms", str(latency_ms), "--pieces", str(pieces)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was started with a pipe
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()
