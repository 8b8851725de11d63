"""Commands in containers of a real podman: what they have, how they end, and when none is run."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.errors import ProgramMissing, ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.port import Command, Completed
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.container_engine import new_name
from runner.targets.sandbox.spec import SandboxSpec
from tests.targets.sandbox.containers import IMAGE, OWNER, SHOWN, container, told, workspace_of_another
from tests.targets.sandbox.test_sandbox import alive, until

ELSEWHERE = """
import asyncio, os, sys
from pathlib import Path
from runner.targets.port import Command
from tests.targets.sandbox.containers import container
folder = Path(sys.argv[1])
"""

WHAT_IT_HAS = """
id -u; id -g; pwd; cat /image; ls /sys/class/net; echo "$HOME $KEY"; echo new > made
grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status; cat /proc/self/limits
touch /made /usr/made agents.d/made; ls .runner; cat .env
"""

pytestmark = pytest.mark.usefixtures("podman")


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of an ordinary user's."""
    return workspace_of_another(tmp_path_factory.mktemp("owned") / "workspace")


@pytest.fixture(scope="module")
def box(owned: Path) -> Container:
    """A sandbox for it, which asks the engine once."""
    return container(owned)


def ran(box: Container, workspace: Path, *argv: str, seconds: float = 30, env: Mapping[str, str] | None = None) -> str:
    """What a command put out, run in the workspace to its end."""
    return asyncio.run(box.run(Command(argv, workspace, seconds, env or {}, "r1/step/1"))).text


def refusal(box: Container, workspace: Path, *argv: str, env: Mapping[str, str] | None = None) -> ToolFailed:
    """Why a command was not run."""
    with pytest.raises(ToolFailed) as caught:
        ran(box, workspace, *argv, env=env)
    return caught.value


def containers() -> str:
    """All that podman knows of, running or not."""
    return told("ps", "--all", "--quiet")


def test_what_a_command_has(owned: Path, box: Container) -> None:
    """The workspace's owner it is, in the workspace, with the image's files, a loopback, and no more rights."""
    said = ran(box, owned, "sh", "-c", WHAT_IT_HAS, env={"KEY": "v a l"})
    lines = said.splitlines()
    assert lines[:6] == [str(OWNER), str(OWNER), str(owned), "of the image", "lo", "/tmp v a l"]
    assert lines[6:9] == ["CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"]
    limits = {line[:26].strip(): line[26:].split()[:2] for line in lines if line.startswith("Max ")}
    assert limits["Max cpu time"] == ["5", "5"]
    assert limits["Max file size"] == [str(4 << 20)] * 2
    assert limits["Max core file size"] == ["0", "0"]
    assert said.count("Read-only file system") == 3
    assert "CANARY" not in said
    assert (owned / "made").stat().st_uid == OWNER


def test_exit_codes_come_through(owned: Path, box: Container) -> None:
    """Those that podman itself has as well, when it is the command that says so, in whatever words."""
    codes = (0, 1, 125, 126, 127, 137)

    async def all_of_them() -> list[Completed]:
        words = [["sh", "-c", f"echo fine; echo Error: mine; exit {code}"] for code in codes]
        return await asyncio.gather(*(box.run(Command(one, owned, 30, {}, "r1/step/1")) for one in words))

    assert [(done.text, done.exit) for done in asyncio.run(all_of_them())] == [
        ("fine\nError: mine\n", n) for n in codes
    ]


def test_memory_of_all_processes_together(owned: Path) -> None:
    """Held by a control group, which takes the largest."""
    code = "import os\nfor _ in range(4):\n  if os.fork() == 0:\n    b = b'x' * (40 << 20); os._exit(0)\n"
    code += "print(sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)))"
    command = Command([sys.executable, "-c", code], owned, 30)
    done = asyncio.run(container(owned, memory_total="64MiB").run(command))
    assert "-9" in done.text or done.exit == 137


