"""Whose key nobody has trusted, or who shows another, is told nothing: no name, no password, no signature."""

from __future__ import annotations

import base64
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import fabric  # type: ignore[import-untyped]  # it has no types
import paramiko
import pytest

from runner.targets.hosts import known
from runner.targets.hosts.connection import Client, Connection
from runner.targets.hosts.dialer import Dialer
from runner.targets.hosts.probing import shown_key
from runner.targets.hosts.spec import HostSpec
from tests.sshd import Sshd, make_key, servers

from .conftest import Fleet, spec

_NO: int = paramiko.AUTH_FAILED  # type: ignore[attr-defined]  # paramiko's types do not know it


class Thief(paramiko.ServerInterface):
    """Takes every password, and writes down all that it is told."""

    def __init__(self, told: list[str]) -> None:
        self.told = told

    def get_allowed_auths(self, username: str) -> str:
        """Everything is welcome."""
        self.told.append(f"user {username}")
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        """Written down."""
        self.told.append(f"password {password} of {username}")
        return _NO

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Written down."""
        self.told.append(f"key {key.get_name()} of {username}")
        return _NO


class FakeHost:
    """A server in a thread: its port, its key, what it was told, how many came."""

    def __init__(self, folder: Path) -> None:
        self.key = paramiko.Ed25519Key(filename=str(make_key(folder / "thief_key")))
        self.told: list[str] = []
        self.came = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self.came += 1
            transport = paramiko.Transport(client)
            transport.add_server_key(self.key)
            self._transports.append(transport)
            try:
                transport.start_server(server=Thief(self.told))
            except (paramiko.SSHException, EOFError, OSError):  # it hangs up once it has seen the key
                continue

    def close(self) -> None:
        """End it."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for transport in self._transports:
            transport.close()
            transport.join()


@pytest.fixture
def thief(tmp_path: Path, fleet: Fleet) -> Iterator[FakeHost]:
    """A host of the project that is not what it seems; the project has a password for it."""
    server = FakeHost(tmp_path)
    fleet.secrets["PW"] = "hunter2-canary"
    fleet.hosts["web1"] = HostSpec(address="127.0.0.1", port=server.port, user="deploy", password="${PW}")
    yield server
    server.close()


def line(port: int, key: paramiko.PKey) -> str:
    """The line that trusts a key."""
    return f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"


def test_an_unknown_key_is_refused_and_nothing_is_said(fleet: Fleet, thief: FakeHost) -> None:
    """The message has the fingerprint, and the command that trusts it."""
    error = fleet.failure("id")
    assert thief.came == 1
    assert thief.told == []
    assert error.match == "unavailable"
    assert known.fingerprint(thief.key.asbytes()) in error.message
    assert "nobody has trusted its key yet" in error.message
    assert "`runner hosts trust web1`" in error.hint


@pytest.mark.parametrize("where", ["project", "home", "both"])
def test_a_changed_key_is_refused_loudly_and_nothing_is_said(
    fleet: Fleet, thief: FakeHost, home: Path, sshd: list[Sshd], where: str
) -> None:
    """Whichever file has the former key; both fingerprints are told."""
    former = sshd[0].known.split(" ", 1)[1]
    trusted = f"[127.0.0.1]:{thief.port} {former}"
    if where != "home":
        (fleet.root / "known_hosts").write_text(trusted)
    if where != "project":
        # What the project pins is not undone by what a user once said yes to.
        (home / ".ssh" / "known_hosts").write_text(trusted if where == "home" else line(thief.port, thief.key))
    error = fleet.failure("id")
    assert (thief.came, thief.told) == (1, [])
    assert "web1 IS REFUSED" in error.message
    for key in (thief.key.get_base64(), former.split()[1]):
        assert known.fingerprint(base64.b64decode(key)) in error.message


def test_a_trusted_host_is_given_the_password(fleet: Fleet, thief: FakeHost) -> None:
    """That the server above would have written it down."""
    (fleet.root / "known_hosts").write_text(line(thief.port, thief.key))
    error = fleet.failure("id")
    assert "password hunter2-canary of deploy" in thief.told
    assert (error.match, "does not let us in" in error.message) == ("unavailable", True)
    assert "hunter2" not in f"{error.message} {error.hint}"
    assert error.message.startswith(f"web1 cannot be reached: deploy@127.0.0.1:{thief.port} ")
    assert error.message.endswith("does not let us in; tried: password ${PW}")
    assert error.hint == "is it the password of deploy? `runner secrets set PW` sets it anew"


