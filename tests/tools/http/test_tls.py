"""Certificates: the name in the address is what they are checked for, whatever address it leads to."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runner.errors import ToolFailed
from runner.tools.http.address import parse
from runner.tools.http.asking import Asking
from runner.tools.http.exchange import Answer, Limits, certificates, exchange
from runner.tools.http.guard import Guard
from tests.tools.http.servers import Server, answer

NAME = "good.example"


class Authority:
    """An authority of our own, and the certificates that it gives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        self._own = self._signed(self._name, self._key, days=30, ca=True)

    def trusted(self) -> ssl.SSLContext:
        """What trusts this authority alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self._own.public_bytes(serialization.Encoding.PEM).decode())
        return context

    def server(self, name: str, days: int = 30) -> ssl.SSLContext:
        """What a server of that name speaks TLS with."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._signed(x509.Name([]), key, days=days, ca=False, name=name)
        plain = serialization.NoEncryption()
        file = self._folder / f"{name}-{days}.pem"
        file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int, ca: bool, name: str = ""
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=60))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if name:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name)]), critical=not subject.rdns
            )
        if ca:
            usage = dict.fromkeys(
                ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
            )
            signs = x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
                **usage,
            )
            builder = builder.add_extension(signs, critical=True)
        return builder.sign(self._key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """One that nobody else trusts."""
    return Authority(tmp_path)


def fetched(tls: ssl.SSLContext, trust: ssl.SSLContext) -> Answer:
    """What a server answers that has this name and is on loopback."""

    async def resolve(host: str, _port: int) -> Sequence[str]:
        assert host == NAME
        return ["127.0.0.1"]

    async def main() -> Answer:
        async with Server(answer(b"hello"), tls=tls) as server:
            guard = Guard([NAME], frozenset({server.port}), resolve)
            asking = Asking("GET", parse(f"https://{NAME}:{server.port}/"), {}, None)
            return await exchange(asking, Limits(0, 1000), guard, trust)

    return asyncio.run(main())


def test_the_name_of_the_address_is_checked_not_where_it_leads(authority: Authority) -> None:
    """The connection goes to 127.0.0.1, the certificate is for the name."""
    assert fetched(authority.server(NAME), authority.trusted()).body == b"hello"


WRONG = [
    ("other.example", 30, True, "Hostname mismatch"),
    (NAME, -1, True, "certificate has expired"),
    (NAME, 30, False, "unable to get local issuer certificate"),
]


@pytest.mark.parametrize("name, days, trusts, reason", WRONG)
def test_a_wrong_certificate_is_refused_with_its_reason(
    authority: Authority, name: str, days: int, reason: str, *, trusts: bool
) -> None:
    """Another name, out of date, of an authority that is not known."""
    trust = authority.trusted() if trusts else certificates()
    with pytest.raises(ToolFailed, match=reason) as caught:
        fetched(authority.server(name, days), trust)
    assert caught.value.match == "unavailable"
