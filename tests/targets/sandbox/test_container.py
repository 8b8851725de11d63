"""Commands in containers of real engines, podman and docker: what they have, how they end, and when none is run."""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.errors import ProgramMissing, ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.port import Command, Completed
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.spec import SandboxSpec
from tests.engines import IMAGE, told
from tests.targets.sandbox.containers import OWNER, SHOWN, container, workspace_of_another
from tests.targets.sandbox.test_sandbox import alive, until
from tests.targets.sandbox.workspaces import LEAST, STARTER

BESIDE = os.getpid()
"""In the words of each command that is looked for, as those of tests beside have another one."""
WHAT_IT_HAS = f"""
exec 2>&1
id -u; id -g; pwd; cat /image; ls /sys/class/net; echo "$HOME $KEY"; echo new > made
grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status; cat /proc/self/limits
touch /made /usr/made agents.d/made; ls .runner; cat .env
setsid sleep 617.{BESIDE} & setsid nohup sleep 617.{BESIDE} & sleep 0.1
"""


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of an ordinary user's."""
    return workspace_of_another(tmp_path_factory.mktemp("owned") / "workspace")


@pytest.fixture(scope="module")
def proved(engine: tuple[str, dict[str, str]], owned: Path) -> Container:
    """A sandbox for it, which asks the engine once."""
    return container(engine[0], owned)


@pytest.fixture
def box(driver: str, proved: Container) -> Container:
    """The same, with what leads to the engine in the environment."""
    assert driver
    return proved


def ran(box: Container, workspace: Path, *argv: str, seconds: float = 30, env: Mapping[str, str] | None = None) -> str:
    """What a command put out, run in the workspace to its end."""
    return asyncio.run(box.run(Command(argv, workspace, seconds, env or {}, "r1/step/1"))).text


def refusal(box: Container, workspace: Path, *argv: str, env: Mapping[str, str] | None = None) -> ToolFailed:
    """Why a command was not run."""
    with pytest.raises(ToolFailed) as caught:
        ran(box, workspace, *argv, env=env)
    return caught.value


def containers(driver: str) -> str:
    """All that the engine knows of, running or not."""
    return told(driver, "ps", "--all", "--quiet")


def test_what_a_command_has(owned: Path, box: Container) -> None:
    """It is the workspace's owner, with the image's files, a loopback and no rights; what it leaves behind ends."""
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
    assert alive(f"617.{BESIDE}") == []


def test_many_at_once(driver: str, owned: Path, box: Container) -> None:
    """Each has its own /tmp and its exit code, which may be one of the engine's, in whatever words it is said."""
    codes = (1, 125, 126, 127)

    async def all_of_them() -> list[Completed]:
        words = ["sh", "-c", "echo Error: $0 > /tmp/mine; sleep 0.2; echo fine; cat /tmp/mine; exit $0"]
        commands = [Command([*words, str(code)], owned, 30, {}, f"r/{code}") for code in codes]
        return await asyncio.gather(*map(box.run, commands))

    done = asyncio.run(all_of_them())
    assert [(one.text, one.exit) for one in done] == [(f"fine\nError: {code}\n", code) for code in codes]
    assert containers(driver) == ""


def test_with_the_least_limits_programs_run(driver: str, owned: Path) -> None:
    """What makes a container counts as well."""
    command = Command(["sh", "-c", "/bin/true | /bin/true && echo x > /tmp/x"], owned, 30)
    done = asyncio.run(container(driver, owned, **LEAST).run(command))
    assert (done.text, done.exit) == ("", 0)


def test_memory_of_all_processes_together(driver: str, owned: Path) -> None:
    """Held by a control group, which takes the largest."""
    code = "import os\nfor _ in range(4):\n  if os.fork() == 0:\n    b = b'x' * (40 << 20); os._exit(0)\n"
    code += "print(sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)))"
    command = Command([sys.executable, "-c", code], owned, 30)
    done = asyncio.run(container(driver, owned, memory_total="64MiB").run(command))
    assert "-9" in done.text or done.exit == 137


