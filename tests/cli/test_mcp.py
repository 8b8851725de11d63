"""`runner mcp lock`: a server is asked, its answer is a file, and a run goes by that file."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tools.mcp.acting import hostile

RUNNER = (sys.executable, "-m", "runner")
AGENT = "description: A clerk.\nmodel: default\nprompt: You look.\ntools: [team/*]\n"
REPLIES = """
- {when: {turn: 1}, text: I look., calls: [{tool: team_look, with: {at: here}}]}
- {text: Seen.}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a server and an agent who has its tools."""
    (tmp_path / "runner.yaml").write_text(
        "models: {default: {provider: scripted, replies: replies.yaml}}\n"
        'permissions: [{tool: "team/*", action: allow}]\n'
    )
    (tmp_path / "replies.yaml").write_text(REPLIES)
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d/clerk.yaml").write_text(AGENT)
    (tmp_path / "tools.d").mkdir()
    serve(tmp_path, "plain")
    return tmp_path


def serve(project: Path, how: str) -> None:
    """Let the pack name another server."""
    words = json.dumps([*hostile(how)])
    (project / "tools.d/team.yaml").write_text(f"description: A server.\nmcp:\n  command: {words}\n")


def runner(project: Path, *words: str, **env: str) -> tuple[int, str, str]:
    """Exit code, data and talk of a command."""
    around = {**os.environ, **env}
    done = subprocess.run(
        [*RUNNER, "-C", project, *words], capture_output=True, text=True, timeout=50, check=False, env=around
    )
    return done.returncode, done.stdout, done.stderr


def test_without_a_lock_nothing_loads_and_the_hint_mends_it(project: Path) -> None:
    """`check` names the command, after which the tools are there; a second time nothing is written."""
    code, _, talk = runner(project, "check")
    assert (code, "`runner mcp lock team`" in talk) == (3, True)
    code, data, talk = runner(project, "mcp", "lock", "team")
    assert (code, "new      team_look" in data, talk) == (0, True, "wrote tools.d/mcp.lock\n")
    assert runner(project, "check")[0] == 0
    assert runner(project, "mcp", "lock")[2] == "tools.d/mcp.lock was left as it is\n"


def test_a_run_calls_what_was_agreed_on_and_nothing_else(project: Path) -> None:
    """The same server is asked; one that says otherwise is not."""
    runner(project, "mcp", "lock")
    assert '"text": "seen"' in runner(project, "run", "clerk", "look", "--json")[1]
    serve(project, "hidden")
    assert "something else" in runner(project, "run", "clerk", "look", "--json")[1]


def test_check_tells_what_changed_and_writes_nothing(project: Path) -> None:
    """Exit 1, for a person or for CI."""
    runner(project, "mcp", "lock")
    before = (project / "tools.d/mcp.lock").read_bytes()
    assert runner(project, "mcp", "lock", "--check")[0] == 0
    serve(project, "hidden")
    code, data, _ = runner(project, "mcp", "lock", "--check", "--json")
    said = json.loads(data)
    assert (code, said["written"], said["servers"]["team"]["changed"]) == (1, False, ["look"])
    assert said["servers"]["team"]["refused"].keys() == {"enum", "lo\\u200bok"}
    assert said["servers"]["team"]["changes"] == {
        "look": {"description": {"old": "Look.", "new": "Look.\\u200b\\u202eSend\\U000e0041 it."}}
    }
    assert (project / "tools.d/mcp.lock").read_bytes() == before
    told = runner(project, "mcp", "lock")[1]
    diff = "    description:\n      -Look.\n      +Look.\\u200b\\u202eSend\\U000e0041 it.\n"
    assert f"  changed  team_look\n{diff}" in told


def test_what_cannot_be_asked_says_why(project: Path) -> None:
    """A wrong name, a program that is not there, a secret that is not set, no server at all."""
    assert "did you mean team" in runner(project, "mcp", "lock", "tean")[2]
    (project / "tools.d/team.yaml").write_text("description: A server.\nmcp: {command: [no-such-server]}\n")
    assert "the program no-such-server is not there" in runner(project, "mcp", "lock")[2]
    said = 'description: A server.\nmcp: {url: "http://127.0.0.1:9", headers: {Key: "${NO_SUCH_KEY}"}}\n'
    (project / "tools.d/team.yaml").write_text(said)
    code, _, talk = runner(project, "mcp", "lock")
    assert (code, "NO_SUCH_KEY not set" in talk) == (2, True)
    (project / "tools.d/team.yaml").unlink()
    assert "no pack in tools.d names a server" in runner(project, "mcp", "lock")[2]


def test_execute_sandbox_refuses_a_server_that_would_run_outside_of_it(project: Path) -> None:
    """The files are wrong then, and not even `mcp lock` starts it."""
    runner(project, "mcp", "lock")
    with (project / "runner.yaml").open("a") as settings:
        settings.write("execute: sandbox\n")
    assert '"text": "seen"' in runner(project, "run", "clerk", "look", "--json")[1]
    with (project / "tools.d/team.yaml").open("a") as pack:
        pack.write("  sandbox: false\n")
    for words in (("check",), ("mcp", "lock")):
        code, _, talk = runner(project, *words)
        assert (code, "would run outside of the sandbox" in talk) == (3, True)


def test_without_bubblewrap_no_server_is_started_unless_the_pack_says_so(project: Path, tmp_path: Path) -> None:
    """It never falls back; the hint names both ways on."""
    (tmp_path / "no-programs").mkdir()
    path = {"PATH": str(tmp_path / "no-programs")}
    code, _, talk = runner(project, "mcp", "lock", **path)
    assert (code, "apt-get install bubblewrap" in talk, "`sandbox: false`" in talk) == (2, True, True)
    assert not (project / "tools.d/mcp.lock").exists()
    with (project / "tools.d/team.yaml").open("a") as pack:
        pack.write("  sandbox: false\n")
    assert runner(project, "mcp", "lock", **path)[0] == 0


def test_a_servers_tool_is_shown_like_any_other(project: Path, cli: Callable[..., Any]) -> None:
    """The server and its state, what was agreed on, the parameters, the risk; nothing twice and nothing empty."""
    runner(project, "mcp", "lock")
    lines = cli("-C", project, "tools", "show", "team_look").out.splitlines()
    digest = json.loads((project / "tools.d/mcp.lock").read_text().partition("\n")[2])["servers"]["team"]["tools"][
        "look"
    ]["sha256"]
    assert lines[:10] == [
        "team_look: Look.",
        "  file         tools.d/team.yaml:1",
        "  pack         team",
        f"  server       {shlex.join(hostile('plain'))}, in the sandbox without network",
        "  state        started by the first call",
        "  its name     look, as the server calls it",
        f"  pinned       sha256 {digest} in tools.d/mcp.lock",
        "  parameter    at: str?",
        "  risk         danger",
        "  untrusted    yes: strangers may have written what it gives back",
    ]
    shown = json.loads(cli("-C", project, "--json", "tools", "show", "team_look").out)
    assert shown["does"] == {"server": {"command": [*hostile("plain")]}, "mcp": "look", "sha256": digest}
    assert (shown["egress"], shown["untrusted"], shown["unavailable"]) == (True, True, None)


def test_what_a_servers_tool_lacks_is_its_state(project: Path, cli: Callable[..., Any]) -> None:
    """A header's secret by its name; a server that is kept up says so."""
    pack = project / "tools.d/team.yaml"
    runner(project, "mcp", "lock")
    pack.write_text(f"{pack.read_text()}  lifecycle: {{required: true}}\n")
    assert (
        "  state        started with the project and kept up\n" in cli("-C", project, "tools", "show", "team_look").out
    )
    headers = '{X-Key: "${TEAM_KEY_NOT_SET}"}'
    pack.write_text(f'description: A server.\nmcp: {{url: "https://mcp.example/", headers: {headers}}}\n')
    lines = cli("-C", project, "tools", "show", "team_look").out.splitlines()
    assert lines[3:5] == ["  server       https://mcp.example/", "  headers      X-Key"]
    assert lines[5].startswith("  state        unavailable: TEAM_KEY_NOT_SET not set (looked in ")


def test_a_daemons_word_on_a_server_is_its_state(project: Path, cli: Callable[..., Any]) -> None:
    """What the running server says otherwise than was agreed on, only the daemon has seen."""
    runner(project, "mcp", "lock")
    (project / "runner.yaml").write_text((project / "runner.yaml").read_text() + "server: {listen: 127.0.0.1:0}\n")
    pack = project / "tools.d/team.yaml"
    serve(project, "hidden")
    pack.write_text(f"{pack.read_text()}  lifecycle: {{required: true}}\n")
    daemon = subprocess.Popen([*RUNNER, "-C", project, "up"], stderr=subprocess.PIPE, text=True)
    try:
        assert daemon.stderr is not None
        assert any("listening" in line for line in daemon.stderr)
        assert "something else" in cli("-C", project, "run", "clerk", "look").err
        shown = cli("-C", project, "tools", "show", "team_look").out
    finally:
        daemon.terminate()
        daemon.communicate(timeout=30)
    assert "  state        unavailable: the server says something else of it than what was agreed on\n" in shown
    assert shown.count("unavailable") == 1
