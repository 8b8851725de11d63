"""Commands in containers: what the engine's command line is told, how a command ends, and when none is run.

The engine is a program of these tests that writes down what it is told, and runs a command directly where asked to.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ProgramMissing, ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.lasting import Program
from runner.targets.port import Command, Completed
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.container_engine import new_name
from runner.targets.sandbox.spec import SandboxSpec
from runner.targets.sandbox.views import Access

OWNER = 12_345
"""Who owns the workspace where root runs these tests."""

ENGINE = """#!{python}
import json, os, sys, time
here, words = os.path.dirname(os.path.abspath(__file__)), sys.argv[1:]
told = {{"argv": words, "env": sorted(os.environ)}}
if "--env-file" in words:
    file = words[words.index("--env-file") + 1]
    told["variables"] = open(file).read()
    told["file"], told["mode"] = file, oct(os.stat(file).st_mode & 0o777)
with open(here + "/told", "a") as log:
    log.write(json.dumps(told) + chr(10))

def said(name):
    path = here + "/" + name
    return open(path).read() if os.path.exists(path) else ""

if words[0] in ("info", "image"):
    if refusal := said(words[0]):
        sys.exit(refusal)
elif words[0] == "ps":
    print(said("ps"))
elif words[0] == "run":
    if refusal := said("run"):
        code, _, text = refusal.partition(" ")
        sys.stderr.write(text)
        sys.exit(int(code))
    at = words.index("--entrypoint")
    program = [words[at + 1], *words[at + 3:]]
    os.execvpe(program[0], program, dict(os.environ))
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an engine named docker and podman, which is on PATH."""
    folder = tmp_path / "engine"
    folder.mkdir()
    for name in ("docker", "podman"):
        (folder / name).write_text(ENGINE.format(python=sys.executable))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    for name in ("DOCKER_HOST", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def owned(workspace: Path) -> Path:
    """The workspace, which is an ordinary user's."""
    if os.geteuid() == 0:
        os.chown(workspace, OWNER, OWNER)
    return workspace


def container(workspace: Path, **fields: Any) -> Container:
    """The sandbox as a workbench would open it."""
    spec = SandboxSpec.model_validate({"driver": "docker", "image": "debian:12", **fields})
    closed = [str(workspace / ".runner"), str(workspace / ".env")]
    fixed = [str(workspace / "runner.yaml"), str(workspace / "prompts/coder.py")]
    return Container("owner-1", Blobs(workspace.parent / "blobs"), spec, closed=closed, fixed=fixed)


Env = Mapping[str, str] | None


def ran(box: Container, workspace: Path, *argv: str, seconds: float = 20, env: Env = None) -> Completed:
    """Run one command in the workspace to its end."""
    return asyncio.run(box.run(Command(argv, workspace, seconds, env or {}, "r1/step/1")))


def refusal(box: Container, workspace: Path, *argv: str, seconds: float = 20, env: Env = None) -> ToolFailed:
    """Why a command was not run, or did not end well."""
    with pytest.raises(ToolFailed) as caught:
        ran(box, workspace, *argv, seconds=seconds, env=env)
    return caught.value


def told(engine: Path, verb: str) -> list[dict[str, Any]]:
    """What the command line was told that begins with a verb."""
    file = engine / "told"
    lines = file.read_text().splitlines() if file.exists() else []
    return [one for line in lines if (one := json.loads(line))["argv"][0] == verb]


def _until_run(engine: Path) -> None:
    while not told(engine, "run"):
        time.sleep(0.01)