def test_what_the_project_allows(driver: str, owned: Path, tmp_path: Path) -> None:
    """The network, and more to read, which is not written to, nor is what is mounted in it."""
    more = tmp_path / "more"
    (more / "below").mkdir(parents=True)
    (more / "file").write_text("shown\n")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=777", "none", str(more / "below")], check=True)
    try:
        box = container(driver, owned, network=True, read_only=[*SHOWN, str(more)])
        said = ran(box, owned, "sh", "-c", f"exec 2>&1; cat {more}/file /proc/net/dev; touch {more}/x {more}/below/x")
        assert list((more / "below").iterdir()) == []
    finally:
        subprocess.run(["umount", str(more / "below")], check=True)
    assert said.startswith("shown\n")
    for name in [line.partition(":")[0] for line in Path("/proc/net/dev").read_text().splitlines()[2:]]:
        assert f"{name}:" in said
    assert said.count("Read-only file system") == 2


def test_nothing_is_alive_after_a_time_out(driver: str, owned: Path, box: Container) -> None:
    """Neither what ignores the signal nor what left the session; and the container is gone."""
    words = f"trap '' TERM; setsid sleep 616.{BESIDE} & nohup setsid sleep 616.{BESIDE} & sleep 616.{BESIDE}"
    with pytest.raises(ToolFailed, match="not finished after") as failed:
        ran(box, owned, "sh", "-c", words, seconds=1.5)
    assert failed.value.match == "timeout"
    assert alive(f"616.{BESIDE}") == []
    assert containers(driver) == ""


def test_too_much_output_ends_it(driver: str, owned: Path, tmp_path: Path) -> None:
    """As on every target."""
    spec = SandboxSpec.model_validate({"driver": driver, "image": IMAGE, "read_only": SHOWN})
    box = Container(STARTER, Blobs(tmp_path / "blobs"), spec, most=10_000)
    assert "more than 10,000 bytes" in refusal(box, owned, "yes", f"618.{BESIDE}").message
    assert alive(f"618.{BESIDE}") == []
    assert containers(driver) == ""


def test_a_cancellation_at_any_moment_leaves_nothing(driver: str, owned: Path, box: Container, seed: int) -> None:
    """Before the container is there, while it is made, while it runs, and while it is removed."""
    chance = random.Random(seed)
    words = ["sh", "-c", f"setsid sleep 619.{BESIDE} & sleep 619.{BESIDE}"]

    async def cancelled(moment: float, step: int) -> None:
        running = asyncio.create_task(box.run(Command(words, owned, 30, {}, f"r1/step/{step}")))
        await asyncio.sleep(moment)
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()

    async def all_of_them() -> None:
        await asyncio.gather(*(cancelled(chance.random() * 0.6, step) for step in range(8)))

    assert box.available() is None
    asyncio.run(all_of_them())
    assert alive(f"619.{BESIDE}") == []
    assert containers(driver) == ""


def test_a_program_that_is_not_there_is_said_so(driver: str, owned: Path, box: Container) -> None:
    """With where programs come from; and what is no program."""
    error = refusal(box, owned, "no-such-program")
    assert isinstance(error, ProgramMissing)
    assert f"the image {IMAGE}" in error.hint
    (owned / "data").write_text("x")
    assert "./data may not be executed in the sandbox" in refusal(box, owned, "./data").message
    assert containers(driver) == ""


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


def test_nothing_runs_as_root(driver: str, workspace: Path) -> None:
    """A folder of root's is refused."""
    assert "nothing runs as root" in refusal(container(driver, workspace), workspace, "true").message


def test_the_engines_own_failure_is_no_result(driver: str, owned: Path) -> None:
    """What was not run is told apart from a command that failed, with the engine's words."""
    error = refusal(container(driver, owned, processes=1 << 40), owned, "true")
    assert error.match == "unavailable"
    assert "the container could not be made: " in error.message
    assert containers(driver) == ""


def test_a_secret_stands_in_no_process_list(driver: str, owned: Path, box: Container) -> None:
    """The environment goes by a file, which only this user reads, and which is gone after."""

    async def shown() -> str:
        words, env = ["sh", "-c", f"sleep 621.{BESIDE}; true"], {"KEY": "CANARY-in-environment"}
        running = asyncio.ensure_future(box.run(Command(words, owned, 30, env, "r/step")))
        await asyncio.to_thread(until, 1, f"621.{BESIDE}")
        lines = await asyncio.to_thread(told, "ps", "-eww", "-o", "args")
        running.cancel()
        await asyncio.wait({running})
        return lines

    lines = asyncio.run(shown())
    mine = [line for line in lines.splitlines() if f"{driver} run " in line and f"621.{BESIDE}" in line]
    (file,) = set(re.findall(r"--env-file (\S+)", "".join(mine)))
    assert "CANARY-in-environment" not in lines
    assert not Path(file).parent.exists()
