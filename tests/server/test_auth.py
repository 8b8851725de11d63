"""Who may ask: every Host with every Origin, the token, the body's kind and size."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from runner.server.auth import BODY

HEALTH = "/api/v1/system/health"
RELOAD = "/api/v1/system/reload"


def status(served: Any, method: str, path: str, **headers: str) -> int:
    """The status of an answer."""
    return int(served.client.request(method, path, headers=headers).status_code)


HOSTS = {
    "127.0.0.1:PORT": True,
    "localhost:PORT": True,
    "LOCALHOST:PORT": True,
    "[::1]:PORT": True,
    "localhost": True,
    "evil.example:PORT": False,
    "127.0.0.1.evil.example:PORT": False,
    "localhost.:PORT": False,
    "10.0.0.1:PORT": False,
    "": False,
}
"""Host -> whether the daemon takes itself to be meant."""
ORIGINS = {
    None: True,
    "http://HOST": True,
    "http://evil.example": False,
    "http://localhost:3000": False,
    "chrome-extension://HOST": False,
    "http://[": False,
    "null": False,
}
"""Origin -> whether a request may come from there; HOST is what the request calls the daemon."""


def test_every_host_with_every_origin(served: Any) -> None:
    """A foreign name is answered 421 and a foreign page 403, whatever the method and although the token is right."""
    port = urlsplit(served.url).port
    for host, is_known in HOSTS.items():
        for origin, may_ask in ORIGINS.items():
            named = host.replace("PORT", str(port))
            headers = {"Host": named} | ({"Origin": origin.replace("HOST", named)} if origin else {})
            expected = 421 if not is_known else 200 if may_ask else 403
            for method, path in (("GET", HEALTH), ("POST", RELOAD)):
                assert status(served, method, path, **headers) == expected, (method, host, origin)


def test_only_what_came_through_has_an_effect(served: Any) -> None:
    """A refused request never reaches the route behind the gate."""
    assert status(served, "POST", RELOAD, Origin="http://evil.example") == 403
    assert status(served, "POST", RELOAD, Host="evil.example") == 421
    assert status(served, "POST", RELOAD, Authorization="Bearer wrong") == 401
    assert served.files.triggers == []


def test_no_answer_lets_another_site_read_it(served: Any) -> None:
    """There is no CORS: a preflight is refused and no answer carries a permission."""
    preflight = served.client.options(
        RELOAD, headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 403
    answers = [preflight, served.client.get(HEALTH), served.client.get("/healthz")]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", "Basic dDp0", "bearer" + "t" * 43, "Bearer " + "t" * 44]
)
def test_without_the_token_nothing_is_told(served: Any, given: str) -> None:
    """Also on loopback, also for what is not there."""
    for path in (HEALTH, "/openapi.json", "/api/v1/nothing"):
        answer = httpx.get(served.url + path, headers={"Authorization": given} if given else {})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["detail"] == "the token is missing or wrong"


def test_probes_need_no_token_but_a_known_host(served: Any) -> None:
    """A supervisor can ask whether it lives; a foreign name gets not even that."""
    for path in ("/healthz", "/readyz"):
        assert httpx.get(served.url + path).status_code == 200
        assert httpx.get(served.url + path, headers={"Host": "evil.example"}).status_code == 421


def test_the_token_in_the_url_is_no_token(served: Any) -> None:
    """URLs end up in logs and histories."""
    assert httpx.get(f"{served.url}{HEALTH}?token={'t' * 43}").status_code == 401


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_declared_as_json_is_refused(served: Any, kind: str) -> None:
    """What a form of another site can send without asking is never taken."""
    headers = {"Content-Type": kind} if kind else {}
    answer = served.client.post("/api/v1/runs", content=b'{"workflow": "pass"}', headers=headers)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


def test_json_may_name_its_charset(served: Any) -> None:
    """Common clients add one."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert served.client.post("/api/v1/runs", content=b'{"workflow": "pass"}', headers=headers).status_code == 202


def chunks(size: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    yield b'{"workflow": "'
    for _ in range(size // 65536):
        yield b"x" * 65536


def test_a_body_over_the_limit_is_refused_also_when_it_hides_its_length(served: Any) -> None:
    """Memory is bounded by what was read, not by what was said."""
    headers = {"Content-Type": "application/json"}
    said = served.client.post("/api/v1/runs", content=b" " * BODY + b"{}", headers=headers)
    assert said.status_code == 413
    try:
        hidden = served.client.post("/api/v1/runs", content=chunks(2 * BODY), headers=headers)
        assert hidden.status_code == 413
    except httpx.WriteError:  # it had read enough and hung up
        assert served.ask("GET", "/runs").json()["runs"] == []


def test_a_daemon_for_the_network_knows_its_name_and_addresses(root: Path, serve_at: Callable[..., Any]) -> None:
    """On a wildcard any address will do, as nobody can take one over; names are still those that are known."""
    with serve_at(root, host="0.0.0.0") as served:
        assert status(served, "GET", HEALTH, Host="192.168.1.5:8700") == 200
        assert status(served, "GET", HEALTH, Host="[fe80::1]:8700") == 200
        assert status(served, "GET", HEALTH, Host="evil.example:8700") == 421


def test_a_daemon_known_by_a_name_takes_that_name(root: Path, serve_at: Callable[..., Any]) -> None:
    """server.listen may be a host's name."""
    with serve_at(root, host="Ops.example") as served:
        assert status(served, "GET", HEALTH, Host="ops.example:8700") == 200
        assert status(served, "GET", HEALTH, Host="other.example:8700") == 421


def test_a_client_that_hangs_up_in_its_body_disturbs_nobody(served: Any) -> None:
    """Half a request is nothing."""
    address = urlsplit(served.url)
    with socket.create_connection((address.hostname, address.port)) as half:
        half.sendall(
            b"POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99\r\nAuthorization: Bearer " + b"t" * 43 + b'\r\n\r\n{"workflow": "pass"}'
        )
    assert served.ask("GET", "/runs").json()["runs"] == []
