"""The docker pack, on a real engine that runs containers of this machine's own programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.engines import IMAGE
from tests.std import staged
from tests.std.staged import Tools, with_env

Ask = Callable[..., str]
PROGRAMS = ["--volume", "/usr:/usr:ro", "--volume", "/etc/ld.so.cache:/etc/ld.so.cache:ro"]
READS = ("containers", "images", "stats", "disk", "networks", "volumes")
ONE_BY_NAME = ("logs", "inspect", "start", "stop", "restart")
SERVES = 'trap "exit 3" TERM; echo bonjour; while :; do sleep 0.05; done'
PLUGINS = [f"/usr{middle}/{lib}/docker/cli-plugins" for middle in ("", "/local") for lib in ("lib", "libexec")]


@pytest.fixture
def docker(pack: Callable[..., Tools], docker_engine: dict[str, str], tmp_path: Path) -> Tools:
    """The pack, which asks the real engine, with settings of its own."""
    return with_env(pack("docker"), **docker_engine, DOCKER_CONFIG=str(tmp_path / "settings"))


@pytest.fixture
def ask(docker_engine: dict[str, str]) -> Iterator[Ask]:
    """What docker says to words that the pack does not know; what they made is removed."""

    def said(*words: str) -> str:
        done = subprocess.run(
            ["docker", *words], env={**os.environ, **docker_engine}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    yield said
    if made := said("ps", "--all", "--quiet").split():
        said("rm", "--force", "--volumes", *made)


@pytest.fixture
def front(ask: Ask) -> str:
    """The id of a container that serves until it is asked to end."""
    made = ask("run", "--detach", "--name", "front", *PROGRAMS, IMAGE, "sh", "-c", SERVES)
    until(lambda: "bonjour" in ask("logs", "front"))
    return made


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what comes by itself."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)


def has_ended(docker: Tools, name: str) -> bool:
    """Whether a container runs no more."""
    return bool(inspected(docker, name)["state"] == "exited")


def inspected(docker: Tools, name: str) -> dict[str, Any]:
    """What the pack says of one container."""
    status, output = docker.call("docker_inspect", name=name)
    assert status == "ok", output
    return output


def test_containers_that_run_come_first(docker: Tools, ask: Ask, front: str) -> None:
    """With what they are made of, newer ones that do not run after them."""
    ask("create", "--name", "shop", IMAGE, "/shop")
    _, output = docker.call("docker_containers")
    assert (output["text"], output["count"], output["running"]) == ("2 conteneurs, 1 en marche", 2, 1)
    first, last = output["rows"]
    assert first.pop("status").startswith("Up ")
    assert first == {"name": "front", "image": IMAGE, "state": "running", "ports": "", "id": front[:12]}
    assert (last["name"], last["state"], last["status"]) == ("shop", "created", "Created")


def test_long_labels_hide_no_container(docker: Tools, ask: Ask) -> None:
    """Compose writes many; a list that holds them would soon be longer than what is kept of an output."""
    for name in ("one", "two"):
        ask("create", "--name", name, "--label", f"long={'x' * 100_000}", IMAGE, "/shop")
    assert docker.call("docker_containers")[1]["text"] == "2 conteneurs, 0 en marche"


def test_where_nothing_is_a_sentence_says_so(docker: Tools) -> None:
    """For what runs, what is stopped and what is kept."""
    said = {name: docker.call(f"docker_{name}")[1]["text"] for name in ("containers", "stats", "volumes")}
    assert said == {"containers": "aucun conteneur", "stats": "aucun conteneur ne tourne", "volumes": "aucun volume"}


def test_every_command_line_of_this_machine_is_understood(docker: Tools, ask: Ask) -> None:
    """An older one knows fewer formats."""
    ask("create", "--name", "shop", "--volume", "stock:/stock", IMAGE, "/shop")
    places = os.environ["PATH"].split(os.pathsep)
    programs = {Path(found).resolve() for place in places if (found := shutil.which("docker", path=place))}
    assert programs
    for program in programs:
        with_env(docker, PATH=f"{program.parent}:/usr/bin:/bin")
        said = {name: docker.call(f"docker_{name}") for name in READS}
        assert {status for status, _ in said.values()} == {"ok"}, said
        rows = {name: output["rows"] for name, (_, output) in said.items()}
        assert [row["name"] for row in rows["containers"]] == ["shop"]
        assert [(row["name"], row["size"]) for row in rows["images"]] == [(IMAGE, "13B")]
        assert {"name": "none", "driver": "null", "scope": "local"} in rows["networks"]
        assert rows["volumes"] == [{"name": "stock", "driver": "local"}]
        assert [row["count"] for row in rows["disk"]] == [1, 1, 1, 0]
        assert said["disk"][1]["text"] == "Images 13B, Containers 0B, Local Volumes 0B, Build Cache 0B"
        assert inspected(docker, "shop")["mounts"] == [{"from": "stock", "to": "/stock", "writable": True}]
    ask("rm", "shop")
    ask("volume", "rm", "stock")


def test_what_uses_most_comes_first(docker: Tools, ask: Ask, front: str) -> None:
    """What does not run uses nothing, and is not shown."""
    ask("create", "--name", "shop", IMAGE, "/shop")
    ask("run", "--detach", "--name", "busy", *PROGRAMS, IMAGE, "sh", "-c", "while :; do :; done")
    _, output = docker.call("docker_stats")
    assert output["text"] == "2 conteneurs"
    busy, idle = output["rows"]
    assert (busy["name"], idle["name"]) == ("busy", "front")
    assert busy["cpu_percent"] > idle["cpu_percent"]
    assert (busy["processes"], " / " in busy["memory"]) == (1, True)
    assert front


def test_a_container_is_shown_without_its_environment(docker: Tools, ask: Ask) -> None:
    """Its health, its networks, and where its ports lead."""
    ask("network", "create", "shops")
    try:
        words = ["--env", "KEY=CANARY", "--network", "shops", "--publish", "127.0.0.1::80", "--publish", "[::1]::81"]
        words += ["--expose", "82", "--health-cmd", "false", "--health-interval", "50ms", "--health-retries", "1"]
        ask("run", "--detach", "--name", "front", *words, "--restart", "on-failure:3", *PROGRAMS, IMAGE, "sleep", "60")
        until(lambda: inspected(docker, "front")["health"] == "unhealthy")
        output = inspected(docker, "front")
        (row,) = docker.call("docker_containers")[1]["rows"]
    finally:
        ask("rm", "--force", "front")
        ask("network", "rm", "shops")
    assert "CANARY" not in json.dumps(output)
    assert output["text"] == "front : running, santé unhealthy"
    assert (output["finished"], output["restart_policy"], output["error"]) == (None, "on-failure", "")
    assert output["networks"]["shops"].count(".") == 3
    (by_name,), (by_number,) = output["ports"]["80/tcp"], output["ports"]["81/tcp"]
    assert (by_name.startswith("127.0.0.1:"), by_number.startswith("[::1]:")) == (True, True)
    assert output["ports"]["82/tcp"] == []
    assert f"{by_name}->80/tcp" in row["ports"]


def test_one_that_needed_too_much_memory_is_shown_as_that(docker: Tools, ask: Ask) -> None:
    """The kernel ended it."""
    for name in ("greedy", "greedier", "greediest"):  # the engine may hear of an end before it hears why
        ask("run", "--detach", "--name", name, "--memory", "8m", *PROGRAMS, IMAGE, "tail", "/dev/zero")
        until(partial(has_ended, docker, name))
        if (output := inspected(docker, name))["out_of_memory"]:
            break
    assert (output["exit_code"], output["out_of_memory"]) == (137, True)
    assert output["started"] < output["finished"]


def test_one_that_cannot_be_started_says_why(docker: Tools, ask: Ask) -> None:
    """At once, and when it is looked at."""
    ask("create", "--name", "shop", IMAGE, "/nothing")
    status, output = docker.call("docker_start", name="shop")
    assert (status, "/nothing: no such file" in output["text"]) == ("failed", True)
    output = inspected(docker, "shop")
    assert (output["text"], output["exit_code"], output["started"]) == ("shop : created", 127, None)
    assert "/nothing: no such file" in output["error"]


def test_the_logs_of_a_container_are_the_words_of_strangers(docker: Tools, ask: Ask) -> None:
    """The last lines, each with its time, and no more of them than may be."""
    ask("run", "--name", "front", *PROGRAMS, IMAGE, "seq", "400")
    text = docker.call("docker_logs", name="front", lines=900, since="10m")[1]["text"]
    assert [line.split()[1] for line in text.splitlines()] == [str(number) for number in range(101, 401)]
    assert docker.call("docker_logs", name="front", since="2050-01-01T00:00:00")[1]["text"] == ""
    assert docker.tools["docker_logs"].untrusted


def test_a_time_that_is_none_is_told(docker: Tools, front: str) -> None:
    """In docker's words."""
    assert 'as time or duration: "1x"' in staged.failure(docker, "docker_logs", name=front, since="1x")


