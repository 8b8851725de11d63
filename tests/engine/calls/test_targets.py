"""Where commands run: hosts over SSH, the sandbox, all hosts of a group at once; and who may choose."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.house import MODELS, House
from tests.sshd import free_ports, host_keys, sshd

if TYPE_CHECKING:
    from tests.sshd import Sshd

__all__ = ["sshd"]

SHELL = """
description: Looks at machines.
tools:
  where:
    description: Say on which port one was let in.
    command: [sh, -c, 'echo "port ${SSH_CONNECTION##* }"']
    risk: read
  leave:
    description: Leave a file.
    command: [touch, --, "{{ file }}"]
    params: {file: str}
  afar:
    description: Only on hosts.
    command: ["true"]
    targets: ["group:hosts"]
    risk: read
  slow:
    description: Sleep.
    command: [sleep, "30"]
    risk: read
"""

LOOK = {"name": "look", "description": "Look.", "params": {}, "annotations": {}, "sha256": "0" * 64}
LOCK = json.dumps({"servers": {"team": {"server": "", "protocol": "1", "tools": {"look": LOOK}}}})


@pytest.fixture
def fleet(house: House, sshd: list[Sshd]) -> House:
    """A house that knows three hosts: web1 and web2 in the group web, db1 alone."""
    return hosts(house, sshd)


HINTED = """
description: Has a hint.
tools:
  hinted: {description: Says yes., command: ["true"], risk: read, hint: Ask for less.}
"""


def hosts(house: House, servers: list[Sshd], *more: str, first: str = "", settings: str = "") -> House:
    """Write what a house must know of these servers."""
    named = zip(("web1", "web2", "db1"), servers, strict=True)
    rows = [
        f"{name}: {{address: 127.0.0.1, port: {one.port}, user: {one.user}, key: {one.key}, "
        f"groups: [{name.rstrip('12')}]}}"
        for name, one in named
    ]
    listed = "".join(f"  {row}\n" for row in filter(None, (first, *rows, *more)))
    house.write("runner.yaml", f"{MODELS}permissions: [{{tool: '*', action: allow}}]\n{settings}hosts:\n{listed}")
    house.write("tools.d/machine.yaml", SHELL)
    host_keys(house.root, servers)
    return house


def agent(house: House, call: str, targets: str) -> None:
    """An agent that may act on these targets and makes one call."""
    house.write("agents.d/ops.yaml", f"description: Acts.\nprompt: Act.\ntools: [where, afar]\ntargets: {targets}\n")
    house.write("replies.yaml", f"- calls: [{call}]\n- {{text: Done.}}\n")


def test_a_phase_runs_its_command_on_the_host_it_names(fleet: House, sshd: list[Sshd]) -> None:
    """The same tool that runs here; the journal says where it ran."""
    told = fleet.told("a: {tool: where, target: web2}")
    assert told.record("a/1").output["text"] == f"port {sshd[1].port}\n"
    assert told.of("tool.called")[0].target == "web2"


def test_a_template_chooses_the_host(fleet: House, sshd: list[Sshd]) -> None:
    """A loop over hosts names each of them."""
    told = fleet.told("a: {foreach: {in: \"['db1', 'web1']\", as: host}, tool: where, target: '{{ host }}'}")
    ports = [told.record(f"a/1/{index}").output["text"] for index in (0, 1)]
    assert ports == [f"port {sshd[2].port}\n", f"port {sshd[0].port}\n"]


def test_one_call_runs_on_all_hosts_of_a_group(fleet: House, sshd: list[Sshd]) -> None:
    """The same answers stand together, and what differs is a row of its own."""
    told = fleet.told("a: {tool: where, target: 'group:web'}")
    output = told.record("a/1").output
    assert output["ok"] == ["web1", "web2"]
    assert [(row["hosts"], row["output"]["text"]) for row in output["answers"]] == [
        (["web1"], f"port {sshd[0].port}\n"),
        (["web2"], f"port {sshd[1].port}\n"),
    ]
    assert told.of("tool.called")[0].target == "web1, web2"


def test_hosts_out_of_reach_are_told_apart_and_the_rest_is_done(house: House, sshd: list[Sshd], tmp_path: Path) -> None:
    """A host that is down is neither a failed command nor a reason to stop."""
    (port,) = free_ports(1)
    fleet = hosts(house, sshd, f"web3: {{address: 127.0.0.1, port: {port}, groups: [web]}}")
    file = tmp_path / "left"
    told = fleet.told(
        f"a: {{tool: leave, with: {{file: {file}}}, target: 'group:web', errors: [{{match: any, to: pass}}]}}"
    )
    record = told.record("a/1")
    assert (record.status, record.output["ok"], record.output["unreachable"]) == ("failed", ["web1", "web2"], ["web3"])
    assert record.error is not None
    assert record.error.message.startswith("1 of 3 hosts failed or are out of reach: web3;")
    assert file.exists()


def test_a_host_out_of_reach_is_told_without_the_hint_of_the_tool(house: House, sshd: list[Sshd]) -> None:
    """What mends the command does not mend the way to its host."""
    (port,) = free_ports(1)
    fleet = hosts(house, sshd, f"web3: {{address: 127.0.0.1, port: {port}}}")
    fleet.write("tools.d/hinted.yaml", HINTED)
    error = fleet.told("a: {tool: hinted, target: web3, errors: [{match: any, to: pass}]}").record("a/1").error
    nowhere = fleet.told("a: {tool: hinted, target: '{{ \"web9\" }}', errors: [{match: any, to: pass}]}")
    assert error is not None
    assert (error.match, error.hint) == ("unavailable", "is its SSH server up, and the port right?")
    assert "Ask for less" not in str(nowhere.record("a/1").error)


def test_as_many_hosts_may_fail_as_the_phase_says(house: House, sshd: list[Sshd]) -> None:
    """`max_failures` is of the whole call."""
    (port,) = free_ports(1)
    fleet = hosts(house, sshd, f"web3: {{address: 127.0.0.1, port: {port}, groups: [web]}}")
    told = fleet.told("a: {tool: where, target: 'group:web', fleet: {max_failures: 1}}")
    assert told.record("a/1").status == "ok"


def test_no_further_batch_begins_after_too_many_failures(house: House, sshd: list[Sshd]) -> None:
    """What was not begun is told as skipped."""
    (port,) = free_ports(1)
    fleet = hosts(house, sshd, first=f"aaa: {{address: 127.0.0.1, port: {port}}}")
    told = fleet.told(
        "a: {tool: where, target: 'group:hosts', fleet: {batch: 1, stop: true}, errors: [{match: any, to: pass}]}"
    )
    output = told.record("a/1").output
    assert (output["unreachable"], output["skipped"]) == (["aaa"], ["web1", "web2", "db1"])


def test_a_command_past_its_time_is_stopped_there(fleet: House) -> None:
    """The time of commands on other hosts is that of the class's `ssh`."""
    told = fleet.told("a: {tool: slow, target: web1, timeout: 500ms, errors: [{match: timeout, to: pass}]}")
    assert told.route == ["pass"]


