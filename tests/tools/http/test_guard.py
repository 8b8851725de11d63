"""Which addresses may be reached, by the names they hide behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from runner.errors import ToolFailed
from runner.tools.http.guard import PORTS, Allowed, Guard, is_public

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.254",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::"]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_none_in_any_clothes(text: str) -> None:
    """Loopback, private, shared, link-local, multicast, reserved; mapped, NAT64, 6to4, Teredo."""
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_public_also_when_another_carries_it(text: str) -> None:
    """What is carried decides."""
    assert is_public(ip_address(text))


class Answers:
    """A resolver that gives its answers one after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        """The next ones."""
        self.asked.append(host)
        return self._answers.pop(0)


def addresses(allow: Sequence[str], found: Sequence[str], host: str = "h.example", port: int = 443) -> list[str]:
    """Where a guard lets a connection go."""
    return asyncio.run(Guard(allow, PORTS, Answers(found)).addresses(host, port))


@pytest.mark.parametrize("found", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["1.1.1.1", "::1"], []])
def test_every_address_of_a_host_is_judged(found: list[str]) -> None:
    """One that is not public among public ones refuses the host; so does none at all."""
    with pytest.raises(ToolFailed):
        addresses([], found)


ALLOWED = [
    (["127.0.0.1"], ["127.0.0.1"], 443, True),
    (["127.0.0.1"], ["::ffff:127.0.0.1"], 443, True),
    (["::1"], ["::1"], 443, True),
    (["10.0.0.0/8"], ["10.2.3.4"], 443, True),
    (["10.0.0.0/8"], ["10.2.3.4", "127.0.0.1"], 443, False),
    (["h.example"], ["10.2.3.4"], 443, True),
    (["H.example"], ["10.2.3.4"], 443, True),
    (["other.example"], ["10.2.3.4"], 443, False),
    (["127.0.0.1"], ["127.0.0.1"], 22, False),
    (["127.0.0.1:8080"], ["127.0.0.1"], 8080, True),
    (["127.0.0.1:8080"], ["127.0.0.1"], 443, False),
    (["[::1]:8080"], ["::1"], 8080, True),
    ([], ["1.1.1.1"], 443, True),
    ([], ["1.1.1.1"], 25, False),
    (["127.0.0.1"], ["1.1.1.1"], 443, True),
]


@pytest.mark.parametrize("allow, found, port, passes", ALLOWED)
def test_what_the_file_allows_is_allowed_and_no_more(
    allow: list[str], found: list[str], port: int, *, passes: bool
) -> None:
    """By host, address, network, each with or without a port."""
    if passes:
        assert addresses(allow, found, port=port) == found
    else:
        with pytest.raises(ToolFailed, match="refused") as caught:
            addresses(allow, found, port=port)
        assert caught.value.match == "policy"


@pytest.mark.parametrize("text", ["", "http://x", "a b", "10.0.0.1/8", "10.0.0.256", "x:port", "[::1", "a/b", "*.lan"])
def test_what_is_no_host_and_no_network_cannot_be_allowed(text: str) -> None:
    """A star does not pass either: it would name what nobody has looked at."""
    with pytest.raises(ValueError, match="is no host, address or network"):
        Allowed.of(text)
