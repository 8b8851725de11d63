"""Servers that are programs, in the sandbox: those of others work, and a hostile one reaches nothing."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.tools.mcp.server import McpServer
from tests.tools.mcp.acting import NODE, NOTES, ROOT, asked, from_npm, hostile, pins_of, processes, program, walled

ATTACKS = {
    "a key of the user": "say('CANARY' in open(facts['home'] + '/.ssh/id_rsa').read())",
    "a key by the first process": "say('CANARY' in open('/proc/1/root' + facts['home'] + '/.ssh/id_rsa').read())",
    "the secrets": "say('CANARY' in open(facts['project'] + '/.env').read())",
    "the secrets from where it starts": "say('CANARY' in open('.env').read())",
    "the store": "say('CANARY' in open('.runner/token').read())",
    "what the project is": "say('learn' in open('runner.yaml').read())",
    "the names of the project's files": "import os; say('runner.yaml' in os.listdir())",
    "a tool of its own making": "open('tools.d/evil.yaml', 'w'); say(True)",
    "a folder beside the one it was given": "say('CANARY' in open('given/../other/note').read())",
    "a folder that it may only read": "open('shown/new', 'w'); say(True)",
    "a link out of its folder": "import os; way = f'given/way-{os.getpid()}';"
    "os.symlink(facts['home'] + '/.ssh', way); say('CANARY' in open(way + '/id_rsa').read())",
    "git's hooks in its folder": "open('given/.git/hooks/post-checkout', 'w'); say(True)",
    "the network of this machine": "import socket; socket.create_connection(('127.0.0.1', facts['port']), 2);say(True)",
    "a service of this machine": "import socket; socket.socket(socket.AF_UNIX).connect(facts['service']); say(True)",
    "the environment of its parent": "p = facts['pid']; say('CANARY' in open(f'/proc/{p}/environ').read())",
    "the processes of this machine": "import os; os.kill(facts['pid'], 0); say(True)",
    "much memory": "import mmap; mmap.mmap(-1, 5 << 30); say(True)",
    "many processes": "import subprocess; p = [subprocess.Popen(['sleep', '9']) for _ in range(80)]; say(True)",
}
"""Harmless without a sandbox, where each of them comes through."""

TINY = """
const fs = require('../words')
const tool = {name: 'look', description: 'Look.', inputSchema: {type: 'object', properties: {at: {type: 'string'}}}}
require('readline').createInterface({input: process.stdin}).on('line', line => {
  const {id, method, params} = JSON.parse(line)
  const about = {protocolVersion: '2025-06-18', capabilities: {tools: {}}, serverInfo: {name: 'tiny', version: '1'}}
  const answers = {
    initialize: () => ({result: about}),
    'tools/list': () => ({result: {tools: [tool]}}),
    'tools/call': () => ({result: {content: [{type: 'text', text: fs.readdirSync(params.arguments.at).join()}]}}),
  }
  const answer = answers[method] || (() => ({error: {code: -32601, message: 'no such method'}}))
  if (id !== undefined) console.log(JSON.stringify({jsonrpc: '2.0', id, ...answer()}))
})
"""
"""A server of a few lines, in JavaScript."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with secrets, a store, and folders that a server was given."""
    root = tmp_path / "project"
    for name in (".runner", "tools.d", "given", "shown", "other"):
        (root / name).mkdir(parents=True)
    for name, text in {
        ".env": "KEY=CANARY\n",
        ".runner/token": "CANARY\n",
        "runner.yaml": "learn: true\n",
        "other/note": "CANARY\n",
        "shown/note": "bread\n",
    }.items():
        (root / name).write_text(text)
        (root / name).chmod(0o600)
    subprocess.run(["git", "init", "-q", str(root / "given")], check=True)
    return root


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What an attacker may know of this machine: a home with a key, a port, a service, a process."""
    (tmp_path / "home/.ssh").mkdir(parents=True)
    (tmp_path / "home/.ssh/id_rsa").write_text("CANARY")
    service = tempfile.mktemp(prefix="runner-test-")  # noqa: S306 - short, as names of sockets must be
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as listening,
        subprocess.Popen(["sleep", "617.25"], env={**os.environ, "KEY": "CANARY"}) as other,
    ):
        listening.bind(service)
        listening.listen()
        port = server.getsockname()[1]
        yield {"home": str(tmp_path / "home"), "port": port, "service": service, "pid": other.pid}
        other.kill()
    Path(service).unlink()


@cache
def pins() -> dict[str, str]:
    """What is agreed on of the server that obeys."""
    return asyncio.run(pins_of(program(hostile("obeys"), ROOT)))


def told(project: Path, code: str, facts: dict[str, Any], way: Callable[[Sequence[str], Path], Any] = program) -> str:
    """What a server says that obeys whoever calls it."""

    async def act(server: McpServer) -> str:
        code_with_facts = f"facts = {facts | {'project': str(project)}!r}; {code}"
        answer: str = (await server.call("look", {"at": code_with_facts}, 20)).output["text"]
        return answer

    return asked(hostile("obeys"), project, act, pins=pins(), way=way)


WALLED = partial(walled, paths=["given"], read_only=["shown"])


def test_none_of_the_ways_out_succeeds(project: Path, facts: dict[str, Any]) -> None:
    """Each is really tried, by a server that a pack gave one folder to write and one to read."""

    async def act(server: McpServer) -> dict[str, str]:
        said = facts | {"project": str(project)}
        return {
            name: (await server.call("look", {"at": f"facts = {said!r}; {code}"}, 20)).output["text"]
            for name, code in ATTACKS.items()
        }

    found = asked(hostile("obeys"), project, act, pins=pins(), way=WALLED)
    assert {name: text for name, text in found.items() if "True" in text} == {}
    assert processes() == []
    without = asked(hostile("obeys"), project, act, pins=pins())
    assert {name for name, text in without.items() if "True" not in text} <= {"a key by the first process"}


def test_it_writes_where_it_was_let_and_reads_where_it_may(project: Path) -> None:
    """What it writes is the owner's; what is not its is not there."""
    code = "open('given/new', 'w').write(open('shown/note').read()); import os; say(sorted(os.listdir()))"
    assert told(project, code, {}, WALLED) == "['given', 'shown']"
    assert (project / "given/new").read_text() == "bread\n"
    assert (project / "given/new").stat().st_uid == project.stat().st_uid


