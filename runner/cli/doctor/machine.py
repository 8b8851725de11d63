"""What the machine has to give: a free port, git, a folder for the journal."""

from __future__ import annotations

import os
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli.client import find
from runner.cli.doctor.lines import Line, fail, ok, warn
from runner.errors import RunnerError
from runner.git import folder_of
from runner.git.asking import GitFailed, ask
from runner.runs.store import FILE, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project

LEAST = 200_000_000
"""Bytes of free space below which a journal may soon stand still."""
_LISTENS = "0A"
_INODE = re.compile(r"socket:\[(\d+)\]")


def check_port(project: Project, storage: Path) -> Iterator[Line]:
    """Whether the daemon could listen where the files say, or does so already."""
    listen = project.settings.server.listen
    daemon = find(storage)
    if daemon is not None:
        yield ok("port", f"the daemon is up at {daemon.url}")
        return
    host, _, port = listen.rpartition(":")
    try:
        family, _, _, _, address = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        holder = _holder(int(port))
        what = f"{listen} cannot be listened on: {(error.strerror or str(error)).lower()}{holder}"
        yield fail("port", what, "stop that program, or set `server: {listen: …}` in runner.yaml")
        return
    yield ok("port", f"{listen} is free")


def check_git(root: Path) -> Iterator[Line]:
    """Whether versions of the files can be told apart."""
    try:
        version = ask(root, "--version").decode(errors="replace").strip().removeprefix("git version ")
    except GitFailed as error:
        yield warn("git", f"git does not work: {error}", "install git: without it runs know no commit")
        return
    if folder_of(root) is None:
        yield warn("git", f"git {version}; the project is in no repository", "`git init` keeps every version of it")
    else:
        yield ok("git", f"git {version}; the project is in a repository")


def check_store(folder: Path) -> Iterator[Line]:
    """Whether the journal can be written."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        yield fail(
            "store", f"{there} may not be written", "check its owner, or set `storage: {path: …}` in runner.yaml"
        )
        return
    try:
        if (folder / FILE).exists():
            Store.open(folder).close()
    except RunnerError as error:
        yield fail("store", error.message, error.hint or "check the folder, or set `storage: {path: …}` in runner.yaml")
        return
    free = shutil.disk_usage(there).free
    if free < LEAST:
        yield warn(
            "store", f"{there} has {free // 1_000_000} MB left", "make room: a journal that cannot grow stops all runs"
        )
    else:
        yield ok("store", f"{folder} {'is in order' if (folder / FILE).exists() else 'will be made'}")


def _holder(port: int) -> str:
    """Which process listens on a port, as far as this user may see it."""
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listening(table, port)}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            links = (str(link.readlink()) for link in (process / "fd").iterdir())
            if any((found := _INODE.fullmatch(link)) and found[1] in inodes for link in links):
                argv = (process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
                return f"; process {process.name} holds it: {argv[:100]}"
    return "; a process of another user holds it" if inodes else ""


def _listening(table: str, port: int) -> Iterator[str]:
    """The inodes of sockets that listen on a port."""
    with suppress(OSError):
        for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]
