"""`runner secrets`: kept without ever being shown."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
Process = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def root(project: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a HOME of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return project({})


def given(process: Process, root: Path, name: str, value: bytes) -> tuple[int, str]:
    """The end of `secrets set` that reads a value from a file; and what it said."""
    file = root / "value"
    file.write_bytes(value)
    with file.open("rb") as opened:
        done = process("-C", root, "secrets", "set", name, stdin=opened)
        out, err = done.communicate(timeout=30)
    file.unlink()
    return done.returncode, out + err


def test_a_value_from_standard_input_is_kept(cli: Cli, root: Path, process: Process) -> None:
    """It is found by who needs it; only its name is shown."""
    from runner.secrets import find

    code, said = given(process, root, "DEPLOY_PASSWORD", b"canary-value\n")
    assert (code, "canary" in said) == (0, False)
    assert find(["DEPLOY_PASSWORD"], root).values == {"DEPLOY_PASSWORD": "canary-value"}
    assert cli("-C", root, "secrets", "ls").out == "DEPLOY_PASSWORD\n"
    assert json.loads(cli("-C", root, "--json", "secrets", "ls").out) == [{"name": "DEPLOY_PASSWORD"}]


def test_a_person_is_asked_twice_and_sees_nothing(cli: Cli, root: Path, process: Process) -> None:
    """The terminal does not echo it."""
    ours, theirs = pty.openpty()
    done = process("-C", root, "secrets", "set", "TOKEN", stdin=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = b""
    for prompt in (b"TOKEN: ", b"confirmation: "):
        while prompt not in said:
            said += os.read(ours, 1024)
        said = said.replace(prompt, b"")
        os.write(ours, b"canary-value\n")
    done.wait(30)
    said += os.read(ours, 1024)
    os.close(ours)
    assert (done.returncode, b"canary" in said) == (0, False)
    assert cli("-C", root, "secrets", "ls").out == "TOKEN\n"


@pytest.mark.parametrize(
    "name,value,words",
    [
        ("TOKEN", b"", "was given no value"),
        ("TOKEN", b"\n", "was given no value"),
        ("TOKEN", b"a\0b", "NUL"),
        ("TOKEN", b"\xff", "no UTF-8 text"),
        ("TOKEN", b"x" * 70_000, "at most 65,536 bytes"),
        ("TOKEN=canary", b"x", "no name of a secret"),
        ("two words", b"x", "no name of a secret"),
    ],
)
def test_what_is_no_secret_is_refused(
    cli: Cli, root: Path, process: Process, name: str, value: bytes, words: str
) -> None:
    """Nothing is kept, and what may have been a value is not repeated."""
    code, said = given(process, root, name, value)
    assert (code, words in said, "canary" in said) == (2, True, False)
    assert cli("-C", root, "secrets", "ls").out == ""


def test_a_secret_is_forgotten(cli: Cli, root: Path, process: Process) -> None:
    """A name that is not kept is answered with the nearest."""
    given(process, root, "TOKEN", b"value")
    wrong = cli("-C", root, "secrets", "rm", "TOKN")
    assert (wrong.code, "did you mean TOKEN?" in wrong.err) == (2, True)
    assert cli("-C", root, "secrets", "rm", "TOKEN").code == 0
    assert cli("-C", root, "secrets", "ls").out == ""


def test_a_value_is_never_an_argument(cli: Cli, root: Path) -> None:
    """Others of the machine could read it in the process list."""
    answer = cli("-C", root, "secrets", "set", "TOKEN", "canary-value")
    assert (answer.code, "canary-value" in answer.out) == (2, False)


def test_that_none_is_kept_is_said(cli: Cli, root: Path) -> None:
    """Beside the data, which is empty."""
    answer = cli("-C", root, "secrets", "ls")
    assert (answer.code, answer.out, answer.err) == (0, "", "none is kept: `runner secrets set NAME` keeps one\n")
    assert cli("-C", root, "--json", "secrets", "ls").out == "[]\n"
