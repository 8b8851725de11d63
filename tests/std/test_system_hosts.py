"""The packs system and network on a host: what they say over SSH is what they say here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.runs.blobs import Blobs
from runner.targets.hosts.host import Host
from runner.targets.hosts.spec import HostSpec
from runner.tools.command import CommandTool
from runner.tools.port import Call
from runner.tools.workers import FolderWorkers
from tests import sshd
from tests.std.staged import Tools

ROOT = Path(__file__).resolve().parents[2]
ABSENT = {"services_list", "timers_list", "journal_logs", "kernel_messages", "host_name"}
"""What wants systemd, the rights of root, or a name in DNS."""


class Hands:
    """A host as target, and workers for the modules of tools.d."""

    def __init__(self, host: Host) -> None:
        self.workers = FolderWorkers(ROOT / "tools.d", "owner")
        self._host = host

    def target(self, name: str) -> Host:
        """The only one."""
        assert name == self._host.name
        return self._host


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host on loopback that is trusted."""
    folder = tmp_path / "sshd"
    folder.mkdir()
    with sshd.servers(folder, 1) as started:
        sshd.host_keys(tmp_path, started)
        one = started[0]
        spec = HostSpec(address=one.address, port=one.port, user=one.user, key=str(one.key))
        yield Host("web1", {"web1": spec}, root=tmp_path, fill=str, spill=Blobs(tmp_path / "blobs"))


async def outputs(host: Host, tools: dict[str, Any], calls: dict[str, dict[str, Any]], folder: Path) -> dict[str, Any]:
    """What each of these tools says on the host, all called at once."""
    hands: Any = Hands(host)

    async def one(name: str) -> Any:
        tool = tools[name]
        values = tool.params.check(calls[name]) if tool.params else {}
        return (await tool.run(Call(name, values, folder, "web1", 30, "r1", f"p/{name}"), hands)).output

    try:
        return dict(zip(calls, await asyncio.gather(*map(one, calls)), strict=True))
    finally:
        await hands.workers.close()
        await host.close()


def test_every_question_without_words_is_answered_by_a_host(
    host: Host, pack: Callable[..., Tools], tmp_path: Path
) -> None:
    """With the fields that it has here."""
    found = {**pack("system").tools, **pack("network").tools}
    names = [
        name
        for name, tool in found.items()
        if isinstance(tool, CommandTool) and tool.risk == "read" and name not in ABSENT
        if not tool.params or not tool.params.schema["required"]
    ]
    said = asyncio.run(outputs(host, found, {name: {} for name in names}, tmp_path))
    assert len(said) > 24
    assert said["kernel_info"]["system"] == "Linux"
    assert all(len(output) > 3 for name, output in said.items()), said


def test_files_of_a_host_are_read_over_ssh(host: Host, pack: Callable[..., Tools], tmp_path: Path) -> None:
    """A name with signs of a shell in it is a name."""
    folder = tmp_path / "a $(id) 'b'"
    folder.mkdir()
    (folder / "app.log").write_text("one\ntwo ; three\n")
    path = f"{folder}/app.log"
    calls: dict[str, dict[str, Any]] = {
        "show_file": {"path": path, "lines": 1},
        "grep_text": {"path": str(folder), "text": "; three"},
        "find_path": {"path": str(folder), "name": "*.log"},
        "list_folder": {"path": str(folder)},
        "file_info": {"path": path},
    }
    said = asyncio.run(outputs(host, pack("system").tools, calls, tmp_path))
    assert said["show_file"]["text"] == "one\n"
    assert said["grep_text"]["rows"] == [{"path": path, "line": 2, "text": "two ; three"}]
    assert said["find_path"]["paths"] == [path]
    assert [row["name"] for row in said["list_folder"]["rows"]] == ["app.log"]
    assert said["file_info"]["bytes"] == 16
