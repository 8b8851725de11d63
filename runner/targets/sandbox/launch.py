"""One start of bubblewrap: its words, the descriptors it is given, and what it tells of its end."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.targets.sandbox.layout import HOME, USER, View, options
from runner.targets.sandbox.seccomp import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from runner.targets.sandbox.lending import Paths
    from runner.targets.sandbox.spec import SandboxSpec

_OPEN_FILES = 1_024
_GONE = 2.0
"""Seconds in which the kernel ends the processes of a sandbox whose command has ended."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start."""

    argv: list[str]
    descriptors: tuple[int, ...]
    in_child: Callable[[], None]
    status: int
    """The reading end of what bubblewrap tells."""

    def told(self) -> dict[str, Any]:
        """`child-pid` once the sandbox is made, and `exit-code` once its command has run."""
        try:
            text = os.read(self.status, 65_536)
        except BlockingIOError:
            return {}
        return {key: value for line in text.splitlines() for key, value in json.loads(line).items()}


@contextmanager
def launch(
    argv: Sequence[str], view: View, spec: SandboxSpec, env: Mapping[str, str], made_by: tuple[str, Paths, str]
) -> Iterator[Launch]:
    """The start of a command; bubblewrap's options go by descriptor, so that no process list shows the environment."""
    bubblewrap, paths, machine = made_by
    with ExitStack() as held:
        held.enter_context(paths)
        for path in view.readable:
            paths.lend(path)
        for place in view.places:
            paths.lend(place.path, as_owner=True)
        status, told = _pipe(held)
        files = [_file(held, content) for content in _accounts(*paths.user)]
        seccomp = _file(held, program(machine))
        words = options(view, spec, env, paths.source)
        for descriptor, name in zip(files, ("passwd", "group", "hosts"), strict=True):
            words = ["--perms", "0644", "--ro-bind-data", str(descriptor), f"/etc/{name}", *words]
        words += ("--seccomp", str(seccomp), "--json-status-fd", str(told))
        given = _file(held, b"".join(os.fsencode(word) + b"\0" for word in words))
        start = [*paths.launcher, bubblewrap, "--args", str(given), "--", *argv]
        yield Launch(start, (*files, seccomp, told, given), paths.in_child(), status)


def limits(spec: SandboxSpec, *, is_lasting: bool) -> list[str]:
    """The words of prlimit, which runs inside: there the kernel counts the processes of this sandbox alone."""
    return [
        f"--as={spec.memory}",
        f"--nproc={spec.processes}",
        *(() if is_lasting else (f"--cpu={spec.cpu_seconds}",)),
        f"--fsize={spec.file_size}",
        f"--nofile={_OPEN_FILES}",
        "--core=0",
    ]


async def gone(process: int) -> None:
    """Wait until a sandbox's first process has ended, and with it, by the kernel, all others."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        async with asyncio.timeout(_GONE):
            await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _accounts(user: int, group: int) -> tuple[bytes, bytes, bytes]:
    """Accounts and hosts as the sandbox knows them: its own user, and none of this machine's."""
    return (
        f"{USER}:x:{user}:{group}::{HOME}:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n".encode(),
        f"{USER}:x:{group}:\nnogroup:x:65534:\n".encode(),
        b"127.0.0.1 localhost sandbox\n::1 localhost\n",
    )


def _file(held: ExitStack, content: bytes) -> int:
    """A file in memory, to be read from its start."""
    descriptor = os.memfd_create("sandbox")
    held.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _pipe(held: ExitStack) -> tuple[int, int]:
    reading, writing = os.pipe()
    held.callback(os.close, reading)
    held.callback(os.close, writing)
    os.set_blocking(reading, False)
    return reading, writing