def test_what_the_project_allows(owned: Path, tmp_path: Path) -> None:
    """The network, and more to read, which is not written to, nor is what is mounted in it."""
    more = tmp_path / "more"
    (more / "below").mkdir(parents=True)
    (more / "file").write_text("shown\n")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=777", "none", str(more / "below")], check=True)
    try:
        box = container(owned, network=True, read_only=[*SHOWN, str(more)])
        said = ran(box, owned, "sh", "-c", f"cat {more}/file /proc/net/dev; touch {more}/x {more}/below/x")
        assert list((more / "below").iterdir()) == []
    finally:
        subprocess.run(["umount", str(more / "below")], check=True)
    assert said.startswith("shown\n")
    for name in [line.partition(":")[0] for line in Path("/proc/net/dev").read_text().splitlines()[2:]]:
        assert f"{name}:" in said
    assert said.count("Read-only file system") == 2


def test_many_at_once(owned: Path, box: Container) -> None:
    """Side by side, each with a /tmp of its own."""

    async def all_of_them() -> list[Completed]:
        words = ["sh", "-c", "echo $0 > /tmp/mine; sleep 0.3; cat /tmp/mine"]
        commands = [Command([*words, str(number)], owned, 30, {}, f"r/{number}") for number in range(4)]
        return await asyncio.gather(*map(box.run, commands))

    assert [done.text for done in asyncio.run(all_of_them())] == [f"{number}\n" for number in range(4)]
    assert containers() == ""


def test_nothing_is_alive_after_a_time_out(owned: Path, box: Container) -> None:
    """Neither what ignores the signal nor what left the session; and the container is gone."""
    words = "trap '' TERM; setsid sleep 616.25 & nohup setsid sleep 616.25 & sleep 616.25"
    with pytest.raises(ToolFailed, match="not finished after") as failed:
        ran(box, owned, "sh", "-c", words, seconds=1.5)
    assert failed.value.match == "timeout"
    assert alive("616.25") == []
    assert containers() == ""


def test_a_child_that_left_the_session_ends_with_the_command(owned: Path, box: Container) -> None:
    """What a command leaves behind is gone when its result is there."""
    ran(box, owned, "sh", "-c", "setsid sleep 617.25 & setsid nohup sleep 617.25 & sleep 0.1")
    assert alive("617.25") == []
    assert containers() == ""


def test_too_much_output_ends_it(owned: Path, tmp_path: Path) -> None:
    """As on every target."""
    spec = SandboxSpec.model_validate({"driver": "podman", "image": IMAGE, "read_only": SHOWN})
    box = Container("o", Blobs(tmp_path / "blobs"), spec, most=10_000)
    assert "more than 10,000 bytes" in refusal(box, owned, "yes", "618.25").message
    assert alive("618.25") == []
    assert containers() == ""


def test_a_cancellation_at_any_moment_leaves_nothing(owned: Path, box: Container, seed: int) -> None:
    """Before the container is there, while it is made, while it runs, and while it is removed."""
    chance = random.Random(seed)

    async def cancelled(moment: float) -> None:
        assert box.available() is None
        words = ["sh", "-c", "setsid sleep 619.25 & sleep 619.25"]
        running = asyncio.create_task(box.run(Command(words, owned, 30, {}, "r1/step/1")))
        await asyncio.sleep(moment)
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()

    for start in (0.0, 0.1, 0.3, 0.7):
        asyncio.run(cancelled(start + chance.random() * 0.2))
        assert alive("619.25") == []
        assert containers() == ""


def test_what_a_crash_left_is_removed_and_nothing_else(owned: Path) -> None:
    """A container whose starter is dead goes before the next command; a living one's stays."""
    code = "asyncio.run(container(folder).run(Command(['sleep', '620.25'], folder, 60, {}, 'r/s')))"
    with subprocess.Popen([sys.executable, "-c", ELSEWHERE + code, str(owned)]) as daemon:
        until(1, "620.25")
        daemon.kill()
    mine = new_name()
    told("create", "--name", mine, "--label", "runner.step=r/s", "--network", "none", IMAGE, "/image")
    try:
        assert container(owned).available() is None
        until(0, "620.25")
        assert told("ps", "--all", "--format", "{{.Names}}").split() == [mine]
    finally:
        told("rm", mine)


