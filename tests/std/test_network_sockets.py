"""The network pack: sockets, interfaces and routes of this machine."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.runs.blobs import Blobs
from runner.targets.port import Command
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec
from tests.std import staged
from tests.std.staged import Tools


@pytest.fixture
def network(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("network")


def test_a_port_that_is_listened_on_is_listed(network: Tools) -> None:
    """With who listens, and whether others can come to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        rows = network.call("open_ports")[1]["rows"]
    row = next(row for row in rows if row["port"] == port)
    assert (row["protocol"], row["address"], row["only_this_machine"]) == ("tcp", "127.0.0.1", True)
    assert row["pid"] == os.getpid()


def test_addresses_of_both_families_are_read(network: Tools, tmp_path: Path) -> None:
    """As ss prints them; the programs of others have no name."""
    text = (
        'tcp   LISTEN 0      511    0.0.0.0:80     0.0.0.0:*    users:(("nginx",pid=813,fd=6),("nginx",pid=812,fd=6))\n'
        "tcp   LISTEN 0      128    [::1]:22       [::]:*\n"
        "udp   UNCONN 0      0      127.0.0.53%lo:53   0.0.0.0:*\n"
    )
    staged.program(network, tmp_path / "bin", "ss", text)
    rows = network.call("open_ports")[1]["rows"]
    assert [(row["port"], row["address"], row["program"], row["only_this_machine"]) for row in rows] == [
        (22, "::1", "", True),
        (53, "127.0.0.53%lo", "", True),
        (80, "0.0.0.0", "nginx", False),
    ]


@pytest.mark.parametrize("name, words", [("open_ports", "-Htulnp"), ("connections", "-Htanp")])
def test_where_the_kernel_may_not_be_asked_none_are_invented(
    name: str, words: str, network: Tools, tmp_path: Path, workspace: Path
) -> None:
    """In the sandbox ss complains, goes on, and finds nothing."""
    sandbox = Sandbox("owner", Blobs(tmp_path / "more-blobs"), SandboxSpec())
    said = asyncio.run(sandbox.run(Command(["ss", words], workspace, 20))).text
    staged.program(network, tmp_path / "bin", "ss", said)
    status, output = network.call(name)
    assert (status, output["text"]) == ("failed", "the kernel tells no program of its sockets here")
    assert "sandbox" in output["hint"]


def test_connections_are_counted_by_the_other_side(network: Tools, tmp_path: Path) -> None:
    """A port that was drawn for the way back is not told."""
    assert network.call("connections")[0] == "ok"
    text = (
        "LISTEN 0 511 0.0.0.0:80 0.0.0.0:*\n"
        'ESTAB 0 0 10.0.0.5:80 10.0.0.9:51000 users:(("nginx",pid=813,fd=9))\n'
        'ESTAB 0 0 10.0.0.5:80 10.0.0.9:51002 users:(("nginx",pid=813,fd=10))\n'
        "TIME-WAIT 0 0 [fd00::5]:40112 [fd00::7]:5432\n"
    )
    staged.program(network, tmp_path / "bin", "ss", text)
    _, output = network.call("connections")
    assert (output["count"], output["states"]) == (3, {"ESTAB": 2, "TIME-WAIT": 1})
    assert [tuple(row.values()) for row in output["rows"]] == [
        (2, "10.0.0.9", "at 80", "nginx"),
        (1, "fd00::7", "to 5432", ""),
    ]


def test_the_loopback_interface_is_up(network: Tools) -> None:
    """With its address."""
    rows = {row["name"]: row for row in network.call("interfaces")[1]["rows"]}
    assert rows["lo"]["up"] is True
    assert "127.0.0.1/8" in rows["lo"]["addresses"]
    assert set(rows) == {name for _, name in socket.if_nameindex()}


def test_routes_name_the_default_way(network: Tools, tmp_path: Path) -> None:
    """A machine may have none, and ip then prints an empty list or nothing at all."""
    assert network.call("routes")[0] == network.call("routes", ipv6=True)[0] == "ok"
    text = '[{"dst":"default","gateway":"10.0.0.1","dev":"eth0","metric":100},{"dst":"10.0.0.0/24","dev":"eth0"}]'
    calls = staged.program(network, tmp_path / "bin", "ip", text)
    _, output = network.call("routes")
    assert (output["default"], [row["to"] for row in output["rows"]]) == ("10.0.0.1", ["default", "10.0.0.0/24"])
    staged.program(network, tmp_path / "bin", "ip", "")
    assert network.call("routes", ipv6=True)[1]["text"] == "no default route"
    assert calls.read_text() == "-j -4 route show\n-j -6 route show\n"


def test_neighbours_have_hardware_addresses(network: Tools, tmp_path: Path) -> None:
    """One that did not answer has none."""
    assert network.call("neighbours")[0] == "ok"
    text = (
        '[{"dst":"10.0.0.1","dev":"eth0","lladdr":"02:fc:00:00:00:05","state":["REACHABLE"]},'
        '{"dst":"10.0.0.77","dev":"eth0","state":["FAILED"]}]'
    )
    staged.program(network, tmp_path / "bin", "ip", text)
    rows = network.call("neighbours")[1]["rows"]
    assert [(row["hardware_address"], row["state"]) for row in rows] == [
        ("02:fc:00:00:00:05", "reachable"),
        ("", "failed"),
    ]


def test_bandwidth_is_what_passed_in_a_second(network: Tools) -> None:
    """Of each interface, with its errors."""
    rows = {row["interface"]: row for row in network.call("bandwidth")[1]["rows"]}
    assert rows["lo"]["received_kib_per_second"] >= 0
    assert set(rows["lo"]) >= {"sent_kib_per_second", "received_mib", "sent_mib", "errors", "dropped"}


def test_what_is_not_installed_says_how_to_get_it(network: Tools, tmp_path: Path) -> None:
    """The program is named."""
    tool = network.tools["open_ports"]
    network.tools["open_ports"] = tool.model_copy(update={"env": {**tool.env, "PATH": str(tmp_path)}})
    status, output = network.call("open_ports")
    assert (status, output["text"]) == ("failed", "the program ss is not there")
