"""`runner hosts`: what is listed, and how a host becomes trusted."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sshd import Sshd, sshd

__all__ = ["sshd"]

Cli = Callable[..., Any]
Process = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def house(project: Callable[..., Path], sshd: list[Sshd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a host of each kind; nobody has trusted any."""
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (tmp_path / "home" / ".ssh" / "config").write_text("Host db1\n  HostName 192.0.2.7\n  User postgres\n")
    first, second = sshd[:2]
    return project(
        {
            "runner.yaml": f"""hosts:
  web1: {{address: 127.0.0.1, port: {first.port}, user: {first.user}, key: {first.key}, groups: [web, prod]}}
  db1: {{password: "${{DB_PASSWORD}}"}}
  inner: {{address: 127.0.0.1, port: {second.port}, user: {second.user}, key: {second.key}, jump: web1}}
inventory: house.ini
""",
            "house.ini": "[lab]\nlab[1:2] ansible_host=127.0.0.1 ansible_port=1 ansible_user=nobody\n",
        }
    )


def listed(cli: Cli, house: Path, *more: str) -> dict[str, Any]:
    """What `ls` says of each host."""
    return {one["name"]: one for one in json.loads(cli("-C", house, "--json", "hosts", "ls", *more).out)}


def test_all_hosts_are_listed_with_where_they_come_from(cli: Cli, house: Path, sshd: list[Sshd]) -> None:
    """Those of runner.yaml first; what ~/.ssh/config adds is filled in."""
    answer = cli("-C", house, "hosts", "ls")
    rows = [line.split() for line in answer.out.splitlines()]
    assert (answer.code, answer.err) == (0, "")
    assert rows == [
        ["NAME", "ADDRESS", "PORT", "USER", "GROUPS", "WHERE", "TRUSTED"],
        ["web1", "127.0.0.1", str(sshd[0].port), sshd[0].user, "web,", "prod", "runner.yaml:2", "no"],
        ["db1", "192.0.2.7", "22", "postgres", "runner.yaml:3", "no"],
        ["inner", "127.0.0.1", str(sshd[1].port), sshd[1].user, "runner.yaml:4", "no"],
        ["lab1", "127.0.0.1", "1", "nobody", "lab", "house.ini:2", "no"],
        ["lab2", "127.0.0.1", "1", "nobody", "lab", "house.ini:2", "no"],
    ]
    assert listed(cli, house)["web1"]["groups"] == ["hosts", "web", "prod"]


def test_a_host_is_shown(cli: Cli, house: Path) -> None:
    """A fact a line; of a password only its name."""
    out = cli("-C", house, "hosts", "show", "db1").out
    assert out.splitlines() == [
        "db1",
        "  file         runner.yaml:3",
        "  address      postgres@192.0.2.7:22",
        "  groups       hosts",
        "  password     ${DB_PASSWORD}",
        "  trusted      no: `runner hosts trust db1`",
    ]
    assert json.loads(cli("-C", house, "--json", "hosts", "show", "db1").out) == listed(cli, house)["db1"]
    wrong = cli("-C", house, "hosts", "show", "web")
    assert (wrong.code, "there is no host `web`" in wrong.err) == (2, True)


def test_a_host_is_trusted_by_who_compared_it(cli: Cli, house: Path, sshd: list[Sshd]) -> None:
    """The fingerprint is that of OpenSSH; the file is the project's; a second time there is nothing to do."""
    public = sshd[0].key.with_name("host_key.pub")
    said = subprocess.run(["ssh-keygen", "-lf", str(public)], check=True, capture_output=True, text=True).stdout
    answer = cli("-C", house, "hosts", "trust", "web1", "--yes")
    assert (answer.code, answer.out) == (0, "")
    assert said.split()[1] in answer.err
    assert (house / "known_hosts").read_text() == sshd[0].known
    assert listed(cli, house)["web1"]["trusted"] == [f"ssh-ed25519 {said.split()[1]} ({house}/known_hosts:1)"]
    again = json.loads(cli("-C", house, "--json", "hosts", "trust", "web1").out)
    assert (again["trusted"], again["changed"], again["fingerprint"]) == (True, False, said.split()[1])


