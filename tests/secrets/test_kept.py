"""Secrets that are kept encrypted: what is written, who may read it, and what is found."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from runner.secrets import find, guarded
from runner.secrets.kept import CREDENTIAL, FILE, Unopened, keep, read_kept


@pytest.fixture
def around(tmp_path: Path) -> dict[str, str]:
    """An environment with a HOME of its own."""
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project's folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_a_value_is_kept_and_found(root: Path, around: dict[str, str]) -> None:
    """Behind the environment and `.env`."""
    keep("TOKEN", "canary é\nof two lines", root, around)
    keep("OTHER", "x", root, around)
    assert read_kept(root, around) == {"TOKEN": "canary é\nof two lines", "OTHER": "x"}
    found = find(["TOKEN", "LACKING"], root, around)
    assert (found.values, found.found) == ({"TOKEN": "canary é\nof two lines"}, {"TOKEN": FILE})
    assert found.looked("LACKING") == f"the environment, .env and {FILE}"
    assert find(["TOKEN"], root, {**around, "TOKEN": "nearer"}).values == {"TOKEN": "nearer"}
    (root / ".env").write_text("TOKEN=near\n")
    assert find(["TOKEN"], root, around).found == {"TOKEN": ".env"}


def test_nothing_of_it_can_be_read_on_the_disk(root: Path, around: dict[str, str]) -> None:
    """Neither names nor values; the files are their user's alone, and git sees none."""
    keep("TOKEN", "canary-value", root, around)
    key = Path(around["HOME"]) / ".config" / "runner" / "secrets.key"
    for file in (root / FILE, key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"canary" not in file.read_bytes()
        assert b"TOKEN" not in file.read_bytes()
    assert stat.S_IMODE((root / FILE).parent.stat().st_mode) == 0o700
    assert ((root / FILE).parent / ".gitignore").read_text() == "*\n"


def test_a_value_is_replaced_and_forgotten(root: Path, around: dict[str, str]) -> None:
    """The last one holds."""
    keep("TOKEN", "first", root, around)
    keep("TOKEN", "second", root, around)
    assert read_kept(root, around) == {"TOKEN": "second"}
    keep("TOKEN", None, root, around)
    assert read_kept(root, around) == {}


def test_many_at_once_lose_nothing(root: Path, around: dict[str, str]) -> None:
    """Each reads what the others have written: processes of people and of daemons."""
    keep("FIRST", "x", root, around)
    code = "import sys; from pathlib import Path; from runner.secrets.kept import keep\n"
    code += "for n in range(20): keep(sys.argv[1] + str(n), 'x', Path(sys.argv[2]))"
    env = {**os.environ, "XDG_CONFIG_HOME": f"{around['HOME']}/.config"}
    some = [subprocess.Popen([sys.executable, "-c", code, name, str(root)], env=env) for name in "ABC"]
    assert [one.wait(timeout=30) for one in some] == [0, 0, 0]
    assert set(read_kept(root, around)) == {"FIRST", *(f"{name}{number}" for name in "ABC" for number in range(20))}


def test_all_that_is_kept_is_held_back_from_what_others_read(root: Path, around: dict[str, str]) -> None:
    """Also what no file names."""
    keep("PIN_OF_NOBODY", "canary-value", root, around)
    assert guarded([], root, around).redact("say canary-value") == "say ***"


def test_systemd_may_give_the_key(root: Path, around: dict[str, str], tmp_path: Path) -> None:
    """A unit's credential comes before the file."""
    keep("TOKEN", "canary", root, around)
    folder = tmp_path / "credentials"
    folder.mkdir()
    key = Path(around["HOME"]) / ".config" / "runner" / "secrets.key"
    (folder / CREDENTIAL).write_bytes(key.read_bytes())
    (folder / CREDENTIAL).chmod(0o400)
    key.unlink()
    assert read_kept(root, {**around, "CREDENTIALS_DIRECTORY": str(folder)}) == {"TOKEN": "canary"}


@pytest.mark.parametrize("harm", ["gone", "other", "open", "empty", "damaged"])
def test_what_cannot_be_opened_says_why(root: Path, around: dict[str, str], harm: str, tmp_path: Path) -> None:
    """Nothing is found, nothing is overwritten, and the places say so."""
    keep("TOKEN", "canary", root, around)
    key = Path(around["HOME"]) / ".config" / "runner" / "secrets.key"
    match harm:
        case "gone":
            key.unlink()
        case "other":
            keep("X", "x", tmp_path, around | {"HOME": str(tmp_path / "elsewhere")})
            key.write_bytes((tmp_path / "elsewhere/.config/runner/secrets.key").read_bytes())
        case "open":
            key.chmod(0o644)
        case "empty":
            key.write_bytes(b"")
        case "damaged":
            (root / FILE).write_bytes(b"nothing")
    before = (root / FILE).read_bytes()
    with pytest.raises(Unopened) as caught:
        read_kept(root, around)
    with pytest.raises(Unopened):
        keep("TOKEN", "new", root, around)
    assert (root / FILE).read_bytes() == before
    found = find(["TOKEN"], root, around)
    assert (found.values, str(caught.value) in found.looked("TOKEN")) == ({}, True)
