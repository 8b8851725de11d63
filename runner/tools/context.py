"""What the author of a python tool imports: the context of a call, with files that stay in the workspace.

Every access resolves links first, must land inside the workspace, and then walks there from the workspace's own
descriptor without following any link, so that nothing swapped in between is followed outside. What has no method
here (list, move, delete) is done with `os` functions on the descriptors of `directory()` and `parent()`.

The workspace may hold the project that runs here: its journal and secrets are closed, and its files stay as they are,
as a model that changes them would write its own permissions.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from runner.errors import ToolFailed
from runner.runs.sandboxes.places import is_sandbox
from runner.tools.places import is_inside, places
from runner.tools.resources import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["READ_LIMIT", "Context", "Resource", "ToolFailed"]

READ_LIMIT = 10_000_000
"""Bytes that `read_bytes` takes in unless told otherwise."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A FIFO without a writer would hold a plain open for ever.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Context:
    """One call: its workspace (absolute, links resolved), run and step; relative paths are from the workspace.

    `closed` are absolute paths at and below which nothing is read or changed, `fixed` those where nothing is changed.
    The one workspace that lies in a closed place is a run's own, in the store: it is open, and the store is not.
    """

    __slots__ = ("closed", "fixed", "run", "step", "workspace")

    def __init__(
        self,
        workspace: Path | str,
        run: str = "",
        step: str = "",
        closed: Sequence[str] = (),
        fixed: Sequence[str] = (),
    ) -> None:
        self.workspace = Path(os.path.realpath(workspace))
        self.run = run
        self.step = step
        self.closed = places([place for place in closed if not is_sandbox(self.workspace, place)])
        self.fixed = places(fixed)

    def resolve(self, path: str | Path) -> Path:
        """The absolute path without links; it need not exist, but it lies in the workspace."""
        return self.workspace.joinpath(*self._parts(path))

    def relative(self, path: str | Path) -> str:
        """The path as seen from the workspace, links resolved, with `/`; the workspace itself is `.`."""
        return "/".join(self._parts(path)) or "."

    def open(self, path: str | Path) -> BinaryIO:
        """A regular file, opened for reading."""
        with self._file(path) as (folder, name):
            _refuse_special(path, os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
            descriptor = os.open(name, _READ, dir_fd=folder)
        file = os.fdopen(descriptor, "rb")
        try:
            _refuse_special(path, os.fstat(descriptor).st_mode)
        except ToolFailed:
            file.close()
            raise
        return file

    def read_bytes(self, path: str | Path, limit: int = READ_LIMIT) -> bytes:
        """All bytes of a file; one with more than `limit` is refused."""
        with self.open(path) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ToolFailed(f"'{path}' is larger than the {limit:,} bytes that may be read at once")
        return data

    def read_text(self, path: str | Path, limit: int = READ_LIMIT) -> str:
        """The text of a UTF-8 file, line ends as they stand."""
        try:
            return self.read_bytes(path, limit).decode()
        except UnicodeDecodeError as error:
            raise ToolFailed(
                f"'{path}' is no UTF-8 text: byte {error.start} is {error.object[error.start]:#x}"
            ) from error

    def write_bytes(self, path: str | Path, data: bytes) -> None:
        """Put a file in place in one step, with the mode of the one it replaces; its folder must exist."""
        with self._file(path, changing=True) as (folder, name):
            mode = _mode_of(path, folder, name)
            temporary = f".{os.urandom(8).hex()}.tmp"
            descriptor = os.open(temporary, _CREATE, 0o666, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    if mode is not None:
                        os.fchmod(descriptor, mode)
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                os.unlink(temporary, dir_fd=folder)
                raise

    def write_text(self, path: str | Path, text: str) -> None:
        """Put a UTF-8 file in place in one step, line ends as they stand in the text."""
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise ToolFailed(f"the text for '{path}' is no Unicode: half a surrogate pair at {error.start}") from error
        self.write_bytes(path, data)

    def make_directory(self, path: str | Path) -> None:
        """Make a folder and those above it; one that is there already is left alone."""
        with _explained(path), self._walk(self._parts(path, changing=True), make=True):
            pass

    @contextmanager
    def directory(self, path: str | Path) -> Iterator[int]:
        """A descriptor of a folder, for `os.scandir(fd)` and the like; an OSError inside becomes a ToolFailed."""
        with _explained(path), self._walk(self._parts(path)) as descriptor:
            yield descriptor

    @contextmanager
    def parent(self, path: str | Path) -> Iterator[tuple[int, str]]:
        """The folder that holds a path and the last name in it, for `os.unlink` and the like; a link is itself."""
        above, name = os.path.split(_spoken(path).rstrip("/"))
        if name in {"", ".", ".."}:
            above, name = os.path.split(self.resolve(path))
        with _explained(path):
            real = Path(os.path.realpath(self.workspace / above), name)
        if real == self.workspace:
            raise ToolFailed(f"'{path}' is the workspace itself", hint="name something inside of it")
        self._refuse_fixed(path, real)
        if any(is_inside(place, [str(real)]) for place in (*self.closed, *self.fixed)):
            raise ToolFailed(f"'{path}' holds files of runner's own", hint="name something inside of it")
        with _explained(path), self._walk(self._parts(above or ".")) as descriptor:
            yield descriptor, name

    @contextmanager
    def _file(self, path: str | Path, *, changing: bool = False) -> Iterator[tuple[int, str]]:
        """The folder that a path leads to, links resolved, and the name in it."""
        *folders, name = self._parts(path, changing=changing) or (".",)
        with _explained(path), self._walk(folders) as descriptor:
            yield descriptor, name

    def _parts(self, path: str | Path, *, changing: bool = False) -> tuple[str, ...]:
        """The names from the workspace to where a path leads."""
        with _explained(path):  # a link that is removed while it is read
            real = Path(os.path.realpath(self.workspace / _spoken(path)))
        if not real.is_relative_to(self.workspace):
            led = "" if os.path.normpath(self.workspace / path) == str(real) else f": it leads to {real}"
            raise ToolFailed(
                f"'{path}' leaves the workspace {self.workspace}{led}",
                hint="give a path inside the workspace, such as src/app.py",
            )
        if is_inside(real, self.closed):
            raise ToolFailed(f"'{path}' belongs to runner itself", hint="work on the files beside it")
        if changing:
            self._refuse_fixed(path, real)
        return real.relative_to(self.workspace).parts

    def _refuse_fixed(self, path: str | Path, real: Path) -> None:
        if is_inside(real, (*self.closed, *self.fixed)):
            raise ToolFailed(
                f"'{path}' is one of the files that say what agents may do: no tool changes them",
                hint="write the change into your answer; a person makes it",
            )

    @contextmanager
    def _walk(self, folders: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """A descriptor of the folder that these names lead to, none of them a link."""
        descriptor = os.open(self.workspace, _FOLDER)
        try:
            for name in folders:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, dir_fd=descriptor)
                inner = os.open(name, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)


def _spoken(path: str | Path) -> str:
    text = str(path)
    if not text or "\0" in text:
        raise ToolFailed(
            f"{text!r} is no path", hint="give a path inside the workspace, such as src/app.py; . is the workspace"
        )
    return text


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link that leads in a circle or has just been changed",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _refuse_special(path: str | Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise ToolFailed(f"'{path}' is {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file")


def _mode_of(path: str | Path, folder: int, name: str) -> int | None:
    """The permissions of the file that is there, None when there is none."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    _refuse_special(path, mode)
    return stat.S_IMODE(mode)


_REASONS = {
    errno.ENOENT: "'{path}' is not there",
    errno.EEXIST: "'{path}' is there already",
    errno.ENOTDIR: "'{path}' goes through something that is no folder, or has just become a link",
    errno.ELOOP: "'{path}' is a link that leads in a circle or has just been changed",
    errno.EACCES: "'{path}': the file system allows runner no access",
    errno.ENAMETOOLONG: "'{path}' is too long a path",
}


@contextmanager
def _explained(path: str | Path) -> Iterator[None]:
    """Turn what the operating system answers into words for the model."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, "'{path}': {error}").format(path=path, error=error.strerror or error)
        raise ToolFailed(reason) from error