def test_a_host_is_trusted_before_its_password_is_set(cli: Cli, house: Path) -> None:
    """Nobody is told it, so nobody has to have it: the key is compared first."""
    settings = (house / "runner.yaml").read_text()
    assert "groups: [web, prod]}" in settings
    (house / "runner.yaml").write_text(
        settings.replace("groups: [web, prod]}", 'groups: [web, prod], password: "${NOBODY_SET_THIS}"}')
    )
    assert cli("-C", house, "hosts", "trust", "web1", "--yes").code == 0
    assert "needs the secret NOBODY_SET_THIS" in listed(cli, house, "--online")["web1"]["online"]["says"]


def test_without_somebody_to_ask_nothing_is_trusted(cli: Cli, house: Path, process: Process) -> None:
    """`--yes` is the only way."""
    done = process("-C", house, "hosts", "trust", "web1")
    _, err = done.communicate(timeout=30)
    assert (done.returncode, "nobody is here to be asked" in err, "add --yes" in err) == (2, True, True)
    assert not (house / "known_hosts").exists()


@pytest.mark.parametrize("word,code", [("y", 0), ("n", 2), ("", 2)])
def test_a_person_is_asked(house: Path, process: Process, word: str, code: int) -> None:
    """Only yes is yes."""
    assert talked(process, word, "-C", house, "hosts", "trust", "web1")[0] == code
    assert (house / "known_hosts").exists() == (code == 0)


def talked(process: Process, word: str, *words: Any) -> tuple[int, str]:
    """The end of a command line that has a terminal to read from, and is told a word; and what it said."""
    ours, theirs = pty.openpty()
    done = process(*words, stdin=theirs)
    os.close(theirs)
    os.write(ours, f"{word}\n".encode() * 2)
    _, err = done.communicate(timeout=30)
    os.close(ours)
    return done.returncode, err


def test_a_changed_key_is_shown_old_and_new(cli: Cli, house: Path, sshd: list[Sshd]) -> None:
    """And asked for anew."""
    former = (sshd[0].key.with_suffix(".pub")).read_text().split()[1]
    (house / "known_hosts").write_text(f"[127.0.0.1]:{sshd[0].port} ssh-ed25519 {former}\n# ours\n")
    answer = cli("-C", house, "hosts", "trust", "web1", "--yes")
    assert "SHOWS ANOTHER KEY THAN THE TRUSTED ONE" in answer.err
    assert answer.err.count("ssh-ed25519 SHA256:") == 2
    assert (house / "known_hosts").read_text() == f"# ours\n{sshd[0].known}"


def test_what_a_host_is_reached_through_comes_first(cli: Cli, house: Path) -> None:
    """The message names the next one to trust."""
    first = cli("-C", house, "hosts", "trust", "inner", "--yes")
    assert (first.code, "`runner hosts trust web1`" in first.err) == (6, True)
    assert cli("-C", house, "hosts", "trust", "web1", "--yes").code == 0
    assert cli("-C", house, "hosts", "trust", "inner", "--yes").code == 0


def test_online_says_who_lets_us_in(cli: Cli, house: Path) -> None:
    """Each in its own line; those that are out of reach hold up nobody."""
    cli("-C", house, "hosts", "trust", "web1", "--yes")
    found = {name: about["online"] for name, about in listed(cli, house, "--online").items() if name != "db1"}
    assert {name: one["reached"] for name, one in found.items()} == {
        "web1": True,
        "inner": False,
        "lab1": False,
        "lab2": False,
    }
    assert found["lab1"]["says"] == "lab1 cannot be reached: no connection: Connection refused"
    assert "lets us in, after" in cli("-C", house, "hosts", "show", "web1", "--online").out


def test_a_host_out_of_reach_is_exit_code_1_with_its_whole_reason(cli: Cli, house: Path) -> None:
    """For scripts; what went wrong stands below the table, uncut, with what to do."""
    answer = cli("-C", house, "hosts", "ls", "--online")
    assert (answer.code, cli("-C", house, "hosts", "ls").code) == (1, 0)
    assert "lab1 cannot be reached: no connection: Connection refused\n  hint: is its SSH server up" in answer.err
    assert "web1 cannot be reached: nobody has trusted its key yet: ssh-ed25519 SHA256:" in answer.err
    assert "`runner hosts trust web1`" in answer.err
    assert [cli("-C", house, *more, "hosts", "show", "lab1", "--online").code for more in ((), ("--json",))] == [1, 1]
    assert cli("-C", house, "hosts", "show", "lab1").code == 0
