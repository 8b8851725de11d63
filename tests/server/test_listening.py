"""The socket of the daemon, on real ports of this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from runner.errors import RunnerError, UsageError
from runner.server.listening import bind, split, url_of


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_port_0_takes_a_free_port_and_the_url_says_which() -> None:
    """A client reaches the daemon by the address it announces."""
    with bind("127.0.0.1:0") as bound:
        port = bound.getsockname()[1]
        assert url_of(bound) == f"http://127.0.0.1:{port}"
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_a_wildcard_is_announced_as_loopback() -> None:
    """Nobody can connect to 0.0.0.0 everywhere; everybody here can to 127.0.0.1."""
    with bind("0.0.0.0:0") as bound:
        assert url_of(bound).startswith("http://127.0.0.1:")


def test_an_ipv6_address_stands_in_brackets() -> None:
    """The URL of [::1] is one that clients can read."""
    assert split("[::1]:8700") == ("::1", 8700)


def test_a_taken_port_names_the_process_that_has_it(taken: int) -> None:
    """The operator knows whom to stop, and that another port will do."""
    with pytest.raises(RunnerError) as caught:
        bind(f"127.0.0.1:{taken}")
    assert (
        f"127.0.0.1:{taken} cannot be listened on: the port is taken by process {os.getpid()}" in caught.value.message
    )
    assert "--listen" in caught.value.hint


@pytest.mark.parametrize("listen", ["8700", ":8700", "localhost", "localhost:http", "localhost:70000", "localhost:-1"])
def test_an_address_that_is_none_is_a_usage_error(listen: str) -> None:
    """The message says how one is written."""
    with pytest.raises(UsageError, match="is no address to listen on") as caught:
        bind(listen)
    assert "HOST:PORT" in caught.value.hint


def test_a_name_that_nobody_knows_is_a_usage_error() -> None:
    """A typing error in the host is told apart from a taken port."""
    with pytest.raises(UsageError, match=r"no-such-host\.invalid cannot be listened on"):
        bind("no-such-host.invalid:8700")


def test_an_address_of_another_machine_is_refused_in_words() -> None:
    """What the system says reaches the operator."""
    told = r"192\.0\.2\.1:0 cannot be listened on: Cannot assign requested address"
    with pytest.raises(RunnerError, match=told) as caught:
        bind("192.0.2.1:0")
    assert "this machine has no such address" in caught.value.hint
