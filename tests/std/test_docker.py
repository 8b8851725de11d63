"""The docker pack, against a docker that records its words and prints what the real one prints.

Docker's engine is a service of the machine, with the rights of root; few machines that test have one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.std import staged
from tests.std.staged import Tools

CONTAINERS = (
    '{"Command":"\\"npm start\\"","CreatedAt":"2026-11-20 09:00:00 +0000 UTC","ID":"0a1b2c3d4e5f","Image":"shop:2",'
    '"Labels":"","LocalVolumes":"0","Mounts":"","Names":"shop","Networks":"bridge","Ports":"",'
    '"RunningFor":"30 hours ago",'
    '"Size":"0B","State":"exited","Status":"Exited (137) 2 hours ago"}\n'
    '{"Command":"\\"/docker-entrypoint.…\\"","CreatedAt":"2026-11-21 09:00:00 +0000 UTC","ID":"6f5e4d3c2b1a",'
    '"Image":"nginx:1.27","Labels":"","LocalVolumes":"0","Mounts":"","Names":"front","Networks":"bridge",'
    '"Ports":"0.0.0.0:80->80/tcp","RunningFor":"6 hours ago","Size":"0B","State":"running","Status":"Up 6 hours"}\n'
)
IMAGES = (
    '{"Containers":"N/A","CreatedAt":"2026-11-01 00:00:00 +0000 UTC","CreatedSince":"2 weeks ago",'
    '"Digest":"\\u003cnone\\u003e",'
    '"ID":"9c7a54a9a43c","Repository":"nginx","SharedSize":"N/A","Size":"192MB","Tag":"1.27","UniqueSize":"N/A",'
    '"VirtualSize":"191.7MB"}\n'
)
STATS = (
    '{"BlockIO":"4.1MB / 0B","CPUPerc":"0.02%","Container":"6f","ID":"6f5e4d3c2b1a","MemPerc":"0.31%",'
    '"MemUsage":"12.4MiB / 3.84GiB","Name":"front","NetIO":"1.2kB / 0B","PIDs":"3"}\n'
    '{"BlockIO":"--","CPUPerc":"--","Container":"0a","ID":"0a1b2c3d4e5f","MemPerc":"--","MemUsage":"-- / --",'
    '"Name":"gone","NetIO":"--","PIDs":"--"}\n'
    '{"BlockIO":"0B / 0B","CPUPerc":"181.50%","Container":"7f","ID":"7f5e4d3c2b1a","MemPerc":"9.10%",'
    '"MemUsage":"358MiB / 3.84GiB","Name":"shop","NetIO":"1.2kB / 0B","PIDs":"11"}\n'
)
INSPECTED = {
    "name": "/shop",
    "image": "shop:2",
    "state": {
        "Status": "exited",
        "OOMKilled": True,
        "ExitCode": 137,
        "Error": "",
        "StartedAt": "2026-11-21T09:00:00.1Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
        "Health": {"Status": "unhealthy", "FailingStreak": 4},
    },
    "created": "2026-11-20T09:00:00Z",
    "restarts": 5,
    "policy": {"Name": "on-failure", "MaximumRetryCount": 5},
    "mounts": [{"Type": "volume", "Name": "data", "Source": "/var/lib/x", "Destination": "/data", "RW": True}],
    "networks": {"bridge": {"IPAddress": "172.17.0.2"}},
    "ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "81/tcp": None},
}
DISK = (
    '{"Active":"1","Reclaimable":"1.2GB (80%)","Size":"1.5GB","TotalCount":"7","Type":"Images"}\n'
    '{"Active":"0","Reclaimable":"0B","Size":"0B","TotalCount":"0","Type":"Build Cache"}\n'
)
NETWORKS = (
    '{"CreatedAt":"2026-11-01","Driver":"bridge","ID":"1","IPv4":"true","IPv6":"false","Internal":"false","Labels":"",'
    '"Name":"bridge","Scope":"local"}\n'
)
VOLUMES = (
    '{"Driver":"local","Labels":"","Mountpoint":"/var/lib/docker/volumes/data/_data","Name":"data","Scope":"local"}\n'
)
PROJECTS = (
    '[{"Name":"shop","Status":"running(2), exited(1)","ConfigFiles":"/srv/shop/compose.yaml,/srv/shop/prod.yaml"}]\n'
)


@pytest.fixture
def docker(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("docker")


@pytest.fixture
def prints(docker: Tools, tmp_path: Path) -> Callable[..., Path]:
    """A docker that prints what is given; the file of its calls."""
    return lambda output, code=0: staged.program(docker, tmp_path / "bin", "docker", output, code)


def test_containers_that_run_come_first(docker: Tools, prints: Callable[..., Path]) -> None:
    """With what they are made of and what they listen on."""
    calls = prints("WARNING: No swap limit support\n" + CONTAINERS)
    _, output = docker.call("docker_containers")
    assert (output["text"], output["running"]) == ("2 conteneurs, 1 en marche", 1)
    assert output["rows"][0] == {
        "name": "front",
        "image": "nginx:1.27",
        "state": "running",
        "status": "Up 6 hours",
        "ports": "0.0.0.0:80->80/tcp",
        "id": "6f5e4d3c2b1a",
    }
    assert calls.read_text() == "container ls --all --format json\n"


@pytest.mark.parametrize(
    "name, said, text, words",
    [
        ("docker_images", IMAGES, "1 image", "image ls --format json"),
        ("docker_stats", STATS, "3 conteneurs", "container stats --no-stream --format json"),
        ("docker_disk", DISK, "Images 1.5GB, Build Cache 0B", "system df --format json"),
        ("docker_networks", NETWORKS, "1 réseau", "network ls --format json"),
        ("docker_volumes", VOLUMES, "1 volume", "volume ls --format json"),
        ("docker_compose", PROJECTS, "1 projet", "compose ls --all --format json"),
        ("docker_containers", "", "aucun conteneur", "container ls --all --format json"),
        ("docker_compose", "[]\n", "aucun projet", "compose ls --all --format json"),
    ],
)
def test_lists_are_rows(
    docker: Tools, prints: Callable[..., Path], name: str, said: str, text: str, words: str
) -> None:
    """Each counted in a sentence."""
    calls = prints(said)
    status, output = docker.call(name)
    assert (status, output["text"], calls.read_text()) == ("ok", text, words + "\n")
    assert len(output["rows"]) == (
        int(text[0]) if text[0].isdigit() else len(said.splitlines()) if said != "[]\n" else 0
    )


def test_what_uses_most_comes_first(docker: Tools, prints: Callable[..., Path]) -> None:
    """One that ended while it was measured counts as nothing."""
    prints(STATS)
    rows = docker.call("docker_stats")[1]["rows"]
    assert [(row["name"], row["cpu_percent"], row["processes"]) for row in rows] == [
        ("shop", 181.5, 11),
        ("front", 0.02, 3),
        ("gone", 0.0, 0),
    ]


def test_a_container_is_shown_without_its_environment(docker: Tools, prints: Callable[..., Path]) -> None:
    """What docker is asked for holds no secrets of it."""
    calls = prints(json.dumps(INSPECTED) + "\n")
    _, output = docker.call("docker_inspect", name="shop")
    assert output["text"] == "shop : exited, santé unhealthy"
    assert (output["exit_code"], output["out_of_memory"], output["restarts"]) == (137, True, 5)
    assert (output["started"], output["finished"]) == ("2026-11-21T09:00:00.1Z", None)
    assert output["mounts"] == [{"from": "data", "to": "/data", "writable": True}]
    assert (output["networks"], output["ports"]) == (
        {"bridge": "172.17.0.2"},
        {"80/tcp": ["0.0.0.0:8080"], "81/tcp": []},
    )
    words = calls.read_text()
    assert words.startswith('container inspect --format {"name":{{json .Name}},"image":{{json .Config.Image}},"state":')
    assert words.endswith("} -- shop\n")
    assert ".Config.Env" not in words


def test_the_logs_of_a_container_are_the_words_of_strangers(docker: Tools, prints: Callable[..., Path]) -> None:
    """No more lines than may be."""
    calls = prints("2026-11-21T15:00:00Z GET /\n")
    assert docker.call("docker_logs", name="front", lines=900, since="10m")[1]["text"] == "2026-11-21T15:00:00Z GET /\n"
    assert calls.read_text() == "container logs --timestamps --tail 300 --since=10m -- front\n"
    assert docker.tools["docker_logs"].untrusted


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_a_container_is_acted_on_by_name(docker: Tools, prints: Callable[..., Path], verb: str) -> None:
    """It asks before, and is not done twice after a crash."""
    calls = prints("front\n")
    tool = docker.tools[f"docker_{verb}"]
    assert (tool.risk, tool.interrupted) == ("write", "ask")
    assert docker.call(f"docker_{verb}", name="front")[1]["name"] == "front"
    assert calls.read_text() == f"container {verb} -- front\n"


@pytest.mark.parametrize("name", ["--all", "a b", "$(id)", "../x", ""])
def test_a_name_is_no_option_and_no_path(docker: Tools, name: str) -> None:
    """Of no tool."""
    for tool in ("docker_logs", "docker_inspect", "docker_restart"):
        with pytest.raises(ValueError, match="pattern"):
            docker.call(tool, name=name)


FAULTS: list[tuple[str, dict[str, Any], str, int, str]] = [
    ("docker_images", {}, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n", 1, "service_status"),
    ("docker_inspect", {"name": "x"}, "Error response from daemon: No such container: x\n", 1, "docker_containers"),
    ("docker_restart", {"name": "x"}, "Error response from daemon: No such container: x\n", 1, "docker_containers"),
    ("docker_compose", {}, "docker: unknown command: docker compose\n", 1, "docker-compose-v2"),
    ("docker_containers", {}, "json\njson\n", 0, "Docker 23"),
]


@pytest.mark.parametrize("name, words, said, code, hint", FAULTS)
def test_what_docker_refuses_leads_on(
    docker: Tools, prints: Callable[..., Path], name: str, words: dict[str, Any], said: str, code: int, hint: str
) -> None:
    """In its own words, with a hint."""
    prints(said, code)
    status, output = docker.call(name, **words)
    assert (status, said.strip().splitlines()[-1] in output["text"]) == ("failed", True)
    assert hint in output["hint"]


def test_without_docker_the_hint_says_how_to_install_it(docker: Tools, tmp_path: Path) -> None:
    """In French, whichever tool."""
    for name, tool in docker.tools.items():
        docker.tools[name] = tool.model_copy(update={"env": {"PATH": str(tmp_path)}})
        status, output = docker.call(name, **({"name": "x"} if tool.params and "name" in tool.params.types else {}))
        assert (status, "apt install docker" in output["hint"]) == ("failed", True)
