"""The network pack: pings, names, ports and certificates, with servers on loopback."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.std import staged
from tests.std.staged import Tools


@pytest.fixture
def network(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("network")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A TCP port of this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_a_host_that_answers_is_timed(network: Tools) -> None:
    """Times in milliseconds."""
    status, output = network.call("ping", host="127.0.0.1", count=2)
    assert (status, output["answers"], output["lost_percent"]) == ("ok", True, 0)
    assert 0 < output["least_ms"] <= output["average_ms"] <= output["most_ms"]


def test_a_host_that_does_not_answer_is_the_answer_no(network: Tools, tmp_path: Path) -> None:
    """As busybox says it, too; a name that is not known is a failure."""
    text = "PING 192.0.2.9: 56 data bytes\n\n--- ping statistics ---\n{} packets received, 25% packet loss\n"
    staged.program(network, tmp_path / "bin", "ping", text.format("4 packets transmitted, 0"), code=1)
    status, output = network.call("ping", host="192.0.2.9")
    assert (status, output["answers"], output["lost_percent"], output["average_ms"]) == ("no", False, 100, None)
    answered = f"{text.format('4 packets transmitted, 3')}round-trip min/avg/max = 0.1/0.2/0.4 ms\n"
    staged.program(network, tmp_path / "bin", "ping", answered)
    output = network.call("ping", host="192.0.2.9")[1]
    assert (output["lost_percent"], output["average_ms"]) == (25, 0.2)
    staged.program(network, tmp_path / "bin", "ping", "ping: bad address 'x'\n", code=1)
    assert network.call("ping", host="x")[0] == "failed"


def test_the_way_to_a_host_is_its_routers(network: Tools, tmp_path: Path) -> None:
    """As tracepath prints it, which few machines have; some routers never answer."""
    text = (
        " 1?: [LOCALHOST]                      pmtu 1500\n 1:  10.0.0.1                              0.412ms\n"
        " 2:  no reply\n 3:  203.0.113.9                           9.870ms reached\n"
        "     Resume: pmtu 1500 hops 3 back 3\n"
    )
    calls = staged.program(network, tmp_path / "bin", "tracepath", text)
    _, output = network.call("trace_route", host="example.org", hops=99)
    assert output["reached"] is True
    assert [(row["hop"], row["address"], row["ms"]) for row in output["rows"]] == [
        (1, "10.0.0.1", 0.412),
        (2, None, None),
        (3, "203.0.113.9", 9.87),
    ]
    assert calls.read_text() == "-n -m 30 -- example.org\n"


@pytest.fixture
def name_server() -> Iterator[int]:
    """A name server that knows the address of each name that begins with `a`; its port."""
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            while (query := server.recvfrom(512))[0]:
                data, sender = query
                end = data.index(b"\0", 12) + 5
                known = data[13:14] == b"a"
                head = data[:2] + struct.pack(">HHHHH", 0x8580 if known else 0x8583, 1, known, 0, 0)
                record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 300, 4) + bytes([192, 0, 2, 7])
                server.sendto(head + data[12:end] + (record if known else b""), sender)

        thread = threading.Thread(target=answer)
        thread.start()
        port: int = server.getsockname()[1]
        yield port
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", port))
        thread.join()


def test_a_name_server_is_asked(network: Tools, name_server: int) -> None:
    """With the record's type and how long it holds; an unknown name is an answer."""
    where = {"server": "127.0.0.1", "port": name_server}
    _, output = network.call("dns_lookup", name="a.example", **where)
    assert output["status"] == "NOERROR"
    assert output["rows"] == [{"name": "a.example.", "ttl_seconds": 300, "type": "A", "value": "192.0.2.7"}]
    _, output = network.call("dns_lookup", name="b.example", **where)
    assert (output["status"], output["rows"]) == ("NXDOMAIN", [])


@pytest.mark.parametrize("name", ["-f/etc/passwd", "+trace", "@127.0.0.1", "a b"])
def test_a_name_is_no_option_of_dig(network: Tools, name: str) -> None:
    """Which knows several kinds."""
    with pytest.raises(ValueError, match="pattern"):
        network.call("dns_lookup", name=name)


def test_a_name_is_resolved_as_programs_do(network: Tools) -> None:
    """With /etc/hosts; one that is not known is the answer no."""
    status, output = network.call("resolve_name", name="localhost")
    assert status == "ok"
    assert {"127.0.0.1", "::1"} & set(output["addresses"])
    status, output = network.call("resolve_name", name="nobody.invalid")
    assert (status, output["found"], output["addresses"]) == ("no", False, [])