def test_secrets_that_are_replaced_while_it_lives_stay_hidden(project: Path) -> None:
    """Editors put a new file in place of the old one, and a mount over the old one would go with it."""

    async def act(server: McpServer) -> list[str]:
        found = []
        for _ in range(2):
            found.append((await server.call("look", {"at": "say(open('.env').read())"}, 20)).output["text"])
            (project / "new").write_text("KEY=CANARY-2\n")
            (project / "new").rename(project / ".env")
        return found

    assert all("No such file" in text for text in asked(hostile("obeys"), project, act, pins=pins(), way=WALLED))


@pytest.mark.parametrize(
    "said, why",
    [
        ({"paths": ["."]}, "is runner's own"),
        ({"read_only": ["."]}, "is runner's own"),
        ({"read_only": [".runner"]}, "is runner's own"),
        ({"read_only": [".env"]}, "is runner's own"),
        ({"paths": ["tools.d"]}, "is runner's own"),
        ({"read_only": ["/"]}, "no system folder"),
        ({"paths": ["/home"]}, "no system folder"),
        ({"paths": ["nowhere"]}, "is not there"),
        ({"paths": ["link"]}, "reached by a symbolic link"),
        ({"read_only": ["link/.ssh"]}, "reached by a symbolic link"),
    ],
    ids=str,
)
def test_what_may_not_be_given_is_refused(project: Path, facts: dict[str, Any], said: dict[str, Any], why: str) -> None:
    """Before anything is started."""
    (project / "link").symlink_to(facts["home"])
    with pytest.raises(ToolFailed, match=why) as caught:
        told(project, "say(1)", {}, partial(walled, **said))
    assert caught.value.match == "unavailable"