def test_a_revoked_key_is_refused(fleet: Fleet, thief: FakeHost, home: Path) -> None:
    """Also where another file trusts it."""
    (fleet.root / "known_hosts").write_text(line(thief.port, thief.key))
    (home / ".ssh" / "known_hosts").write_text(f"@revoked * {thief.key.get_name()} {thief.key.get_base64()}\n")
    fleet.failure("id")
    assert thief.told == []


def test_the_key_is_shown_without_saying_who_asks(fleet: Fleet, thief: FakeHost) -> None:
    """Trusted or not: `hosts trust` never logs in."""
    dialer = Dialer(fleet.hosts, fleet.root, fleet.fill)
    first = shown_key(dialer, "web1")
    assert (first.is_trusted, first.trusted, first.key) == (False, [], thief.key.asbytes())
    known.trust(first.name, first.kind, first.key, fleet.root)
    assert shown_key(dialer, "web1").is_trusted
    assert (thief.came, thief.told) == (2, [])


def test_the_rule_cannot_be_replaced(fleet: Fleet) -> None:
    """A connection keeps our client; our client keeps its rule."""
    connection = Dialer(fleet.hosts, fleet.root, fleet.fill).connection("web1", 5)
    connection.client = paramiko.SSHClient()
    assert isinstance(connection, fabric.Connection)
    assert isinstance(connection.client, Client)
    with pytest.raises(TypeError, match="never trusted by a policy"):
        connection.client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    connection.close()


def test_agents_are_never_forwarded(fleet: Fleet, home: Path) -> None:
    """Not even where ~/.ssh/config says so."""
    (home / ".ssh" / "config").write_text("Host *\n  ForwardAgent yes\n")
    connection = Dialer(fleet.hosts, fleet.root, fleet.fill).connection("web1", 5)
    assert connection.forward_agent is False
    connection.close()


def test_rules_of_the_user_are_kept(fleet: Fleet, home: Path, sshd: list[Sshd]) -> None:
    """A host that ~/.ssh/config describes needs only its name; what runner.yaml says wins."""
    server = sshd[1]
    (home / ".ssh" / "config").write_text(
        f"Host db1\n  HostName 127.0.0.1\n  Port {server.port}\n  User {server.user}\n  IdentityFile {server.key}\n"
    )
    fleet.hosts["db1"] = HostSpec()
    before = server.logins
    assert fleet.run("echo", "hello", name="db1").text == "hello\n"
    assert server.logins == before + 1
    fleet.hosts["db1"] = HostSpec(port=sshd[2].port)
    assert (fleet.run("echo", "hello", name="db1").text, server.logins) == ("hello\n", before + 1)


def test_rules_that_cannot_be_read_say_so(fleet: Fleet, home: Path) -> None:
    """The file is named."""
    (home / ".ssh" / "config").write_text("Host web1\n  Port\n")
    error = fleet.failure("id")
    assert (error.match, ".ssh/config cannot be read" in error.message) == ("unavailable", True)


@pytest.mark.parametrize("by", ["spec", "config"])
def test_a_host_is_reached_through_another(fleet: Fleet, home: Path, sshd: list[Sshd], by: str) -> None:
    """The way is of ours as well: both keys are looked at, both let us in."""
    jump, host = sshd[0], sshd[1]
    fleet.hosts["gate"] = spec(jump)
    if by == "config":
        (home / ".ssh" / "config").write_text("Host inner\n  ProxyJump gate\n")
    fleet.hosts["inner"] = spec(host, **({"jump": "gate"} if by == "spec" else {}))
    before = jump.logins, host.logins
    assert fleet.run("sh", "-c", "echo ${SSH_CONNECTION##* }", name="inner").text == f"{host.port}\n"
    assert (jump.logins, host.logins) == (before[0] + 1, before[1] + 1)


def test_a_gate_that_nobody_trusts_is_refused(fleet: Fleet, thief: FakeHost, sshd: list[Sshd]) -> None:
    """The message names the gate."""
    fleet.hosts["inner"] = spec(sshd[1], jump="web1")
    error = fleet.failure("id", name="inner")
    assert thief.told == []
    assert "the key of web1, which it is reached through" in error.message
    assert "`runner hosts trust web1`" in error.hint


def test_a_circle_of_gates_is_refused(fleet: Fleet) -> None:
    """It has no end."""
    fleet.hosts["a"] = HostSpec(jump="b")
    fleet.hosts["b"] = HostSpec(jump="a")
    assert fleet.failure("id", name="a").message == "a is reached through itself: a -> b -> a"


