"""Outputs too long for the journal, kept whole but for the values of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from runner.runs.blobs import Blobs
    from runner.secrets import Secrets


class Spills:
    """Where a target puts the whole of an output."""

    def __init__(self, blobs: Blobs, secrets: Secrets) -> None:
        self._blobs = blobs
        self._secrets = secrets

    def put_file(self, path: Path) -> str:
        """Take in the file's content; its digest."""
        if not self._secrets.values:
            return self._blobs.put_file(path)
        return self._blobs.put(self._secrets.redact_bytes(path.read_bytes()))
