"""Who is alive: an owner of runs, and the one daemon of a folder, each a file lock that ends with its process."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from runner.errors import StoreBusy, StoreError

OWNERS = "owners"
DAEMON_LOCK = "daemon.lock"
DAEMON_FILE = "daemon.json"
LIMBO = 1.0
"""Seconds in which the lock of a daemon that was killed may outlive it, in a child not yet another program."""
PAUSE = 0.01


class Owner:
    """A name for this process under which it claims runs, alive as long as its lock is held."""

    def __init__(self, owner: str, path: Path, descriptor: int) -> None:
        self.id = owner
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, folder: Path) -> Owner:
        """Become an owner in a store's folder and clear away those whose processes are gone."""
        owners = folder / OWNERS
        try:
            owners.mkdir(mode=0o700, exist_ok=True)
            for name in [path.name for path in owners.iterdir() if not path.name.startswith(".")]:
                if not is_alive(folder, name):
                    (owners / name).unlink(missing_ok=True)
            return cls._acquired(owners)
        except OSError as error:
            raise StoreError(f"{owners} cannot be used: {error.strerror or error}") from error

    @classmethod
    def _acquired(cls, owners: Path) -> Owner:
        owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        hidden = owners / f".{owner}"
        descriptor = _locked(hidden)
        # Named only once it is locked: nobody ever finds a living owner's file without its lock.
        return cls(owner, hidden.rename(owners / owner), descriptor)

    def release(self) -> None:
        """Stop being an owner."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def is_alive(folder: Path, owner: str) -> bool:
    """Whether the process of an owner still lives."""
    try:
        descriptor = os.open(folder / OWNERS / owner, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class DaemonLock:
    """The right to be the daemon of a folder; it ends with the process that holds it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, folder: Path) -> DaemonLock:
        """Take the lock; raises `StoreBusy` naming the process and address that hold it."""
        end = time.monotonic() + LIMBO
        while True:
            try:
                return cls(_locked(folder / DAEMON_LOCK))
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise StoreBusy(
                        f"another daemon holds {folder}{_description(folder)}",
                        hint="stop it with `runner down`, or use it as it is",
                    ) from None
                time.sleep(PAUSE)
            except OSError as error:
                raise StoreError(f"{folder} cannot be used: {error.strerror or error}") from error

    def release(self) -> None:
        """Let another daemon take over."""
        os.close(self._descriptor)


def _locked(path: Path) -> int:
    """A descriptor that holds the file's lock; raises `BlockingIOError` when another has it.

    A program started later does not inherit it, so the lock says that this process lives and no other.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _description(folder: Path) -> str:
    """What daemon.json says of the daemon; nothing when it is not written yet."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        about = json.loads((folder / DAEMON_FILE).read_text(encoding="utf-8"))
        return f": process {about['pid']} at {about['url']}"
    return ""
