"""What a command in the sandbox sees, as options of bubblewrap."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from runner.targets.sandbox.keeping import Kept
    from runner.targets.sandbox.spec import SandboxSpec

HOME = "/tmp/home"  # noqa: S108 - of the sandbox, which has a /tmp of its own
"""The home folder in the sandbox: in /tmp, so that one size bounds both."""
USER = "agent"
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types", "nsswitch.conf"),
    "os-release",
    *("ssl/certs", "ssl/openssl.cnf", "ca-certificates", "pki/tls/certs", "pki/ca-trust", "protocols", "services"),
)
_NAMESPACES = (
    *("--unshare-user", "--disable-userns", "--assert-userns-disabled", "--unshare-pid", "--unshare-ipc"),
    *("--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox", "--die-with-parent", "--new-session"),
    *("--cap-drop", "ALL"),
)


class Place(NamedTuple):
    """A folder that is the command's, as far as its owner could read and write it."""

    path: Path
    kept: Kept
    is_fixed: bool = False
    """Whether the whole of it is read-only."""


class View(NamedTuple):
    """What is shown of this machine."""

    folder: Path
    """Where the command starts."""
    places: Sequence[Place]
    """Outer ones first; a folder to start in that is in none of them is empty."""
    readable: Sequence[Path]
    """Besides the system's own: what every user of this machine may read of it."""


def programs() -> list[Path]:
    """Where runner and its Python are, unless the system's folders hold them: tools of `qa` run what lies there."""
    folders = dict.fromkeys(Path(prefix).resolve() for prefix in (sys.base_prefix, sys.prefix))
    return [folder for folder in folders if not folder.is_relative_to("/usr") and os.access(folder, os.R_OK | os.X_OK)]


def search_path(workspace: Path) -> str:
    """PATH in the sandbox."""
    own = (workspace / ".venv" / "bin", Path(sys.executable).parent)
    return ":".join([*map(str, own), "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])


def options(view: View, spec: SandboxSpec, env: Mapping[str, str], source: Callable[[Path], str]) -> list[str]:
    """All that bubblewrap is told but what it gets by descriptor; `source` says where it finds a path.

    The order is that of the mounts: what comes later lies on top.
    """
    words = list(_NAMESPACES if spec.network else (*_NAMESPACES, "--unshare-net"))
    words += (*_system(spec), "--dir", str(view.folder))
    for path in view.readable:
        words += ("--ro-bind", source(path), str(path))
    for place in view.places:
        words += ("--ro-bind" if place.is_fixed else "--bind", source(place.path), str(place.path))
        words += _kept(place, source)
    words += ("--remount-ro", "/", "--chdir", str(view.folder), "--clearenv")
    for name, value in env.items():
        words += ("--setenv", name, value)
    return words


def _system(spec: SandboxSpec) -> Iterator[str]:
    """The system's programs, and /proc, /dev and /tmp of the sandbox's own; the file systems in memory are bounded."""
    yield from ("--ro-bind", "/usr", "/usr")
    for folder in (Path("/") / name for name in _SYSTEM):
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), str(folder))
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), str(folder))
    for name in (*_ETC, *(("resolv.conf",) if spec.network else ())):
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    size = ("--size", str(spec.tmp_size))
    yield from ("--proc", "/proc", "--dev", "/dev", *size, "--perms", "1777", "--tmpfs", "/dev/shm")  # noqa: S108
    yield from ("--remount-ro", "/dev", *size, "--perms", "1777", "--tmpfs", "/tmp", "--dir", HOME)  # noqa: S108


def _kept(place: Place, source: Callable[[Path], str]) -> Iterator[str]:
    """What in a place is not the command's to change."""
    for path in [] if place.is_fixed else place.kept.pinned:
        yield from ("--bind", source(path), str(path))
    for path in place.kept.fixed:
        yield from ("--ro-bind", source(path), str(path))
    for path in place.kept.closed:
        if path.is_dir():
            yield from ("--perms", "0000", "--tmpfs", str(path), "--remount-ro", str(path))
        else:
            yield from ("--ro-bind", "/dev/null", str(path))  # a mount without devices: it cannot be opened