def test_a_program_that_is_not_there_is_said_so(owned: Path, box: Container) -> None:
    """With where programs come from; and what is no program."""
    error = refusal(box, owned, "no-such-program")
    assert isinstance(error, ProgramMissing)
    assert f"the image {IMAGE}" in error.hint
    (owned / "data").write_text("x")
    assert "./data may not be executed in the sandbox" in refusal(box, owned, "./data").message
    assert containers() == ""


def test_without_the_command_line_nothing_is_run(owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by another driver either."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    error = refusal(container(owned), owned, "/bin/sh", "-c", "touch at-all")
    assert error.match == "unavailable"
    assert "the program podman is not there" in error.message
    assert "install podman" in error.message
    assert not (owned / "at-all").exists()


def test_an_engine_that_does_not_answer_is_told(owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words, with what helps."""
    (tmp_path / "storage.conf").write_text(
        f'[storage]\ndriver = "of nowhere"\ngraphroot = "{tmp_path}/root"\nrunroot = "{tmp_path}/run"\n'
    )
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(tmp_path / "storage.conf"))
    error = refusal(container(owned), owned, "touch", "made")
    assert error.match == "unavailable"
    assert "the engine of podman does not answer: " in error.message
    assert "of nowhere" in error.message
    assert "start its engine" in error.message


def test_an_image_that_is_not_there_is_told_and_not_pulled(owned: Path) -> None:
    """Nothing here speaks to a registry."""
    error = refusal(container(owned, image="localhost/nothing:1"), owned, "true")
    assert error.match == "unavailable"
    assert "the image localhost/nothing:1 is not there" in error.message
    assert "podman pull localhost/nothing:1" in error.message


def test_an_engine_elsewhere_is_refused(owned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folders are not this machine's."""
    monkeypatch.setenv("CONTAINER_HOST", "tcp://10.0.0.1:2375")
    assert "another machine, says CONTAINER_HOST" in refusal(container(owned), owned, "true").message


def test_where_limits_cannot_be_held_nothing_is_run(owned: Path) -> None:
    """An ordinary user without control groups of its own: podman would warn, and run it."""
    code = (
        f"os.setgroups([]); os.setresgid(*[{OWNER}] * 3); os.setresuid(*[{OWNER}] * 3); os.environ['HOME'] = '/tmp'\n"
    )
    code += "for name in ('CONTAINERS_CONF', 'CONTAINERS_STORAGE_CONF'): del os.environ[name]\n"
    code += "print(container(folder, read_only=[]).available())\n"
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE + code, str(owned)], capture_output=True, text=True, check=True
    )
    assert "no control group here for memory and processes" in done.stdout


@pytest.mark.parametrize("env, says", [({"KEY": "one\nTWO=2"}, "the variable KEY"), ({"A B": "1"}, "the variable A B")])
def test_a_variable_that_would_be_two_is_refused(env: dict[str, str], says: str, owned: Path, box: Container) -> None:
    """The file has one on each line."""
    assert says in refusal(box, owned, "true", env=env).message


@pytest.mark.parametrize("name", ["a,readonly=false", 'a"b', "a:b", "a\nb"])
def test_a_path_that_would_be_more_than_a_path_is_refused(name: str, owned: Path, box: Container) -> None:
    """A comma in it would begin another field of the mount."""
    folder = owned / name
    folder.mkdir()
    os.chown(folder, OWNER, OWNER)
    assert "cannot be given the path" in refusal(box, folder, "true").message


def test_nothing_runs_as_root(workspace: Path) -> None:
    """A folder of root's is refused."""
    assert "nothing runs as root" in refusal(container(workspace), workspace, "true").message