def test_an_agent_chooses_among_its_targets(fleet: House, sshd: list[Sshd]) -> None:
    """The model says `target`, which is no parameter of the tool."""
    agent(fleet, "{tool: where, with: {target: db1}}", "[web1, db1]")
    told = fleet.told("a: {agent: ops, message: Where?}")
    assert told.call("a/1/turn-1/call-1").output["text"] == f"port {sshd[2].port}\n"


def test_the_first_target_of_an_agent_is_its_default(fleet: House, sshd: list[Sshd]) -> None:
    """Nothing said is not `local`."""
    agent(fleet, "{tool: where}", "[web2, 'group:web']")
    told = fleet.told("a: {agent: ops, message: Where?}")
    assert told.call("a/1/turn-1/call-1").output["text"] == f"port {sshd[1].port}\n"


def test_an_agent_acts_on_a_group_that_it_lists(fleet: House) -> None:
    """One call, one table."""
    agent(fleet, "{tool: where, with: {target: 'group:web'}}", "['group:web']")
    told = fleet.told("a: {agent: ops, message: Where?}")
    assert told.call("a/1/turn-1/call-1").output["ok"] == ["web1", "web2"]


@pytest.mark.parametrize("wanted", ["db1", "local", "sandbox", "group:hosts", "nowhere", "web1,db1"])
def test_a_model_acts_nowhere_else(fleet: House, wanted: str) -> None:
    """What the files do not list is refused, whatever it is."""
    agent(fleet, f"{{tool: where, with: {{target: '{wanted}'}}}}", "[web1, web2]")
    told = fleet.told("a: {agent: ops, message: Where?}")
    record = told.call("a/1/turn-1/call-1")
    assert record.error is not None
    assert record.error.match == "policy"
    assert not told.of("tool.called")


INTENT = """
intents:
  - {say: ["where am I[ on {target}]"], tool: where, reply: "{{ target }}: {{ result.text }}"}
"""


