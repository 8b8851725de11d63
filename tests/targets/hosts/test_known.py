"""Which keys are trusted: the files of OpenSSH, and the project's own before them."""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path

import pytest

from runner.spec.layout import KNOWN_HOSTS
from runner.targets.hosts import known

KEY = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + b"k" * 32).decode()
OTHER = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + b"o" * 32).decode()


def keys(name: str, root: Path, text: str) -> list[str]:
    """The keys that a project's file trusts of a host."""
    (root / KNOWN_HOSTS).write_text(text)
    return [entry.key for entry in known.trusted(name, root)]


@pytest.mark.parametrize(
    "first, name, fits",
    [
        ("web1", "web1", True),
        ("web1", "web11", False),
        ("web1,10.0.0.1", "10.0.0.1", True),
        ("WEB1", "web1", True),
        ("[web1]:2222", "[web1]:2222", True),
        ("[web1]:2222", "web1", False),
        ("web1", "[web1]:2222", False),
        ("*.example.org", "a.example.org", True),
        ("*.example.org", "example.org", False),
        ("web?", "web1", True),
        ("*.example.org,!bad.example.org", "bad.example.org", False),
        ("[w]eb1", "web1", False),
    ],
)
def test_names_fit_as_openssh_has_them(tmp_path: Path, first: str, name: str, fits: bool) -> None:
    """Lists, patterns, negations, ports."""
    assert keys(name, tmp_path, f"{first} ssh-ed25519 {KEY} a comment\n") == [KEY] * fits


def test_hashed_names_fit(tmp_path: Path) -> None:
    """As `ssh-keygen -H` writes them."""
    file = tmp_path / KNOWN_HOSTS
    file.write_text(f"[web1]:2222 ssh-ed25519 {KEY}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    assert file.read_text().startswith("|1|")
    assert [one.key for one in known.trusted("[web1]:2222", tmp_path)] == [KEY]
    assert known.trusted("[web2]:2222", tmp_path) == []


@pytest.mark.parametrize(
    "line", ["", "# web1 ssh-ed25519 x", "web1", "web1 ssh-ed25519", "web1 ssh-ed25519 !!!", "|1|x ssh-ed25519 " + KEY]
)
def test_a_line_that_says_nothing_trusts_nothing(tmp_path: Path, line: str) -> None:
    """And keeps no other from being read."""
    assert keys("web1", tmp_path, f"{line}\nweb1 ssh-ed25519 {KEY}\n") == [KEY]


def test_authorities_trust_nothing_and_revoked_keys_are_out(tmp_path: Path) -> None:
    """Of what the markers mean, only the forbidding one is known."""
    assert keys("web1", tmp_path, f"@cert-authority web1 ssh-ed25519 {KEY}\n") == []
    text = f"web1 ssh-ed25519 {KEY}\nweb1 ssh-ed25519 {OTHER}\n@revoked * ssh-ed25519 {KEY}\n"
    assert keys("web1", tmp_path, text) == [OTHER]


def test_the_projects_file_alone_decides_of_hosts_that_it_names(tmp_path: Path, home: Path) -> None:
    """Others are looked up in the user's."""
    (home / ".ssh" / "known_hosts").write_text(f"web1 ssh-ed25519 {OTHER}\nweb2 ssh-ed25519 {OTHER}\n")
    assert keys("web1", tmp_path, f"web1 ssh-ed25519 {KEY}\n") == [KEY]
    assert [(one.key, one.line) for one in known.trusted("web2", tmp_path)] == [(OTHER, 2)]


def test_trusting_replaces_the_host_and_keeps_the_rest(tmp_path: Path) -> None:
    """Comments, other hosts and revoked keys stay; the file is for everyone to read, and for its owner to write."""
    (tmp_path / KNOWN_HOSTS).write_text(
        f"# ours\nweb1 ssh-rsa {OTHER}\nweb1,web2 ssh-ed25519 {OTHER}\n@revoked web1 ssh-ed25519 {OTHER}\n"
    )
    file = known.trust("web1", "ssh-ed25519", base64.b64decode(KEY), tmp_path)
    assert file.read_text().splitlines() == [
        "# ours",
        f"web1,web2 ssh-ed25519 {OTHER}",
        f"@revoked web1 ssh-ed25519 {OTHER}",
        f"web1 ssh-ed25519 {KEY}",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [entry.key for entry in known.trusted("web1", tmp_path)] == [KEY]


def test_fingerprints_are_those_of_openssh(tmp_path: Path) -> None:
    """What a person compares is the same on both sides."""
    file = tmp_path / "key.pub"
    file.write_text(f"ssh-ed25519 {KEY} comment\n")
    said = subprocess.run(["ssh-keygen", "-lf", str(file)], check=True, capture_output=True, text=True).stdout
    assert said.split()[1] == known.fingerprint(base64.b64decode(KEY))