def test_the_network_of_this_machine_when_the_pack_says_so(project: Path, facts: dict[str, Any]) -> None:
    """And only then."""
    code = ATTACKS["the network of this machine"]
    assert told(project, code, facts, partial(walled, network=True)) == "True"


def test_what_it_started_ends_with_it(project: Path) -> None:
    """Children in sessions of their own, and those that nobody waits for."""
    code = "import subprocess; subprocess.Popen(['sleep', '618.25'], start_new_session=True); say('started')"
    assert told(project, code, {}, WALLED) == "started"
    assert processes() == []
    assert "618.25" not in subprocess.check_output(["ps", "-eww", "-o", "args"], text=True)


ELSEWHERE = """
import asyncio, sys
from pathlib import Path
from tests.tools.mcp.acting import asked, hostile, walled
async def act(server):
    code = "import subprocess; subprocess.Popen(['sleep', '619.25'], start_new_session=True); say(1)"
    await server.call("look", {"at": code}, 20)
    print("started", flush=True)
    await asyncio.sleep(60)
asked(hostile("obeys"), Path(sys.argv[1]), act, way=walled)
"""


def test_it_ends_when_the_daemon_was_killed(project: Path) -> None:
    """SIGKILL leaves nobody to clean up but the kernel."""
    words = [sys.executable, "-c", ELSEWHERE, str(project)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == "started\n"
        assert "619.25" in subprocess.check_output(["ps", "-eww", "-o", "args"], text=True)
        daemon.kill()
    while "sleep 619.25" in subprocess.check_output(["ps", "-eww", "-o", "args"], text=True):
        pass


def test_the_server_everything(project: Path) -> None:
    """From npm: Node finds its packages, and nothing of the project is to be given."""

    async def act(server: McpServer) -> object:
        return (await server.call("echo", {"message": "hello"}, 20)).output

    assert asked(from_npm("server-everything"), project, act, way=walled) == {"text": "Echo: hello"}


def test_the_server_filesystem(project: Path) -> None:
    """It has the folder that the pack gives it, and writes there."""
    folder = project / "given"

    async def act(server: McpServer) -> str:
        await server.call("write_file", {"path": str(folder / "list.txt"), "content": "milk"}, 20)
        read: str = (await server.call("read_text_file", {"path": str(folder / "list.txt")}, 20)).output["text"]
        return read

    assert asked(from_npm("server-filesystem", str(folder)), project, act, way=WALLED) == "milk"
    assert (folder / "list.txt").read_text() == "milk"


def test_a_server_made_with_the_library(project: Path) -> None:
    """In Python, of a virtual environment, its script named by the command."""

    async def act(server: McpServer) -> object:
        return (await server.call("add", {"left": 2, "right": 3}, 20)).output["data"]

    assert asked(NOTES, project, act, way=walled) == {"result": 5}


def test_programs_are_found_where_they_are_installed(project: Path, tmp_path: Path) -> None:
    """A script below `node_modules`, read by the Node that PATH has first, by a link into another installation."""
    (tmp_path / "opt/bin").mkdir(parents=True)
    (tmp_path / "opt/secret").write_text("CANARY")
    (tmp_path / "opt/bin/node").symlink_to(NODE)
    packages = project / "node_modules"
    (packages / ".bin").mkdir(parents=True)
    (packages / "words").mkdir()
    (packages / "words/index.js").write_text("module.exports = require('fs')\n")
    script = packages / ".bin/server"
    script.write_text(f"#!/usr/bin/env node\n{TINY}")
    script.chmod(0o755)
    path = {"PATH": f"{tmp_path / 'opt/bin'}:/usr/bin:/bin"}

    async def act(server: McpServer) -> object:
        return (await server.call("look", {"at": str(tmp_path / "opt")}, 20)).output["text"]

    words = ["node_modules/.bin/server"]
    assert asked(words, project, act, way=partial(walled, env=path)) == "bin"
