"""Secrets that runner keeps itself: one encrypted file in `.runner`, its key outside of the project.

The key is systemd's credential `runner-secrets-key`, else a file that only its user may read. Who can read both the key
and the file can read the secrets: encryption keeps them out of copies of the project, backups and screens.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import RunnerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cryptography.fernet import Fernet

FILE = ".runner/secrets"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""The variable by which systemd names the folder of a unit's credentials: one file a name."""
CREDENTIAL = "runner-secrets-key"


class Unopened(RunnerError):
    """The kept secrets cannot be opened: the key is missing, is another, or may be read by others."""


def is_there(root: Path) -> bool:
    """Whether a project keeps any."""
    return (root / FILE).is_file()


def read_kept(root: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The values by their names; raises `Unopened`."""
    from cryptography.fernet import InvalidToken

    if not is_there(root):
        return {}
    box = _box(environment, make=False)
    try:
        values: dict[str, str] = json.loads(box.decrypt((root / FILE).read_bytes()))
    except (InvalidToken, ValueError, OSError) as error:
        raise Unopened(
            f"{FILE} cannot be opened with the key in {_key_file(environment)}: it is damaged, or of another key",
            hint=f"bring the key back, or remove {FILE} and set the secrets anew",
        ) from error
    return values


def keep(name: str, value: str | None, root: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Keep a value under a name, or forget it (None); raises `Unopened`.

    Whoever else keeps one meanwhile waits: what is written is what was read, and this.
    """
    with _alone(root):
        values = {key: old for key, old in read_kept(root, environment).items() if key != name}
        if value is not None:
            values[name] = value
        _write(root / FILE, _box(environment, make=True).encrypt(json.dumps(values).encode()))


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile; makes its folder, which git does not see."""
    folder = (root / FILE).parent
    folder.mkdir(mode=0o700, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    with (folder / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _box(environment: Mapping[str, str], *, make: bool) -> Fernet:
    from cryptography.fernet import Fernet

    file = _key_file(environment)
    if make and not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(file, Fernet.generate_key())
    try:
        if file.stat().st_mode & 0o077:
            raise Unopened(f"others may read the key of the secrets, {file}", hint=f"chmod 600 {file}")
        return Fernet(file.read_bytes().strip())
    except OSError as error:
        raise Unopened(f"the key of the secrets, {file}, cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Unopened(f"{file} holds no key", hint="bring it back from where it was kept") from error


def _key_file(environment: Mapping[str, str]) -> Path:
    """Where the key is: among systemd's credentials, or in the user's own configuration."""
    given = environment.get(CREDENTIALS)
    if given and (Path(given) / CREDENTIAL).exists():
        return Path(given) / CREDENTIAL
    home = environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME") or Path.home()) / ".config"
    return Path(home) / "runner" / "secrets.key"


def _write(file: Path, content: bytes) -> None:
    """Write a file that only its user may read, whole or not at all."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