def test_a_container_is_stopped_started_and_restarted(docker: Tools, front: str) -> None:
    """Each asks before, and is not done twice after a crash."""
    seen = []
    for verb in ("stop", "start", "restart"):
        tool = docker.tools[f"docker_{verb}"]
        assert (tool.risk, tool.interrupted) == ("write", "ask")
        status, output = docker.call(f"docker_{verb}", name="front")
        assert (status, output["name"], output["text"]) == ("ok", "front", "front"), output
        found = inspected(docker, front[:12])
        seen.append((found["state"], found["exit_code"], found["started"]))
    stopped, started, restarted = seen
    assert stopped[:2] == ("exited", 3)
    assert (started[:2], restarted[:2]) == (("running", 0), ("running", 0))
    assert stopped[2] < started[2] < restarted[2]


@pytest.mark.parametrize("name", ["--all", "a b", "$(id)", "../x", ""])
def test_a_name_is_no_option_and_no_path(docker: Tools, name: str) -> None:
    """Of no tool."""
    for tool in ONE_BY_NAME:
        with pytest.raises(ValueError, match="pattern"):
            docker.call(f"docker_{tool}", name=name)


def test_a_container_that_is_not_there_leads_to_the_list(docker: Tools) -> None:
    """Whatever is to be done with it."""
    for tool in ONE_BY_NAME:
        said = staged.failure(docker, f"docker_{tool}", name="nothing")
        assert "No such container: nothing" in said
        assert "docker_containers montre les noms" in said


