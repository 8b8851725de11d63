"""How bubblewrap comes to the folders it binds: by their own paths, or, started by root, lent to a user that is nobody.

Root must not enter the sandbox as root: the kernel would go on to let it read what only root may, and would not count
its processes. So it becomes a user that no account has, and the folders come to that user: each is mounted once more,
in a mount namespace of this command alone, at a place that everybody can reach. The workspace's mount is an idmapped
one, in which its owner and that user are the same: what the command writes belongs, on disk, to the workspace's owner.
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from runner.errors import ToolFailed
from runner.targets.processes import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable

USER = 61_001
"""The user and group in the sandbox when root starts it: of a range that neither Debian nor systemd gives out."""
_LENT = Path("/run/runner-sandbox")
"""Where lent folders are mounted; outside the command's namespace there are only empty ones."""

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # on every machine
_HERE = -100  # AT_FDCWD
_CLONE, _CLOEXEC, _OF_DESCRIPTOR = 1, os.O_CLOEXEC, 0x1000
_FROM_DESCRIPTOR = 4  # MOVE_MOUNT_F_EMPTY_PATH
_IDMAP = 0x0010_0000
_NEW_MOUNTS, _PRIVATE = 0x0002_0000, 16_384 | 1 << 18


class Paths(Protocol):
    """Where bubblewrap finds folders, and as whom it is started. A context manager: what is lent is given back."""

    launcher: tuple[str, ...]
    """The words before bubblewrap's own."""
    user: tuple[int, int]
    """User and group in the sandbox."""

    def __enter__(self) -> Self:
        """Begin one command."""

    def __exit__(self, *_: object) -> None:
        """The command has been started."""

    def lend(self, path: Path, *, as_owner: bool = False) -> None:
        """Have a path at hand; `as_owner`: for writing, as its owner would."""

    def source(self, path: Path) -> str:
        """Where bubblewrap finds a path that is lent, or lies in one that is."""

    def in_child(self) -> Callable[[], None]:
        """What the child does between fork and exec."""


class OwnPaths:
    """Folders as they are, for a user that is not root."""

    launcher: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.user = (os.geteuid(), os.getegid())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def lend(self, path: Path, *, as_owner: bool = False) -> None:
        """Nothing is to do."""

    def source(self, path: Path) -> str:
        """The path itself."""
        return str(path)

    def in_child(self) -> Callable[[], None]:
        """End with the parent."""
        return die_with_parent()


class LentPaths:
    """Folders lent by root to USER, for one command."""

    user = (USER, USER)

    def __init__(self, setpriv: str) -> None:
        user = (f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs", "--pdeathsig=KILL")
        self.launcher: tuple[str, ...] = (setpriv, *user, "--")
        self._trees: dict[Path, tuple[int, Path]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for tree, _place in self._trees.values():
            os.close(tree)
        self._trees.clear()

    def lend(self, path: Path, *, as_owner: bool = False) -> None:
        """Make the mount, which is nowhere yet; raises ToolFailed where the file system cannot be lent."""
        place = _LENT / f"{'folder' if path.is_dir() else 'file'}-{len(self._trees)}"
        try:
            _make_place(place)
            tree = _call(_OPEN_TREE, _HERE, os.fsencode(path), _CLONE | _CLOEXEC)
            self._trees[path] = (tree, place)
            if as_owner:
                owner = path.stat()
                attributes = struct.pack("=QQQQ", _IDMAP, 0, 0, _owner_as_user(owner.st_uid, owner.st_gid))
                _call(_MOUNT_SETATTR, tree, b"", _OF_DESCRIPTOR, attributes, len(attributes))
        except OSError as error:
            raise ToolFailed(
                f"the sandbox cannot have {path}: started by root it must lend it to another user, and the system "
                f"refuses: {error}",
                match="unavailable",
                hint="run runner as an ordinary user that owns the folder, or put it on ext4, xfs, btrfs or tmpfs "
                "with Linux 5.12 or newer",
            ) from error

    def source(self, path: Path) -> str:
        """The path below the place where it, or what holds it, is mounted."""
        holder = next(lent for lent in (path, *path.parents) if lent in self._trees)
        return str(self._trees[holder][1] / path.relative_to(holder))

    def in_child(self) -> Callable[[], None]:
        """End with the parent; mount what is lent, where only this child and its children see it.

        Called after a fork: like `die_with_parent` it makes only system calls, by objects that are made here.
        """
        library, die = _library(), die_with_parent()
        moves = [(tree, os.fsencode(place)) for tree, place in self._trees.values()]

        def in_child() -> None:
            die()
            failed = library.unshare(_NEW_MOUNTS) or library.mount(b"none", b"/", None, _PRIVATE, None)
            for tree, place in moves:
                failed = failed or library.syscall(_MOVE_MOUNT, tree, b"", _HERE, place, _FROM_DESCRIPTOR)
            if failed:
                os.write(
                    2, b"what is lent to the sandbox cannot be mounted: " + os.strerror(ctypes.get_errno()).encode()
                )
                os._exit(1)

        return in_child


@cache
def _owner_as_user(user: int, group: int) -> int:
    """A user namespace in which an owner's files are USER's; its descriptor is kept, as there are few owners."""
    # A child that answers is in its namespace for sure; the descriptor outlives it.
    with subprocess.Popen(
        ["unshare", "--user", "--", "cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    ) as child:
        assert child.stdin is not None  # noqa: S101 - it was started with pipes
        assert child.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):
            child.stdin.write(b"\n")
        if not child.stdout.read(1):
            raise OSError("user namespaces are refused")
        folder = Path("/proc") / str(child.pid)
        (folder / "uid_map").write_text(f"{user} {USER} 1\n")
        (folder / "gid_map").write_text(f"{group} {USER} 1\n")
        namespace = os.open(folder / "ns" / "user", os.O_RDONLY | os.O_CLOEXEC)
        child.stdin.close()
    return namespace


def _make_place(place: Path) -> None:
    """An empty folder or file to mount on; /run is root's, so that nobody else made it."""
    _LENT.mkdir(exist_ok=True)
    _LENT.chmod(0o755)  # whatever the umask
    if place.name.startswith("folder"):
        place.mkdir(exist_ok=True)
    else:
        place.touch()


def _call(number: int, *arguments: int | bytes) -> int:
    result: int = _library().syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
