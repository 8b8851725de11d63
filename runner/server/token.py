"""The token that every request must carry: made once for a folder, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

from runner.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

TOKEN_FILE = "token"  # noqa: S105 - the name of a file
_BYTES = 32


def ensure_token(folder: Path) -> str:
    """The folder's token, made anew where there is none or where others could have read it."""
    path = folder / TOKEN_FILE
    try:
        return _kept(path) or _made(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror or error}") from error


def _kept(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return ""
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        about = os.fstat(descriptor)
        is_private = not stat.S_IMODE(about.st_mode) & 0o077 and about.st_uid == os.geteuid()
        token = file.read().strip()
    return token if is_private and len(token) >= _BYTES else ""


def _made(path: Path) -> str:
    token = secrets.token_urlsafe(_BYTES)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return token