def test_a_container_is_told_every_limit_and_no_variable(engine: Path, owned: Path) -> None:
    """The whole command line, word by word; variables go by a file that only the user reads, and that is gone after."""
    box = container(owned, memory="1GiB", processes=9, cpu_seconds=7, file_size="2MiB", tmp_size="3MiB")
    done = ran(box, owned, "echo", "hello", "--rm", env={"KEY": "CANARY", "PATH": "/image/bin"})
    assert (done.text, done.exit) == ("hello --rm\n", 0)
    (run,) = told(engine, "run")
    words = run["argv"]
    name, user = words[4], f"{owned.stat().st_uid}:{owned.stat().st_gid}"
    assert re.fullmatch(r"runner-[\d-]+-[0-9a-f]{12}", name)
    bound = f"type=bind,src={owned},dst={owned}"
    assert words == [
        *("run", "--rm", "-i", "--name", name, "--label", "runner.step=r1/step/1", "--pull", "never"),
        *("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--pids-limit", "9", "--memory", str(1 << 30), "--memory-swap", str(1 << 30)),
        *("--ulimit", "cpu=7", "--ulimit", f"fsize={2 << 20}", "--ulimit", "nofile=1024", "--ulimit", "core=0"),
        *("--user", user, "--shm-size", str(3 << 20)),
        *("--tmpfs", f"/tmp:rw,exec,nosuid,nodev,size={3 << 20},mode=1777"),
        *("--mount", bound),
        *("--mount", f"type=bind,src={owned}/prompts,dst={owned}/prompts"),
        *("--mount", f"type=bind,src={owned}/.git,dst={owned}/.git,readonly"),
        *("--mount", f"type=bind,src={owned}/prompts/coder.py,dst={owned}/prompts/coder.py,readonly"),
        *("--mount", f"type=bind,src={owned}/runner.yaml,dst={owned}/runner.yaml,readonly"),
        *("--mount", f"type=bind,src=/dev/null,dst={owned}/.env,readonly"),
        *("--tmpfs", f"{owned}/.runner:ro,noexec,nosuid,nodev,size=4096,mode=0000"),
        *("--workdir", str(owned), "--env-file", run["file"]),
        *("--entrypoint", "echo", "debian:12", "hello", "--rm"),
    ]
    assert run["variables"] == "HOME=/tmp\nLANG=C.UTF-8\nKEY=CANARY\nPATH=/image/bin\n"
    assert run["mode"] == "0o600"
    assert not Path(run["file"]).exists()
    assert "KEY" not in run["env"]
    assert [one["argv"] for verb in ("kill", "rm") for one in told(engine, verb)] == [
        ["kill", name],
        ["rm", "-f", name],
    ]


def test_what_the_project_allows_is_told(engine: Path, owned: Path, tmp_path: Path) -> None:
    """The network, one memory for all, and more to read."""
    (tmp_path / "more").mkdir()
    box = container(owned, network=True, memory_total="64MiB", read_only=[str(tmp_path / "more")])
    ran(box, owned, "true")
    words = told(engine, "run")[0]["argv"]
    assert words[words.index("--network") + 1] == "host"
    assert words[words.index("--memory") + 1] == str(64 << 20)
    assert f"type=bind,src={tmp_path}/more,dst={tmp_path}/more,readonly" in words


def test_podman_does_not_fill_what_hides(engine: Path, owned: Path) -> None:
    """By default it copies what lies below, which is what must not be seen."""
    ran(container(owned, driver="podman"), owned, "true")
    words = told(engine, "run")[0]["argv"]
    hiding = [words[at + 1] for at, word in enumerate(words) if word == "--tmpfs"]
    assert len(hiding) == 2
    assert all(one.endswith(",notmpcopyup") for one in hiding)
    assert ("keep-id" in words) == (os.geteuid() != 0)


@pytest.mark.parametrize("code", [0, 1, 125, 126, 127, 137])
def test_exit_codes_come_through(code: int, engine: Path, owned: Path) -> None:
    """Those that the engine itself has as well, when it is the command that says so."""
    assert ran(container(owned), owned, "sh", "-c", f"exit {code}").exit == code
    assert len(told(engine, "rm")) == 1


def test_a_timeout_kills_the_container(engine: Path, owned: Path) -> None:
    """By its name, and it is removed."""
    error = refusal(container(owned), owned, "sleep", "60", seconds=0.5)
    assert error.match == "timeout"
    name = told(engine, "run")[0]["argv"][4]
    assert told(engine, "kill")[0]["argv"] == ["kill", name]
    assert told(engine, "rm")[0]["argv"] == ["rm", "-f", name]


def test_a_cancelled_command_kills_its_container(engine: Path, owned: Path) -> None:
    """It is gone when the cancellation has come through."""

    async def main() -> None:
        box = container(owned)
        running = asyncio.create_task(box.run(Command(["sleep", "60"], owned, 60, {}, "r1/step/1")))
        await asyncio.to_thread(_until_run, engine)
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled()
        assert len(told(engine, "kill")) == len(told(engine, "rm")) == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    "says, match, words",
    [
        (
            "125 docker: Error response from daemon: no space left on device.\n",
            "unavailable",
            "no space left on device",
        ),
        ("126 docker: Error response from daemon: exec: permission denied.\n", "unavailable", "permission denied"),
        ('127 docker: Error response from daemon: exec: "true": executable file not found in $PATH\n', "", "not there"),
    ],
)
def test_the_engines_own_failure_is_told_from_the_commands(
    says: str, match: str, words: str, engine: Path, owned: Path
) -> None:
    """What was not run is no result."""
    (engine / "run").write_text(says)
    error = refusal(container(owned), owned, "true")
    assert words in error.message
    assert isinstance(error, ProgramMissing) == (not match)
    assert len(told(engine, "rm")) == 1