def test_the_settings_of_names_are_lists(network: Tools, tmp_path: Path) -> None:
    """The last word on where to search holds."""
    settings = network.tools["dns_settings"]
    (tmp_path / "resolv.conf").write_text(
        "# by hand\nnameserver 10.0.0.2\nnameserver fd00::2\nsearch a.example b.example\n"
    )
    network.tools["dns_settings"] = settings.model_copy(update={"command": ("cat", str(tmp_path / "resolv.conf"))})
    _, output = network.call("dns_settings")
    assert (output["servers"], output["search"]) == (["10.0.0.2", "fd00::2"], ["a.example", "b.example"])


def test_the_machines_own_name_comes_with_its_addresses(network: Tools, tmp_path: Path) -> None:
    """As hostname prints them, one call for each."""
    calls = staged.program(network, tmp_path / "bin", "hostname", "web1.example\n")
    _, output = network.call("host_name")
    assert (output["name"], calls.read_text()) == ("web1.example", "-f\n-I\n")


def test_a_port_is_open_or_not(network: Tools, listener: socket.socket) -> None:
    """And why not."""
    status, output = network.call("port_check", host="127.0.0.1", port=listener.getsockname()[1])
    assert (status, output["open"]) == ("ok", True)
    status, output = network.call("port_check", host="127.0.0.1", port=closed_port())
    assert (status, output["open"], output["reason"]) == ("no", False, "Connection refused")
    status, output = network.call("port_check", host="nobody.invalid", port=1)
    assert (status, output["open"]) == ("no", False)


def test_a_port_that_never_answers_is_given_up(network: Tools, listener: socket.socket) -> None:
    """A queue that is full takes no more connections."""
    listener.listen(0)
    address = listener.getsockname()
    waiting = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(address)
        waiting.append(one)
    status, output = network.call("port_check", host="127.0.0.1", port=address[1], seconds=1)
    for one in waiting:
        one.close()
    assert (status, output["reason"]) == ("no", "no answer in time")


@pytest.mark.parametrize("host", ["-h", "a;b", "$(id)", "a/b", "", "a b"])
def test_a_host_is_a_name_or_an_address(network: Tools, host: str) -> None:
    """Nothing else reaches bash, although it would be no more than a word there."""
    for tool in ("ping", "port_check", "trace_route", "certificate_show"):
        with pytest.raises(ValueError, match="pattern"):
            network.call(tool, host=host, **({"port": 1} if tool == "port_check" else {}))


def certificate(folder: Path, days: int) -> Path:
    """A key and a certificate for `localhost` that expires in so many days, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{days}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def served(path: Path, listener: socket.socket) -> threading.Thread:
    """A thread that greets one client with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    def greet() -> None:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as secured:
            secured.recv(1)

    thread = threading.Thread(target=greet)
    thread.start()
    return thread


def test_a_certificate_tells_when_it_expires(network: Tools, tmp_path: Path, listener: socket.socket) -> None:
    """It is trusted when the machine knows who signed it."""
    path = certificate(tmp_path, 30)
    tool = network.tools["certificate_show"]
    for trusted in (False, True):
        known = {"SSL_CERT_FILE": str(path)} if trusted else {}
        network.tools["certificate_show"] = tool.model_copy(update={"env": {**tool.env, **known}})
        thread = served(path, listener)
        port = listener.getsockname()[1]
        _, output = network.call("certificate_show", host="localhost", connect="127.0.0.1", port=port)
        thread.join()
        assert (output["days_left"], output["names"], output["subject"]) == (30, ["localhost"], "CN=localhost")
        assert (output["trusted"], "self" in output["reason"]) == (trusted, not trusted)


def test_a_certificate_that_is_past_or_for_another_name_is_not_trusted(
    network: Tools, tmp_path: Path, listener: socket.socket
) -> None:
    """It is shown all the same."""
    tool = network.tools["certificate_show"]
    for days, host, word in ((-3, "localhost", "expired"), (9, "other.example", "hostname mismatch")):
        path = certificate(tmp_path, days)
        known = tool.model_copy(update={"env": {**tool.env, "SSL_CERT_FILE": str(path)}})
        network.tools["certificate_show"] = known
        thread = served(path, listener)
        port = listener.getsockname()[1]
        _, output = network.call("certificate_show", host=host, connect="127.0.0.1", port=port)
        thread.join()
        assert (output["days_left"], output["trusted"]) == (days, False)
        assert word in output["reason"]


def test_no_certificate_is_a_failure(network: Tools) -> None:
    """With the reason."""
    status, output = network.call("certificate_show", host="localhost", connect="127.0.0.1", port=closed_port())
    assert (status, "refused" in output["text"]) == ("failed", True)
