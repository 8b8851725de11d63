"""Servers to run commands on, a HOME without any rules or keys, and a project that trusts the servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.hosts.host import Host
from runner.targets.hosts.spec import HostSpec
from runner.targets.port import Command, Completed
from tests.sshd import Sshd, host_keys, sshd

__all__ = ["sshd"]

Work = Callable[[Host], Coroutine[Any, Any, Any]]


class Fleet:
    """A project's hosts: each use of one is a loop of its own, in which it is opened and closed."""

    def __init__(self, root: Path, servers: list[Sshd]) -> None:
        self.root = root
        self.servers = servers
        self.hosts = {f"web{number}": spec(one) for number, one in enumerate(servers, 1)}
        self.secrets: dict[str, str] = {}

    def open(self, name: str = "web1", **more: Any) -> Host:
        """The target of a host."""
        more = {"keep": 1_000_000, "most": 64_000_000} | more
        return Host(name, self.hosts, root=self.root, fill=self.fill, spill=Blobs(self.root / "blobs"), **more)

    def fill(self, text: str) -> str:
        """Secrets in place of their names."""
        return self.secrets.get(text[2:-1], text)

    def use(self, work: Work, name: str = "web1", **more: Any) -> Any:
        """What some work with a host gives."""

        async def used() -> Any:
            host = self.open(name, **more)
            try:
                return await work(host)
            finally:
                await host.close()

        return asyncio.run(used())

    def run(self, *argv: str, name: str = "web1", seconds: float = 20, **more: Any) -> Completed:
        """One command, on a connection of its own."""
        done: Completed = self.use(lambda host: host.run(command(*argv, seconds=seconds, **more)), name)
        return done

    def failure(self, *argv: str, name: str = "web1", seconds: float = 20, **more: Any) -> ToolFailed:
        """How a command fails."""
        with pytest.raises(ToolFailed) as caught:
            self.run(*argv, name=name, seconds=seconds, **more)
        return caught.value


def spec(server: Sshd, **more: Any) -> HostSpec:
    """What a project says of a server."""
    return HostSpec(address=server.address, port=server.port, user=server.user, key=str(server.key), **more)


def command(*argv: str, seconds: float = 20, **more: Any) -> Command:
    """A command of the tests."""
    return Command(argv, Path("/"), seconds, **more)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A HOME without rules, keys or agent."""
    folder = tmp_path / "home"
    (folder / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return folder


@pytest.fixture
def fleet(tmp_path: Path, sshd: list[Sshd]) -> Fleet:
    """A project that trusts all servers."""
    root = tmp_path / "project"
    root.mkdir()
    host_keys(root, sshd)
    return Fleet(root, sshd)
