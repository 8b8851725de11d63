"""`runner doctor` on hosts: what would be shown to each, whether it is trusted, and with --online who lets us in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sshd import Sshd, host_keys, sshd

__all__ = ["sshd"]

Cli = Callable[..., Any]
RULES = "Host inner\n  HostName 127.0.0.1\n  User {user}\n  Port {port}\n  IdentityFile {key}\n  HashKnownHosts yes\n"


@pytest.fixture
def house(project: Callable[..., Path], sshd: list[Sshd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a host of each kind; the first two servers are trusted."""
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DB_PASSWORD", "hunter2-canary")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    first, second, third = sshd[:3]
    (tmp_path / "home/.ssh/config").write_text(RULES.format(user=second.user, port=second.port, key=second.key))
    root = project(
        {
            "runner.yaml": f"""hosts:
  web1: {{address: 127.0.0.1, port: {first.port}, user: {first.user}, key: {first.key}}}
  inner: {{jump: web1}}
  db1: {{address: 127.0.0.1, port: {first.port}, user: postgres, password: "${{DB_PASSWORD}}"}}
  bare: {{address: 127.0.0.1, port: {first.port}, user: postgres}}
  new: {{address: 127.0.0.1, port: {third.port}, user: {third.user}, key: {third.key}}}
  lost: {{address: 127.0.0.1, port: 1, user: ada, key: no-such-key}}
  poor: {{address: 127.0.0.1, port: 1, user: ada, sudo_password: "${{NOBODY_SET_THIS}}"}}
"""
        }
    )
    host_keys(root, sshd[:2])
    return root


def looked(cli: Cli, house: Path, *words: str) -> list[tuple[str, str, str]]:
    """(level, what, hint) of the lines about hosts."""
    answer = cli("-C", house, "--json", "doctor", *words)
    assert "hunter2" not in answer.out + answer.err
    lines = json.loads(answer.out)["lines"]
    return [(line["level"], line["what"], line["hint"]) for line in lines if line["area"] == "host"]


def test_each_host_is_told_with_what_is_found_here(cli: Cli, house: Path, sshd: list[Sshd]) -> None:
    """Nobody is asked: what would be shown, where it comes from, which line trusts the host, and what is missing."""
    first, second, third = sshd[:3]
    before = first.logins
    shows = f"shows key {first.key}"
    assert looked(cli, house) == [
        ("ok", f"web1: {first.user}@127.0.0.1:{first.port}, {shows}; trusted by known_hosts:1", ""),
        (
            "ok",
            (
                f"inner: {second.user}@127.0.0.1:{second.port}, {shows}; ~/.ssh/config says its HostName, User, Port, "
                "IdentityFile; trusted by known_hosts:2"
            ),
            "",
        ),
        (
            "ok",
            (
                f"db1: postgres@127.0.0.1:{first.port}, shows password ${{DB_PASSWORD}} (found in the environment); "
                "trusted by known_hosts:1"
            ),
            "",
        ),
        (
            "warn",
            (
                f"bare: postgres@127.0.0.1:{first.port}, has nothing to show: no key, no agent, no password; "
                "trusted by known_hosts:1"
            ),
            "give `key` or `password`, or load a key into an agent and set SSH_AUTH_SOCK",
        ),
        (
            "fail",
            f"new: {third.user}@127.0.0.1:{third.port}, {shows}; nobody has trusted its key yet",
            "`runner hosts trust new`",
        ),
        (
            "fail",
            f"lost: ada@127.0.0.1:1, shows key {house}/no-such-key; {house}/no-such-key is not there",
            "mend `key` of lost, or IdentityFile of ~/.ssh/config",
        ),
        (
            "fail",
            "poor: ada@127.0.0.1:1, has nothing to show: no key, no agent, no password; NOBODY_SET_THIS is not set",
            "write `NOBODY_SET_THIS=…` into .env, or `runner secrets set NOBODY_SET_THIS`",
        ),
    ]
    assert first.logins == before


def test_online_each_that_could_be_reached_is_logged_in_on(cli: Cli, house: Path, sshd: list[Sshd]) -> None:
    """A line more for each of them; the others would not get as far."""
    before = sshd[1].logins
    told = [(level, what) for level, what, _ in looked(cli, house, "--online") if what.split(":")[0].count(" ")]
    assert sshd[1].logins == before + 1
    assert [level for level, _ in told] == ["ok", "ok", "fail", "fail", "fail"]
    assert [what.split(",")[0] for _, what in told[:2]] == ["web1 lets us in", "inner lets us in"]
    assert f"db1 cannot be reached: postgres@127.0.0.1:{sshd[0].port} does not let us in; tried: " in told[2][1]
    assert told[3][1].startswith("bare cannot be reached: ")
    assert told[4][1].startswith("new cannot be reached: nobody has trusted its key yet: ssh-ed25519 SHA256:")


def test_online_a_host_that_is_down_says_so_before_anybody_trusts_it(cli: Cli, house: Path) -> None:
    """Its key cannot be compared until it is up."""
    settings = (house / "runner.yaml").read_text()
    (house / "runner.yaml").write_text(f"{settings}  down: {{address: 127.0.0.1, port: 1, user: ada}}\n")
    (told,) = [(what, hint) for _, what, hint in looked(cli, house, "--online") if what.startswith("down")]
    assert told == (
        "down cannot be reached: no connection: Connection refused",
        "is its SSH server up, and the port right?",
    )


def test_a_rule_that_cannot_be_read_is_told_of_the_hosts(cli: Cli, house: Path, tmp_path: Path) -> None:
    """The rest of the report goes on."""
    (tmp_path / "home/.ssh/config").write_text("Host web1\n  Port\n")
    lines = looked(cli, house)
    assert {level for level, _, _ in lines} == {"fail"}
    assert "web1: " in lines[0][1]
    assert ".ssh/config cannot be read" in lines[0][1]


def test_without_hosts_nothing_is_said_of_them(cli: Cli, project: Callable[..., Path]) -> None:
    """Most projects have none."""
    assert looked(cli, project({})) == []