def test_what_cannot_be_reached_is_told_apart(fleet: Fleet) -> None:
    """No server, no such name, no key, no secret, no entry: always `unavailable`, each in its own words."""
    fleet.hosts |= {
        "closed": HostSpec(address="127.0.0.1", port=1),
        "nameless": HostSpec(address="no-such-host.invalid"),
        "keyless": spec(fleet.servers[0]).model_copy(update={"key": "no-such-key"}),
        "secretless": spec(fleet.servers[0], password="${NOT_SET}"),
        "stranger": spec(fleet.servers[0]).model_copy(update={"key": str(make_key(fleet.root / "other_key"))}),
    }
    said, who = {}, f"{fleet.servers[0].user}@127.0.0.1:{fleet.servers[0].port}"
    for name in ("closed", "nameless", "keyless", "secretless", "stranger"):
        error = fleet.failure("id", name=name)
        assert error.match == "unavailable"
        said[name] = error.message
    assert said == {
        "closed": "closed cannot be reached: no connection: Connection refused",
        "nameless": said["nameless"],
        "keyless": f"keyless cannot be reached: {fleet.root}/no-such-key is not there",
        "secretless": "secretless needs the secret NOT_SET, which is not set",
        "stranger": f"stranger cannot be reached: {who} does not let us in; tried: key {fleet.root}/other_key",
    }
    assert said["nameless"].startswith("nameless cannot be reached: its address is not known: ")


def test_what_was_tried_is_told_by_name(fleet: Fleet, home: Path) -> None:
    """Keys of files, of ~/.ssh and the agent, the password's name; nothing at all; and what the host takes."""
    server = fleet.servers[0]
    stranger = HostSpec(address="127.0.0.1", port=server.port, user="nobody-here")
    fleet.hosts["empty"] = stranger
    nothing = fleet.failure("id", name="empty")
    assert "does not let us in; there was no key and no password to try" in nothing.message
    assert "give `key` or `password`" in nothing.hint
    make_key(home / ".ssh" / "id_ed25519")
    fleet.secrets["PW"] = "hunter2-canary"
    fleet.hosts["full"] = stranger.model_copy(update={"password": "${PW}"})
    error = fleet.failure("id", name="full")
    assert error.message == (
        f"full cannot be reached: nobody-here@127.0.0.1:{server.port} does not let us in; "
        "tried: key ~/.ssh/id_ed25519, password ${PW}; it takes publickey"
    )
    fleet.hosts["plain"] = stranger
    assert "in ~/.ssh/authorized_keys of nobody-here there?" in fleet.failure("id", name="plain").hint


def test_a_key_of_the_agent_is_told_by_its_comment(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `ssh-add -l` shows it."""
    socket_file = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket_file)], stdout=subprocess.DEVNULL)
    try:
        while not socket_file.exists():
            assert agent.poll() is None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket_file))
        subprocess.run(["ssh-add", "-q", str(make_key(tmp_path / "lent"))], check=True, capture_output=True)
        fleet.hosts["web1"] = HostSpec(address="127.0.0.1", port=fleet.servers[0].port, user="nobody-here")
        assert "tried: key ssh-ed25519 test of the agent" in fleet.failure("id").message
    finally:
        agent.terminate()
        agent.wait()


def test_an_encrypted_key_says_so(fleet: Fleet, tmp_path: Path) -> None:
    """With what opens it."""
    key = make_key(tmp_path / "closed")
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "hunter2-canary", "-f", str(key)], check=True, capture_output=True)
    fleet.hosts["web1"] = spec(fleet.servers[0]).model_copy(update={"key": str(key)})
    error = fleet.failure("id")
    assert f"tried: key {key}" in error.message
    assert f"(key {key} could not be opened: its passphrase is wrong or missing)" in error.message
    assert error.hint.startswith("the key is encrypted: give its `password: ${NAME}`")


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_wrong_passphrase_says_so(fleet: Fleet, tmp_path: Path, kind: str) -> None:
    """It is no matter of who may log in there."""
    key = tmp_path / kind
    make = ["ssh-keygen", "-q", "-t", kind, "-N", "hunter2-canary", "-f", str(key)]
    subprocess.run(make, check=True, capture_output=True)
    fleet.secrets["PASSPHRASE"] = "hunter2-wrong"
    told = {"key": str(key), "password": "${PASSPHRASE}"}
    fleet.hosts["web1"] = spec(fleet.servers[0]).model_copy(update=told)
    error = fleet.failure("id")
    assert f"(key {key} could not be opened: its passphrase is wrong or missing)" in error.message
    assert "`runner secrets set PASSPHRASE` sets it anew" in error.hint
    assert "hunter2" not in error.message + error.hint


def test_a_gate_that_does_not_let_us_in_is_named(fleet: Fleet) -> None:
    """It is another host than the one that was asked for."""
    gate = fleet.servers[0]
    fleet.hosts["gate"] = HostSpec(address="127.0.0.1", port=gate.port, user="nobody-here")
    fleet.hosts["inner"] = spec(fleet.servers[1], jump="gate")
    message = fleet.failure("id", name="inner").message
    assert message.startswith("inner cannot be reached: gate, which it is reached through: nobody-here@127.0.0.1:")


def test_a_connection_is_fabrics_own_otherwise() -> None:
    """The rules of ~/.ssh/config are its business."""
    assert issubclass(Connection, fabric.Connection)


FAKE_SUDO = """#!/bin/sh
printf '%s ' "$@" >>{log}; echo >>{log}
while [ $# -gt 0 ]; do
  case $1 in
    -S) asked=yes ;; -n) asked= ;; -p) shift ;; -v) check=yes ;; -k) rm -f {ticket}; exit 0 ;;
    --preserve-env=*) ;; --) shift; break ;; *) break ;;
  esac
  shift