def test_an_engine_that_does_not_run_is_told(docker: Tools, tmp_path: Path) -> None:
    """With what starts it."""
    with_env(docker, DOCKER_HOST=f"unix://{tmp_path}/socket")
    for tool in (*READS, *ONE_BY_NAME):
        said = staged.failure(docker, f"docker_{tool}", **({"name": "x"} if tool in ONE_BY_NAME else {}))
        assert f"Cannot connect to the Docker daemon at unix://{tmp_path}/socket" in said
        assert "service_status docker" in said


def test_who_may_not_ask_the_engine_is_told_who_may(docker: Tools) -> None:
    """An ordinary user."""
    before(docker, "docker_containers", "setpriv", "--reuid=65534", "--clear-groups", "--")
    said = staged.failure(docker, "docker_containers")
    assert "permission denied" in said
    assert "groupe docker" in said


def before(tools: Tools, name: str, *words: str) -> None:
    """Put words before a tool's own."""
    tool = tools.tools[name]
    tools.tools[name] = tool.model_copy(update={"command": (*words, *tool.command)})


def test_what_docker_warns_of_is_no_row_and_no_name(docker: Tools, front: str, tmp_path: Path) -> None:
    """Settings that cannot be read."""
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "config.json").write_text("{ no")
    assert front
    _, output = docker.call("docker_containers")
    assert [row["name"] for row in output["rows"]] == ["front"]
    assert docker.call("docker_restart", name="front")[1]["name"] == "front"
    assert "WARNING: Error" in docker.call("docker_logs", name="front")[1]["text"]