@pytest.mark.parametrize("message, name, port", [("Where am I on WEB2?", "web2", 1), ("where am I", "db1", 2)])
def test_a_message_names_the_target_of_its_rule(
    fleet: House, sshd: list[Sshd], message: str, name: str, port: int
) -> None:
    """Without one it is the agent's first; the reply knows where the tool ran."""
    agent(fleet, "{tool: where}", "[db1, web2, 'group:web']" + INTENT)
    told = fleet.told(f"a: {{agent: ops, message: '{message}'}}")
    assert told.record("a/1").output == f"{name}: port {sshd[port].port}\n"
    assert told.of("model.requested") == []


@pytest.mark.parametrize("message", ["where am I on web1", "where am I on local", "where am I on web2 and db1"])
def test_a_target_that_the_agent_has_not_is_for_the_model(fleet: House, message: str) -> None:
    """No rule is met, and nothing runs elsewhere instead."""
    agent(fleet, "{tool: green}", "[db1, web2]" + INTENT)
    told = fleet.told(f"a: {{agent: ops, message: {message}}}")
    assert told.of("intent.matched") == told.of("tool.called") == []


def test_what_many_hosts_answer_is_for_the_model_to_tell(fleet: House) -> None:
    """A reply is written for one of them."""
    agent(fleet, "{tool: where}", "['group:web']" + INTENT)
    fleet.write("replies.yaml", "- {text: Both.}")
    told = fleet.told("a: {agent: ops, message: where am I, target: 'group:web'}")
    assert told.call("a/1/intent/call-1").output["ok"] == ["web1", "web2"]
    assert told.record("a/1").output == "Both."


def test_all_hosts_is_no_mistake_where_there_are_none_yet(house: House) -> None:
    """The agent then acts on what else it lists."""
    house.write("agents.d/helper.yaml", "description: D.\nprompt: P.\ntargets: ['group:hosts', local]\n")
    assert house.load().agents["helper"].targets == ("local",)


def test_a_tool_runs_only_where_it_may(fleet: House) -> None:
    """`targets` of a tool holds for everyone."""
    told = fleet.told("a: {tool: afar, target: \"{{ 'local' }}\", errors: [{match: unavailable, to: pass}]}")
    assert told.record("a/1").error is not None
    assert fleet.told("a: {tool: afar, target: web1}").record("a/1").ok


def test_execute_sandbox_leaves_nothing_on_this_machine_outside_of_it(
    house: House, sshd: list[Sshd], tmp_path: Path
) -> None:
    """Neither by default nor for who says `local`."""
    hosts(house, sshd, settings="execute: sandbox\n")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    for place in ("", ", target: local", ", target: sandbox"):
        told = house.told(f"a: {{tool: leave, with: {{file: {outside}}}{place}, errors: [{{match: any, to: pass}}]}}")
        assert told.of("tool.called")[0].target == "sandbox"
        assert not outside.exists()


def test_without_the_engine_of_its_driver_nothing_runs_and_no_server_starts(
    house: House, sshd: list[Sshd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bubblewrap, which is there, does not stand in; a server of a pack is unavailable, with the reason."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs/docker").write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    (tmp_path / "programs/docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}:{os.environ['PATH']}")
    hosts(house, sshd, settings="execute: sandbox\nsandbox: {driver: docker, image: debian:12}\n")
    house.write("tools.d/team.yaml", "description: A server.\nmcp: {command: [server]}\n")
    house.write("tools.d/mcp.lock", LOCK)
    told = house.told("a: {tool: leave, with: {file: made}, errors: [{match: unavailable, to: pass}]}")
    assert "Cannot connect to the Docker daemon" in str(told.record("a/1").error)
    assert not list(tmp_path.rglob("made"))
    told = house.told("a: {tool: team_look, errors: [{match: unavailable, to: pass}]}")
    assert "does not run in a container" in str(told.record("a/1").error)


def test_a_command_line_that_looks_at_a_host_taints_the_run(fleet: House) -> None:
    """Strangers write the logs of hosts; here it stays in the workspace, and what it says is the project's own."""
    settings = (fleet.root / "runner.yaml").read_text()
    fleet.write("runner.yaml", f"use: [std/commands]\n{settings}")
    told = fleet.told(
        "a: {tool: run_command, with: {command: uname}}\n"
        "b: {tool: run_command, with: {command: uname}, target: 'group:web'}"
    )
    assert [(event.path, event.untrusted) for event in told.of("tool.returned")] == [("a/1", False), ("b/1", True)]
