"""What docker's command line is told, and what is made of its answers, which differ from podman's.

It is a program of these tests that writes down what it is told, and runs a command directly where asked to.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ProgramMissing, ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.port import Command, Completed
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.spec import SandboxSpec

OWNER = 12_345
"""Who owns the workspace where root runs these tests."""

ENGINE = """#!{python}
import json, os, sys, time
here, words = os.path.dirname(os.path.abspath(__file__)), sys.argv[1:]
told = {{"argv": words, "env": sorted(os.environ)}}
if "--env-file" in words:
    file = words[words.index("--env-file") + 1]
    told["variables"] = open(file).read()
    told["calls"] = json.load(open(words[words.index("--env-file") + 3].partition("=")[2]))["defaultAction"]
    told["file"], told["mode"] = file, oct(os.stat(os.path.dirname(file)).st_mode & 0o777)
with open(here + "/told", "a") as log:
    log.write(json.dumps(told) + chr(10))

def said(name):
    path = here + "/" + name
    return open(path).read() if os.path.exists(path) else ""

if words[0] in ("info", "image"):
    if refusal := said(words[0]):
        sys.exit(refusal)
    print(said("limits") or json.dumps({{"MemoryLimit": True, "PidsLimit": True}}))
elif words[0] == "context":
    print(said("context") or "unix:///var/run/docker.sock")
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
    """The folder of a program named docker, which is on PATH."""
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "docker").write_text(ENGINE.format(python=sys.executable))
    (folder / "docker").chmod(0o755)
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
        *("--sig-proxy=false", "--log-driver", "none"),
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
        *("--security-opt", f"seccomp={Path(run['file']).parent}/calls.json"),
        *("--entrypoint", "echo", "debian:12", "hello", "--rm"),
    ]
    assert run["variables"] == "HOME=/tmp\nLANG=C.UTF-8\nKEY=CANARY\nPATH=/image/bin\n"
    assert (run["mode"], run["calls"]) == ("0o700", "SCMP_ACT_ALLOW")
    assert not Path(run["file"]).parent.exists()
    assert "KEY" not in run["env"]
    assert [one["argv"] for one in told(engine, "rm")] == [["rm", "--force", name]]


def test_what_the_project_allows_is_told(engine: Path, owned: Path, tmp_path: Path) -> None:
    """The network, one memory for all, and more to read."""
    (tmp_path / "more").mkdir()
    box = container(owned, network=True, memory_total="64MiB", read_only=[str(tmp_path / "more")])
    ran(box, owned, "true")
    words = told(engine, "run")[0]["argv"]
    assert words[words.index("--network") + 1] == "host"
    assert words[words.index("--memory") + 1] == str(64 << 20)
    assert f"type=bind,src={tmp_path}/more,dst={tmp_path}/more,readonly" in words


@pytest.mark.parametrize(
    "says, match, words",
    [
        (
            "125 docker: Error response from daemon: no space left on device.\n",
            "unavailable",
            "no space left on device",
        ),
        ("126 docker: Error response from daemon: exec: permission denied.\n", "unavailable", "may not be executed"),
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
    assert "another machine, says DOCKER_HOST: tcp://10.0.0.1:2375" in refusal(container(owned), owned, "true").message
    assert told(engine, "run") == []


def test_a_context_that_leads_elsewhere_is_refused(engine: Path, owned: Path) -> None:
    """What docker was told to use when it was set up counts as much as a variable."""
    (engine / "context").write_text("ssh://ada@elsewhere")
    assert "another machine, says its context: ssh://" in refusal(container(owned), owned, "true").message
    assert told(engine, "run") == []


@pytest.mark.parametrize(
    "limits, lacking",
    [
        ({"MemoryLimit": True, "PidsLimit": False}, "no control group here for processes"),
        ({"MemoryLimit": False, "PidsLimit": False}, "no control group here for memory and processes"),
        ({}, "what it says of itself is not understood"),
    ],
)
def test_an_engine_that_cannot_hold_limits_is_refused(
    limits: dict[str, bool], lacking: str, engine: Path, owned: Path
) -> None:
    """It would warn, and run the command without them."""
    (engine / "limits").write_text(json.dumps(limits))
    assert lacking in refusal(container(owned), owned, "true").message
    assert told(engine, "run") == []
