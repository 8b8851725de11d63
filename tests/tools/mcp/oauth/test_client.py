"""A client that asks for itself, at a server made with the library."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from runner.errors import ToolFailed
from runner.tools.mcp.links import address_of
from runner.tools.mcp.locking import ask
from runner.tools.mcp.server import McpServer
from runner.tools.mcp.spec import Lifecycle, McpServerSpec

SECRET = {"client_secret": "${DOOR_SECRET}"}
KEYS: dict[str, PrivateKeyTypes] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def spec(url: str, **said: Any) -> McpServerSpec:
    """A pack's word on a server and its door."""
    grant = {"issuer": url.replace("/mcp", "/door"), "client_id": "runner", **said}
    return McpServerSpec.model_validate({"url": url, "auth": {"client_credentials": grant}})


def said_of(wanted: McpServerSpec, value: str, root: Path) -> str:
    """What the server's tool says to a client with that secret."""

    async def act() -> str:
        def link() -> Any:
            return address_of("team", wanted, fill=lambda _: value, root=root)

        found = await ask("team", link(), legacy=False)
        pins = {tool.name: tool.sha256 for tool in found.locked.tools.values()}
        server = McpServer("team", link, pins, Lifecycle())
        try:
            answers = await asyncio.gather(*(server.call("say_token", {}, 20) for _ in range(3)))
            return "\n".join(answer.output["text"] for answer in answers)
        finally:
            await server.close()

    return asyncio.run(act())


@pytest.mark.parametrize("who", ["machine", "posting"])
def test_a_secret_lets_it_in_and_no_token_comes_back(door: Callable[[str], str], tmp_path: Path, who: str) -> None:
    """In the way that the authorization server takes; a server that says the token is not heard."""
    assert said_of(spec(door(who), **SECRET), "open sesame", tmp_path) == "\n".join(["I was shown ***"] * 3)


def test_a_key_lets_it_in(door: Callable[[str], str], tmp_path: Path) -> None:
    """Of each kind that signs tokens."""
    url = door("machine")
    for key in KEYS.values():
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        assert "shown ***" in said_of(spec(url, private_key="${KEY}"), pem, tmp_path)


@pytest.mark.parametrize(
    "said, value, why",
    [
        (SECRET, "wrong secret", "invalid_client"),
        ({"private_key": "${KEY}"}, "open sesame", "cannot be read"),
        ({**SECRET, "issuer": "https://elsewhere.example"}, "open sesame", "elsewhere.example"),
        ({**SECRET, "scope": "write"}, "open sesame", "another scope"),
    ],
    ids=["secret", "key", "issuer", "scope"],
)
def test_who_is_not_let_in_is_told_why(
    door: Callable[[str], str], tmp_path: Path, said: dict[str, str], value: str, why: str
) -> None:
    """And what was secret is not in the message."""
    with pytest.raises(ToolFailed, match=why) as caught:
        said_of(spec(door("machine"), **said), value, tmp_path)
    assert caught.value.match == "unavailable"
    assert value not in caught.value.message


def test_without_a_token_the_message_says_what_there_is(door: Callable[[str], str], tmp_path: Path) -> None:
    """A server that wants OAuth is told from one that is not there."""
    with pytest.raises(ToolFailed, match="it wants a token, by OAuth") as caught:
        said_of(McpServerSpec(url=door("machine")), "", tmp_path)
    assert "client_credentials" in caught.value.hint
    assert "runner mcp login team" in caught.value.hint
