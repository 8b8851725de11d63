"""An agent that does the worst with the file tools it is allowed: the project's own files, journal and secrets stay."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
use: [std/files]
models:
  default: {provider: scripted, replies: replies.yaml}
permissions:
  - {tool: "files/*", action: allow}
  - {tool: "test/*", action: deny}
"""
OPEN = {"path": "runner.yaml", "old_string": "action: deny", "new_string": "action: allow"}
TOOL = "description: T.\ntools: {x: {description: X., command: [id], risk: read}}\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A project whose workspace is itself, with an agent that may use every file tool."""
    house = House(tmp_path)
    house.write("runner.yaml", RULES)
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [files/*]\n")
    house.write(".env", "ANY=a-value-that-no-file-names\n")
    return house


@pytest.mark.parametrize(
    "tool, arguments",
    [
        ("edit_file", OPEN),
        ("write_file", {"path": "tools.d/x.yaml", "content": TOOL}),
        ("write_file", {"path": "tools.d/test.py", "content": "import os"}),
        ("write_file", {"path": "replies.yaml", "content": "[]"}),
        ("move_path", {"source": "agents.d", "destination": "old"}),
        ("delete_path", {"path": "agents.d/helper.yaml"}),
        ("write_file", {"path": ".env", "content": "ANY=other"}),
        ("read_file", {"path": ".env"}),
        ("read_file", {"path": ".runner/runner.db"}),
    ],
)
def test_allowed_file_tools_leave_the_project_itself_alone(house: House, tool: str, arguments: dict[str, Any]) -> None:
    """What the files allow is said by people: a rule that allows writing does not allow writing rules."""
    house.write("replies.yaml", json.dumps([{"calls": [{"tool": tool, "with": arguments}]}, {"text": "Done."}]))
    told = house.told("a: {agent: helper, message: Go.}")
    record = told.call("a/1/turn-1/call-1")
    assert record.error is not None
    assert "say what agents may do" in record.error.message or "runner" in record.error.message
    assert house.load().settings.permissions[1].action == "deny"
    assert sorted(path.name for path in (house.root / "agents.d").iterdir()) == ["helper.yaml"]


@pytest.mark.parametrize(
    "tool, arguments",
    [
        ("write_file", {"path": "known_hosts", "content": "web1 ssh-ed25519 AAAA\n"}),
        ("move_path", {"source": "notes.txt", "destination": "known_hosts"}),
        ("read_file", {"path": "keys/web"}),
        ("move_path", {"source": "keys", "destination": "open"}),
        ("run_command", {"command": "cat keys/web"}),
    ],
)
def test_whom_hosts_are_and_who_we_are_is_no_tools(house: House, tool: str, arguments: dict[str, Any]) -> None:
    """A model trusts no host's key in a person's place, and reads no private key of the project."""
    hosts = "hosts: {web1: {address: 127.0.0.1, port: 1, key: keys/web}}\n"
    house.write("runner.yaml", RULES.replace("[std/files]", "[std/files, std/commands]") + hosts)
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [files/*, run_command]\n")
    house.write("keys/web", "PRIVATE\n")
    house.write("notes.txt", "web1 ssh-ed25519 AAAA\n")
    house.write("replies.yaml", json.dumps([{"calls": [{"tool": tool, "with": arguments}]}, {"text": "Done."}]))
    house.workflow("a: {agent: helper, message: Go.}")
    told = asyncio.run(house.run())
    returned = [event.record for event in told.of("tool.returned")]
    assert [record.status for record in returned] == (["failed"] if tool != "run_command" else [])
    assert not (house.root / "known_hosts").exists()
    assert (house.root / "keys/web").exists()


def test_secrets_that_no_file_names_are_not_found_by_searching(house: House) -> None:
    """What is not named is not known by value, so it could not be hidden afterwards."""
    call = {"tool": "search_directory", "with": {"pattern": "a-value"}}
    house.write("replies.yaml", json.dumps([{"calls": [call]}, {"text": "Done."}]))
    told = house.told("a: {agent: helper, message: Go.}")
    assert ".env" not in json.dumps(told.call("a/1/turn-1/call-1").output["matches"])