def test_without_compose_docker_says_so(docker: Tools) -> None:
    """Docker itself would complain of an option that it does not know."""
    hidden = [word for place in PLUGINS if Path(place).exists() for word in ("--tmpfs", place)]
    before(docker, "docker_compose", "bwrap", "--dev-bind", "/", "/", *hidden, "--")
    status, output = docker.call("docker_compose")
    assert (status, output["text"]) == ("failed", "docker n'a pas la commande compose")
    assert "docker-compose-v2" in output["hint"]


@pytest.mark.parametrize(
    "listed, text, rows",
    [
        (
            '[{"Name":"shop","Status":"running(2), exited(1)","ConfigFiles":"/srv/shop/a.yaml,/srv/shop/b.yaml"}]',
            "1 projet",
            [{"name": "shop", "status": "running(2), exited(1)", "files": ["/srv/shop/a.yaml", "/srv/shop/b.yaml"]}],
        ),
        ("[]", "aucun projet", []),
    ],
)
def test_projects_are_rows(docker: Tools, tmp_path: Path, listed: str, text: str, rows: list[Any]) -> None:
    """Debian has no such plug-in: a program that says what it says stands in for it, and docker runs that."""
    plugins = tmp_path / "settings" / "cli-plugins"
    plugins.mkdir(parents=True)
    about = '{"SchemaVersion":"0.1.0","Vendor":"tests","Version":"v2.0.0"}'
    (plugins / "docker-compose").write_text(
        f"#!/bin/sh\n[ $1 = docker-cli-plugin-metadata ] && exec echo '{about}'\n"
        f"echo 'time=now level=warning msg=no' >&2\n[ \"$*\" = 'compose ls --all --format json' ] && echo '{listed}'\n"
    )
    (plugins / "docker-compose").chmod(0o755)
    _, output = docker.call("docker_compose")
    assert (output["text"], output["rows"]) == (text, rows)


def test_podman_by_the_name_of_docker_is_not_believed(docker: Tools, tmp_path: Path) -> None:
    """It prints JSON of another form."""
    (tmp_path / "docker").symlink_to("/usr/bin/podman")
    storage = f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/root"\nrunroot = "{tmp_path}/run"\n'
    (tmp_path / "storage.conf").write_text(storage)
    with_env(docker, PATH=f"{tmp_path}:/usr/bin:/bin", CONTAINERS_STORAGE_CONF=str(tmp_path / "storage.conf"))
    for tool in ("images", "disk", "networks"):
        said = staged.failure(docker, f"docker_{tool}")
        assert "docker n'a pas répondu comme Docker" in said
        assert "podman-docker" in said


def test_without_docker_the_hint_says_how_to_install_it(docker: Tools, tmp_path: Path) -> None:
    """In French, whichever tool."""
    with_env(docker, PATH=str(tmp_path))
    for name in docker.tools:
        words = {"name": "x"} if name.removeprefix("docker_") in ONE_BY_NAME else {}
        assert "apt install docker" in staged.failure(docker, name, **words)


def test_one_whose_figures_come_too_late_uses_nothing(docker: Tools, tmp_path: Path) -> None:
    """As docker prints it when it has waited for two seconds; no engine is late at will, so a program prints it."""
    late = {"CPUPerc": "--", "MemPerc": "--", "MemUsage": "-- / --", "Name": "shop", "NetIO": "--", "PIDs": "--"}
    staged.program(docker, tmp_path / "bin", "docker", json.dumps({**late, "BlockIO": "--", "ID": "0a1b2c3d4e5f"}))
    (row,) = docker.call("docker_stats")[1]["rows"]
    assert (row["name"], row["cpu_percent"], row["memory_percent"], row["processes"]) == ("shop", 0.0, 0.0, 0)
