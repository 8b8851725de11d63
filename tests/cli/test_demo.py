"""`runner demo`: red before, green after, and nothing left running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli.client import find

Cli = Callable[..., Any]


def test_the_demo_mends_its_project_and_ends(cli: Cli, tmp_path: Path) -> None:
    """Real pytest is red, then green; the verdict has its evidence; the daemon is gone."""
    answer = cli("demo", "--exit", "--dir", tmp_path / "demo")
    assert answer.code == 0
    red, work, green = (answer.err.find(word) for word in ("pytest: red", "→ repair (1 of 2)", "pytest: green"))
    assert -1 < red < work < green
    assert "PASS  build" in answer.err
    assert "verify/2 → complete  next[0]  workflows/build.yaml:" in answer.out
    assert "phases.verify.ok = true" in answer.out
    assert "3 files changed" in answer.err
    assert find(tmp_path / "demo" / ".runner") is None


def test_the_demo_stays_up_until_ctrl_c(process: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    """Also when its usual port is taken; then it says what to try, and Ctrl-C ends it and its daemon."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8700))
        except OSError:  # somebody else has it: as good
            taken.close()
        one = process("demo", "--dir", tmp_path / "demo", stdout=subprocess.DEVNULL)
        assert one.stderr is not None
        told = next(line for line in one.stderr if "stays up until Ctrl-C" in line)
        daemon = find(tmp_path / "demo" / ".runner")
        assert told
        assert daemon is not None
        pid = daemon.health()["pid"]
        one.send_signal(signal.SIGINT)
        assert "stopped; everything stays in" in one.stderr.read()
        assert one.wait() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_demo_refuses_a_folder_that_holds_something(cli: Cli, tmp_path: Path) -> None:
    """It begins anew, and overwrites nothing."""
    (tmp_path / "mine.txt").write_text("")
    answer = cli("demo", "--dir", tmp_path)
    assert (answer.code, [path.name for path in tmp_path.iterdir()]) == (2, ["mine.txt"])


@pytest.mark.parametrize("name", ["nobody:x", "ollama:", "default", "missing"])
def test_a_model_that_is_none_is_a_usage_error(cli: Cli, starter: Path, name: str) -> None:
    """A provider that is not known, no model's name, a scripted one, no entry: the providers are named."""
    answer = cli("-C", starter, "demo", "--exit", "--model", name)
    assert answer.code == 2
    assert "ollama" in answer.err


def test_a_real_model_takes_the_place_of_the_script(cli: Cli, starter: Path, tmp_path: Path) -> None:
    """The entry of the runner.yaml here is used; a server that is not there ends the run in error."""
    settings = starter / "runner.yaml"
    lab = '  lab: {provider: llamacpp, base_url: "http://127.0.0.1:9/v1", model: any}\n'
    settings.write_text(settings.read_text().replace("execute:", "execute:", 1).replace("models:\n", f"models:\n{lab}"))
    answer = cli("-C", starter, "demo", "--exit", "--model", "lab", "--dir", tmp_path / "demo")
    assert answer.code == 6
    assert '"base_url": "http://127.0.0.1:9/v1"' in (tmp_path / "demo" / "runner.yaml").read_text()
    assert "pytest: green" not in answer.err
