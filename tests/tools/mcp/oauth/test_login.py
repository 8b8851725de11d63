"""`runner mcp login`: a person agrees once, and runs live on it; no token is anywhere but among the kept secrets."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from runner.errors import ToolFailed
from runner.secrets.kept import read_kept
from runner.tools.mcp.oauth.kept import Login, write
from runner.tools.mcp.oauth.renewing import LoggedIn
from runner.tools.mcp.oauth.spec import AuthorizationCode

HERE = Path(__file__).resolve().parent
REPLIES = """
- {when: {turn: 1}, text: I ask., calls: [{tool: team_say_token, with: {}}]}
- {text: Seen.}
"""


@pytest.fixture
def project(tmp_path: Path, door: Callable[[str], str]) -> Path:
    """A project with a server behind a door, and an agent who has its tool."""
    root = tmp_path / "project"
    (root / "agents.d").mkdir(parents=True)
    (root / "tools.d").mkdir()
    (root / "runner.yaml").write_text(
        "models: {default: {provider: scripted, replies: replies.yaml}}\n"
        'permissions: [{tool: "team/*", action: allow}]\n'
    )
    (root / "replies.yaml").write_text(REPLIES)
    (root / "agents.d/clerk.yaml").write_text("description: A clerk.\nmodel: default\nprompt: Ask.\ntools: [team/*]\n")
    pack = f"description: A server.\nmcp:\n  url: {door('person')}\n  auth: {{authorization_code: {{}}}}\n"
    (root / "tools.d/team.yaml").write_text(pack)
    return root


def runner(project: Path, *words: str) -> tuple[int, str]:
    """Exit code of a command, and all that it said."""
    browser = f"{sys.executable} {HERE / 'browser.py'} %s"
    around = {**os.environ, "HOME": str(project.parent), "XDG_CONFIG_HOME": str(project.parent), "BROWSER": browser}
    argv = [sys.executable, "-m", "runner", "-C", str(project), *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=50, check=False, env=around)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(120)
def test_a_login_lasts_and_its_tokens_are_nowhere(project: Path) -> None:
    """Before it the message names it; then each run renews its token; a logout forgets it."""
    code, said = runner(project, "mcp", "lock")
    assert (code, "runner mcp login team" in said) == (2, True)
    code, said = runner(project, "mcp", "login", "team", "--json")
    assert code == 0, said
    assert '"renewed": true' in said
    assert runner(project, "mcp", "lock")[0] == 0
    code, said = runner(project, "run", "clerk", "ask", "--json")
    assert "I was shown ***" in said
    assert "CANARY" not in said
    holding = [str(file) for file in project.parent.rglob("*") if file.is_file() and b"CANARY" in file.read_bytes()]
    assert holding == []
    assert runner(project, "mcp", "logout", "team")[0] == 0
    assert read_kept(project, {"XDG_CONFIG_HOME": str(project.parent)}) == {}


def test_who_takes_no_login_is_told_so(project: Path) -> None:
    """A pack without `authorization_code`, one that is not there, and nobody who could be forgotten."""
    assert "there is no pack with a server" in runner(project, "mcp", "login", "tean")[1]
    assert "nobody is logged in" in runner(project, "mcp", "logout", "team")[1]
    pack = project / "tools.d/team.yaml"
    pack.write_text(pack.read_text().replace("  auth: {authorization_code: {}}\n", ""))
    code, said = runner(project, "mcp", "login", "team")
    assert (code, "takes no login" in said, "authorization_code: {}" in said) == (2, True, True)


def test_a_login_is_for_one_server(tmp_path: Path) -> None:
    """What was kept for one address is sent to no other, and for one authorization server by no other."""
    left = Login(
        url="https://a.example/mcp",
        issuer="https://door.example",
        client_id="c",
        client_secret=None,
        method="none",
        token_endpoint="https://door.example/token",
        resource=None,
        access_token="CANARY-1",
        refresh_token=None,
        ends=None,
        scope=None,
    )
    around = {"XDG_CONFIG_HOME": str(tmp_path)}
    write("team", left, tmp_path, around)
    for url, issuer in (("https://b.example/mcp", None), ("https://a.example/mcp", "https://other.example")):
        alive = LoggedIn("team", url, AuthorizationCode(issuer=issuer), tmp_path, around)
        with pytest.raises(ToolFailed, match=r"is for https://a\.example/mcp") as caught:
            asyncio.run(anext(alive.async_auth_flow(httpx2.Request("POST", url))))
        assert "runner mcp login team" in caught.value.hint
    alive = LoggedIn("team", left.url, AuthorizationCode(), tmp_path, around)
    sent = asyncio.run(anext(alive.async_auth_flow(httpx2.Request("POST", left.url))))
    assert sent.headers["authorization"] == "Bearer CANARY-1"
    assert alive.seen.redact({"said": "CANARY-1"}) == {"said": "***"}
