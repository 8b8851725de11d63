"""A text for a shell on every target: whatever is in a value, what arrives is the value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.runs.blobs import Blobs
from runner.targets.hosts.host import Host
from runner.targets.hosts.spec import HostSpec
from runner.targets.local import Local
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec
from runner.tools.port import Call
from runner.tools.shell import ShellTool
from tests.sshd import Sshd, host_keys, sshd
from tests.tools.shell.test_generated import HOSTILE
from tests.tools.test_command import NASTY
from tests.tools.test_command import Hands as LocalHands

if TYPE_CHECKING:
    from runner.targets.port import Target

__all__ = ["sshd"]

KEEP = 1_000_000
TEXT = 'set -e; one={{ one }}; printf "%s\\0" "$one" {{ one }} {{ all }} "$(printf %s- {{ one }})"'
ECHO = ShellTool.model_validate({"description": "d", "shell": TEXT})
Tell = Callable[[list[str]], list[str]]


class Hands(LocalHands):
    """Any target."""

    def __init__(self, folder: Path, target: Target) -> None:
        super().__init__(folder)
        self._target = target

    def target(self, name: str) -> Target:
        """The one that was given."""
        assert name == self._target.name
        return self._target


@pytest.fixture(params=["local", "sandbox", "web1"])
def tell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tell]:
    """What a target gives back of values; all calls share one connection."""
    (tmp_path / "work").mkdir()
    with asyncio.Runner() as loop, opened(request, loop, tmp_path) as target:

        def told(values: list[str]) -> list[str]:
            arguments: dict[str, Any] = {"one": values[0], "all": values}
            call = Call("t", arguments, tmp_path / "work", target.name, 20, "r1", "p/1")
            text = loop.run(ECHO.run(call, Hands(tmp_path, target))).output["text"]
            return str(text).split("\0")

        yield told


@contextmanager
def opened(request: pytest.FixtureRequest, loop: asyncio.Runner, folder: Path) -> Iterator[Target]:
    """The target of a name."""
    spill = Blobs(folder / "blobs")
    if request.param == "local":
        yield Local("owner", spill, keep=KEEP)
    elif request.param == "sandbox":
        yield Sandbox("owner", spill, SandboxSpec(), keep=KEEP)
    else:
        servers: list[Sshd] = request.getfixturevalue("sshd")
        host_keys(folder, servers)
        one = servers[0]
        hosts = {"web1": HostSpec(address=one.address, port=one.port, user=one.user, key=str(one.key))}
        host = Host("web1", hosts, root=folder, fill=str, spill=spill, keep=KEEP, most=KEEP)
        try:
            yield host
        finally:
            loop.run(host.close())


def test_hostile_values_arrive_byte_for_byte(tell: Tell) -> None:
    """Those that are known for it, all in one text."""
    values = [*NASTY[:-1], "-n", "--help", "-", "a\r\nb\n", "\n", "'" * 9, "${HOME}", "[!a]*", "x" * 9_000]
    assert tell(values) == [values[0], values[0], *values, f"{values[0]}-", ""]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(HOSTILE, min_size=1, max_size=40))
def test_any_values_arrive_byte_for_byte(tell: Tell, values: list[str]) -> None:
    """Those that nobody thought of."""
    assert tell(values) == [values[0], values[0], *values, f"{values[0]}-", ""]