def test_without_the_command_line_nothing_is_run(owned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by another driver either."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    error = refusal(container(owned), owned, "/bin/sh", "-c", "touch made")
    assert error.match == "unavailable"
    assert "the program docker is not there" in error.message
    assert "install docker" in error.message
    assert not (owned / "made").exists()


@pytest.mark.parametrize(
    "verb, says, hint",
    [
        ("info", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "start its engine"),
        ("image", "Error: No such image: debian:12", "docker pull debian:12"),
    ],
)
def test_without_engine_or_image_nothing_is_run(verb: str, says: str, hint: str, engine: Path, owned: Path) -> None:
    """The reason is the engine's own, and what helps stands beside it; once mended, it works."""
    (engine / verb).write_text(says)
    box = container(owned)
    error = refusal(box, owned, "true")
    assert error.match == "unavailable"
    assert says in error.message
    assert hint in error.message
    assert told(engine, "run") == []
    (engine / verb).unlink()
    assert box.available() is None


def test_an_engine_elsewhere_is_refused(engine: Path, owned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folders are not this machine's."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2375")
    assert "another machine" in refusal(container(owned), owned, "true").message
    assert told(engine, "run") == []


@pytest.mark.parametrize("env, says", [({"KEY": "one\nTWO=2"}, "the variable KEY"), ({"A B": "1"}, "the variable A B")])
def test_a_variable_that_would_be_two_is_refused(env: dict[str, str], says: str, engine: Path, owned: Path) -> None:
    """The file has one on each line."""
    assert says in refusal(container(owned), owned, "true", env=env).message
    assert told(engine, "run") == []


@pytest.mark.parametrize("name", ["a,readonly=false", 'a"b', "a:b", "a\nb"])
def test_a_path_that_would_be_more_than_a_path_is_refused(name: str, engine: Path, owned: Path) -> None:
    """A comma in it would begin another field of the mount."""
    folder = owned / name
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, OWNER, OWNER)
    assert "cannot be given the path" in refusal(container(owned), folder, "true").message
    assert told(engine, "run") == []


def test_nothing_runs_as_root(engine: Path, workspace: Path) -> None:
    """A folder of root's is refused where root runs runner; an ordinary user's own folder is that user's."""
    box = container(workspace)
    if os.geteuid() == 0:
        assert "nothing runs as root" in refusal(box, workspace, "true").message
        assert told(engine, "run") == []
    else:
        ran(box, workspace, "true")
        assert f"{os.geteuid()}:{os.getegid()}" in told(engine, "run")[0]["argv"]


def test_a_servers_program_is_refused(engine: Path, owned: Path) -> None:
    """Only commands run in containers, and the way out is named."""

    async def main() -> None:
        program = Program(["notes"], owned, {}, {}, asyncio.subprocess.DEVNULL, 1)
        async with container(owned).process(program, Access()):
            raise AssertionError

    with pytest.raises(ToolFailed, match="does not run in a container") as caught:
        asyncio.run(main())
    assert caught.value.match == "unavailable"
    assert told(engine, "run") == []


def test_what_a_crash_left_is_removed_and_nothing_else(engine: Path, owned: Path) -> None:
    """A container whose starter is dead goes; a living one's, another user's and another's stay."""
    mine = new_name()
    parts = mine.split("-")
    dead = "-".join([*parts[:4], str(int(parts[4]) + 1), parts[5]])
    stranger = "-".join(["runner", "999", *parts[2:4], "1", parts[5]])
    (engine / "ps").write_text(f"{mine}\n{dead}\n{stranger}\nrunner-x\nrunner-{parts[1]}-{parts[2]}-x\n")
    assert container(owned).available() is None
    assert [one["argv"][-1] for one in told(engine, "rm")] == [dead]
    listed = told(engine, "ps")[0]["argv"]
    assert listed == ["ps", "--all", "--filter", "label=runner.step", "--format", "{{.Names}}"]
