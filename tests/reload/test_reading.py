"""Files are read as one set, and what is nobody's mistake is told apart from what is somebody's."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runner.reload.reading import Seen, Unsteady, read_steadily


def test_a_reading_tells_what_exactly_was_read(root: Path) -> None:
    """The files that others name are found by reading: a second time they were known before."""
    reading = asyncio.run(read_steadily(root, Seen(), lambda _text: None))
    assert reading.loaded.project is not None
    assert reading.seen.named == {"demo/replies.yaml"}
    assert set(reading.seen.digests) == {"runner.yaml", "agents.d/greeter.yaml", "demo/replies.yaml"}
    assert set(reading.seen.survey.prints) == {str(root / name) for name in reading.seen.digests}


def test_a_process_without_descriptors_has_no_wrong_files(root: Path) -> None:
    """Nothing can be opened for a moment: that is no Problem of a file, and is tried again."""

    async def scene() -> None:
        await asyncio.to_thread(os.getpid)
        with _no_descriptors(), pytest.raises(Unsteady, match="the files cannot be read: Too many open files"):
            await read_steadily(root, Seen(), lambda _text: None)

    asyncio.run(scene())


@contextmanager
def _no_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