done
if [ "$check" ]; then
  [ "$asked" ] && read -r password && [ "$password" = "it's \\\\ a 'sesame-9f3'" ] || exit 1
  : >{ticket}; exit 0
fi
[ -e {ticket} ] || {{ echo 'sudo: a password is required' >&2; exit 1; }}
exec "$@"
"""


@pytest.fixture
def with_sudo(fleet: Fleet, tmp_path: Path) -> Iterator[Path]:
    """A host whose sudo asks for a password; gives what sudo was called with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log, ticket = tmp_path / "sudo.log", tmp_path / "ticket"
    (folder / "sudo").write_text(FAKE_SUDO.format(log=log, ticket=ticket))
    (folder / "sudo").chmod(0o755)
    with servers(tmp_path, 1, settings=f"SetEnv HOME=/nonexistent PATH={folder}:/usr/bin:/bin\n") as started:
        (fleet.root / "known_hosts").write_text(started[0].known)
        fleet.hosts["web1"] = spec(started[0], sudo_password="${SUDO}")
        yield log


def test_sudo_is_shown_its_password_and_nobody_else_is(fleet: Fleet, with_sudo: Path) -> None:
    """It is in no command line, no environment, and not on the command's standard input; the ticket is given back."""
    fleet.secrets["SUDO"] = "it's \\ a 'sesame-9f3'"
    done = fleet.run("sh", "-c", "cat; env; cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' '; exit 4", sudo=True)
    assert done.exit == 4
    assert "sesame-9f3" not in done.text
    assert with_sudo.read_text().splitlines()[0] == "-S -p  -v "
    assert with_sudo.read_text().splitlines()[1].startswith("-n -- sh -c ")
    assert with_sudo.read_text().splitlines()[-1] == "-k "


def test_a_wrong_password_of_sudo_is_told_apart(fleet: Fleet, with_sudo: Path) -> None:
    """The command has not begun, and the message has no password in it."""
    fleet.secrets["SUDO"] = "wrong-canary"
    error = fleet.failure("id", sudo=True)
    assert (error.match, error.message) == ("unavailable", "sudo on web1 does not take the password")
    assert "canary" not in error.hint
    assert with_sudo.read_text() == "-S -p  -v \n"


def test_sudo_without_a_password_never_asks(fleet: Fleet, with_sudo: Path) -> None:
    """It runs or says why not; variables of the command are named to it, not their values."""
    fleet.hosts["web1"] = fleet.hosts["web1"].model_copy(update={"sudo_password": None})
    done = fleet.run("id", sudo=True, env={"TOKEN": "canary"})
    assert (done.exit, done.text) == (1, "sudo: a password is required\n")
    assert with_sudo.read_text() == "-n --preserve-env=TOKEN -- id \n"


def test_the_real_sudo_runs_as_root(fleet: Fleet) -> None:
    """Where the servers' user may."""
    done = fleet.run("id", "-u", sudo=True)
    assert done.text in ("0\n", "sudo: a password is required\n")


def test_a_time_out_ends_what_sudo_started(fleet: Fleet, with_sudo: Path) -> None:
    """By the same means."""
    fleet.secrets["SUDO"] = "it's \\ a 'sesame-9f3'"
    error = fleet.failure("sleep", "60", sudo=True, seconds=0.3)
    assert (error.match, "MAY STILL RUN" in error.message) == ("timeout", False)
    assert "-n kill -TERM " in with_sudo.read_text()
