"""Container engines, asked whether they can: what is told when they cannot, and what is removed when they can."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event

import pytest

from runner.errors import ToolFailed
from runner.targets.port import Command
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.container_engine import made, new_name
from tests.engines import IMAGE, told
from tests.targets.sandbox.containers import OWNER, container, workspace_of_another
from tests.targets.sandbox.slow_engine import slow
from tests.targets.sandbox.test_sandbox import until

ELSEWHERE = """
import asyncio, os, sys
from pathlib import Path
from runner.errors import ToolFailed
from runner.targets.port import Command
from tests.targets.sandbox.containers import container
folder = Path(sys.argv[1])
"""


@pytest.fixture
def owned(tmp_path: Path) -> Path:
    """A workspace of an ordinary user's."""
    return workspace_of_another(tmp_path / "workspace")


def refusal(box: Container) -> str:
    """Why no command can run."""
    reason = box.available()
    assert reason is not None
    return reason


def test_what_a_crash_left_is_removed_and_nothing_else(driver: str, owned: Path) -> None:
    """A container whose starter is dead goes before the next command; a living one's stays."""
    nap = f"620.{os.getpid()}"
    code = f"asyncio.run(container(sys.argv[2], folder).run(Command(['sleep', '{nap}'], folder, 60, {{}}, 'r/s')))"
    with subprocess.Popen([sys.executable, "-c", ELSEWHERE + code, str(owned), driver]) as daemon:
        until(1, nap)
        daemon.kill()
    mine = new_name()
    told(driver, "create", "--name", mine, "--label", "runner.step=r/s", "--network", "none", IMAGE, "/image")
    try:
        assert container(driver, owned).available() is None
        until(0, nap)
        assert told(driver, "ps", "--all", "--format", "{{.Names}}").split() == [mine]
    finally:
        told(driver, "rm", mine)


def test_a_container_that_is_asked_for_is_waited_for(
    docker_engine: dict[str, str], owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends its command line does not end the engine's work: without it nobody would remove what comes of it."""
    engine = docker_engine["DOCKER_HOST"].removeprefix("unix://")

    async def cancelled(wished: Event) -> None:
        box = container("docker", owned)
        running = asyncio.create_task(box.run(Command(["sleep", "60"], owned, 30, {}, "r/step")))
        assert await asyncio.to_thread(wished.wait, 20)
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/socket")
    with slow(engine, tmp_path / "socket") as wished:
        asyncio.run(cancelled(wished))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine}")
    assert told("docker", "ps", "--all", "--quiet") == ""


