"""Blobs: kept once, whole or not at all."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from runner.errors import StoreError
from runner.runs.blobs import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """An empty folder of blobs."""
    return Blobs(tmp_path / "blobs")


def files_in(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_bytes_are_kept_under_their_digest(blobs: Blobs) -> None:
    """Once, however often they come."""
    digest = blobs.put(b"\x00hello")
    assert digest == hashlib.sha256(b"\x00hello").hexdigest()
    assert blobs.put(b"\x00hello") == digest
    assert blobs.get(digest) == b"\x00hello"
    assert blobs.exists(digest)
    assert files_in(blobs.folder) == [f"{digest[:2]}/{digest[2:]}"]


def test_a_file_gets_the_digest_of_its_bytes(blobs: Blobs, tmp_path: Path) -> None:
    """Read in pieces, kept the same."""
    source = tmp_path / "large"
    source.write_bytes(b"0123456789" * 300_000)
    digest = blobs.put_file(source)
    assert digest == blobs.put(source.read_bytes())
    assert blobs.path(digest).stat().st_size == 3_000_000


def test_a_missing_blob_is_named(blobs: Blobs) -> None:
    """Not an empty answer."""
    digest = "ab" * 32
    assert not blobs.exists(digest)
    with pytest.raises(StoreError, match=f"blob {digest} is missing"):
        blobs.get(digest)


def test_a_damaged_blob_is_refused(blobs: Blobs) -> None:
    """Bytes that do not fit their name are no evidence."""
    digest = blobs.put(b"true")
    blobs.path(digest).write_bytes(b"false")
    with pytest.raises(StoreError, match="is damaged"):
        blobs.get(digest)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "AB" * 32, "ab" * 31])
def test_only_a_digest_names_a_blob(blobs: Blobs, name: str) -> None:
    """Nothing else reaches the file system."""
    with pytest.raises(StoreError, match="is no digest of a blob"):
        blobs.path(name)


FULL = """
import sys
from pathlib import Path
from runner.errors import StoreError
from runner.runs.blobs import Blobs
try:
    Blobs(Path(sys.argv[1])).put(b"x" * 100_000)
except StoreError as error:
    print(error.message)
"""


def test_a_blob_that_does_not_fit_on_the_disk_leaves_nothing(blobs: Blobs) -> None:
    """Neither the blob nor a part of it."""
    said = subprocess.run(
        [sys.executable, "-c", FULL, blobs.folder],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "a blob cannot be written: File too large" in said.stdout
    assert files_in(blobs.folder) == []