@pytest.mark.parametrize("name", ["podman", "docker"])
def test_without_the_command_line_there_is_none(
    name: str, owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not another driver either."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    reason = refusal(container(name, owned))
    assert f"the program {name} is not there" in reason
    assert f"install {name}" in reason


def test_an_engine_that_does_not_answer_is_told(owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words, with what helps."""
    (tmp_path / "storage.conf").write_text(
        f'[storage]\ndriver = "of nowhere"\ngraphroot = "{tmp_path}/root"\nrunroot = "{tmp_path}/run"\n'
    )
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(tmp_path / "storage.conf"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/socket")
    for name, words in (
        ("podman", "of nowhere"),
        ("docker", f"Cannot connect to the Docker daemon at unix://{tmp_path}"),
    ):
        reason = refusal(container(name, owned))
        assert reason.startswith(f"the engine of {name} does not answer: ")
        assert words in reason
        assert "start its engine" in reason


def test_an_image_that_is_not_there_is_told_and_not_pulled(driver: str, owned: Path) -> None:
    """Nothing here speaks to a registry."""
    reason = refusal(container(driver, owned, image="localhost/nothing:1"))
    assert reason.startswith("the image localhost/nothing:1 is not there: ")
    assert f"{driver} pull localhost/nothing:1" in reason


@pytest.mark.parametrize("name, variable", [("podman", "CONTAINER_HOST"), ("docker", "DOCKER_HOST")])
def test_an_engine_elsewhere_is_refused(name: str, variable: str, owned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folders are not this machine's."""
    monkeypatch.setenv(variable, "tcp://192.0.2.1:2375")
    assert f"another machine, says {variable}: tcp://" in refusal(container(name, owned))


def test_a_context_that_leads_elsewhere_is_refused(
    owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docker was told to use when it was set up counts as much as a variable."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    told("docker", "context", "create", "far", "--docker", "host=tcp://192.0.2.1:2375")
    told("docker", "context", "use", "far")
    assert "another machine, says its context: tcp://192.0.2.1:2375" in refusal(container("docker", owned))


def test_where_limits_cannot_be_held_there_is_none() -> None:
    """An ordinary user without control groups of its own: podman would warn, and run the command."""
    home = Path(tempfile.mkdtemp(prefix="runner-test-"))  # where another user may go too
    os.chown(home, OWNER, OWNER)
    code = f"os.setgroups([]); os.setresgid(*[{OWNER}] * 3); os.setresuid(*[{OWNER}] * 3)\n"
    code += "os.environ |= {'HOME': sys.argv[1], 'XDG_RUNTIME_DIR': sys.argv[1]}\n"
    code += "print(container('podman', folder, read_only=[]).available())\n"
    words = [sys.executable, "-c", ELSEWHERE + code, str(home)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        # It keeps its namespace by a process that stays.
        os.kill(int((home / "libpod" / "tmp" / "pause.pid").read_text()), signal.SIGKILL)
    finally:
        shutil.rmtree(home)
    assert "podman has no control group here for memory and processes" in done.stdout


@pytest.mark.parametrize(
    "limits, lacking",
    [
        ({"MemoryLimit": True, "PidsLimit": False}, "docker has no control group here for processes"),
        ({}, "what it says of itself is not understood"),
    ],
)
def test_a_docker_that_cannot_hold_limits_is_none(
    limits: dict[str, bool], lacking: str, owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel without such groups cannot be had: a program says so in docker's place."""
    (tmp_path / "docker").write_text(f"#!/bin/sh\necho '{json.dumps(limits)}'\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///of/nobody")
    assert lacking in refusal(container("docker", owned))


MOODY = """#!/bin/sh
cd {state}
case $1 in
info) echo '{{"MemoryLimit": true, "PidsLimit": true}}' ;;
ps) ls made ;;
run)
  while [ $# -gt 0 ]; do
    case $1 in --name) name=$2 ;; --cidfile) note=$2 ;; esac
    shift
  done
  [ -e unmade ] && exit 1
  touch made/$name
  echo id > $note
  [ -e lasting ] && exec sleep 60
  echo ran ;;
rm)
  for name; do :; done
  echo $name >> removals
  [ -e stuck ] && {{ [ -e always ] || rm stuck; echo device is busy >&2; exit 1; }}
  rm -f made/$name ;;
esac
"""
"""An engine that cannot remove at will: a real one is not brought to that."""


@pytest.fixture
def moody(tmp_path: Path, owned: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an engine's state: files in it are its moods, and `made` has its containers."""
    state = tmp_path / "state"
    (state / "made").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(MOODY.format(state=state))
    (tmp_path / "bin" / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_HOST", "unix:///of/nobody")
    assert owned.is_dir()
    return state


def ran(box: Container, owned: Path, seconds: float = 30) -> str:
    """What a command put out."""
    return asyncio.run(box.run(Command(["work"], owned, seconds, {}, "r/step"))).text


def test_what_is_not_removed_at_once_is_tried_again(moody: Path, owned: Path) -> None:
    """An engine is busy at times."""
    (moody / "stuck").touch()
    assert ran(container("docker", owned), owned) == "ran\n"
    assert len((moody / "removals").read_text().split()) == 2
    assert list((moody / "made").iterdir()) == []


def test_what_cannot_be_removed_is_told_and_swept_later(moody: Path, owned: Path) -> None:
    """By whatever sandbox comes next, though who started it lives."""
    (moody / "stuck").touch()
    (moody / "always").touch()
    box = container("docker", owned)
    with pytest.raises(
        ToolFailed, match=r"work has ended; its container runner-.* may still be there: device is busy"
    ) as one:
        ran(box, owned)
    (left,) = (moody / "made").iterdir()
    assert one.value.hint.endswith(f"by hand: docker rm --force {left.name}")
    (moody / "lasting").touch()
    with pytest.raises(ToolFailed, match=r"work was stopped: .* may still be there") as two:
        ran(box, owned, seconds=0.2)
    assert two.value.match == "timeout"
    for mood in ("stuck", "always", "lasting"):
        (moody / mood).unlink()
    assert container("docker", owned).available() is None
    assert list((moody / "made").iterdir()) == []


def test_what_an_engine_makes_too_late_is_swept(moody: Path, owned: Path) -> None:
    """It had noted none when its command line ended."""
    (moody / "unmade").touch()
    box = container("docker", owned)
    ran(box, owned)
    name = (moody / "removals").read_text().strip()
    (moody / "made" / name).touch()
    (moody / "unmade").unlink()
    assert ran(box, owned) == "ran\n"
    assert list((moody / "made").iterdir()) == []


def test_an_engine_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    """A cancellation waits for it."""

    async def scene() -> None:
        process = await asyncio.create_subprocess_exec("sleep", "60")
        try:
            await made(process, tmp_path / "note", 0.05)
            assert process.returncode is None
        finally:
            process.kill()
            await process.wait()

    asyncio.run(scene())
