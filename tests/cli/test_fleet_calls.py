"""A call on real hosts, as a person makes it and as it is shown: one table wherever its record stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.calls.test_targets import hosts
from tests.engine.house import House
from tests.sshd import free_ports, sshd

if TYPE_CHECKING:
    from tests.sshd import Sshd

__all__ = ["sshd"]
Cli = Callable[..., Any]
ODD = """
description: Answers a little differently everywhere.
tools:
  odd:
    description: Three lines, one of which differs.
    command: [sh, -c, 'printf "kernel 6\\nport ${SSH_CONNECTION##* }\\nnginx up\\n"']
    risk: read
  same: {description: Says the same everywhere., command: [echo, "up"], risk: read}
"""


@pytest.fixture
def fleet(tmp_path: Path, sshd: list[Sshd]) -> House:
    """Three hosts that answer, and one in the group `gone` that does not."""
    (port,) = free_ports(1)
    house = hosts(House(tmp_path), sshd, f"web3: {{address: 127.0.0.1, port: {port}, groups: [gone]}}")
    house.write("tools.d/odd.yaml", ODD)
    return house


def newest(cli: Cli, house: House) -> str:
    """The id of the newest run."""
    return str(json.loads(cli("-C", house.root, "--json", "runs", "ls").out)[0]["id"])


def test_a_group_answers_in_one_table(cli: Cli, fleet: House, sshd: list[Sshd]) -> None:
    """On stdout once; the line of the call says where it was made and how it went; the logs end with the table."""
    answer = cli("-C", fleet.root, "tools", "call", "odd", "--target", "group:web")
    table = [
        "HOSTS  STATUS  ANSWER",
        "web1   ok      kernel 6",
        f"               port {sshd[0].port}",
        "               nginx up",
        f"web2   ok      - port {sshd[0].port}",
        f"               + port {sshd[1].port}",
    ]
    assert (answer.code, answer.out.splitlines()) == (0, table)
    assert "  on web1, web2\n" in answer.err
    assert "2 hosts: 2 ok\n" in answer.err
    assert "HOSTS" not in answer.err
    run = newest(cli, fleet)
    assert cli("-C", fleet.root, "runs", "logs", run).out.splitlines()[-6:] == table
    shown = cli("-C", fleet.root, "runs", "show", run).out
    assert (shown.count("HOSTS"), shown.splitlines()[-6:]) == (1, table)
    assert "  input      target = group:web\n" in shown


def test_what_the_others_answered_is_given_although_one_is_out_of_reach(cli: Cli, fleet: House) -> None:
    """The call has failed; those out of reach stand apart."""
    answer = cli("-C", fleet.root, "tools", "call", "same", "--target", "group:hosts")
    lines = answer.out.splitlines()
    assert (answer.code, lines[1]) == (6, "web1, web2, db1  ok           up")
    assert lines[2] == ""
    assert lines[3].startswith("web3             unreachable  web3 cannot be reached")


def test_one_host_is_a_target_too(cli: Cli, fleet: House, sshd: list[Sshd]) -> None:
    """Then its answer is the output, as it is here."""
    answer = cli("-C", fleet.root, "tools", "call", "where", "--target", "db1")
    assert (answer.code, answer.out) == (0, f"port {sshd[2].port}\n")


def test_a_phase_on_many_hosts_is_shown_as_the_same_table(cli: Cli, fleet: House) -> None:
    """Where it happens, in the log, and under the phase; a later phase gives the output."""
    fleet.workflow(
        "all: {tool: same, target: 'group:hosts', fleet: {max_failures: 1}}\nlast: {tool: where, target: db1}"
    )
    answer = cli("-C", fleet.root, "run", "job")
    row = "    web1, web2, db1  ok           up\n"
    run = newest(cli, fleet)
    assert row in answer.err
    assert row in cli("-C", fleet.root, "runs", "logs", run).out
    shown = cli("-C", fleet.root, "runs", "show", run).out
    assert row in shown
    assert shown.index("✓ all") < shown.index(row) < shown.index("✓ last")


def test_a_person_sees_every_host_before_saying_yes(cli: Cli, fleet: House, tmp_path: Path) -> None:
    """And is asked once for all of them; again after a yes it is the same call on the same hosts."""
    settings = fleet.root / "runner.yaml"
    settings.write_text(settings.read_text().replace("action: allow", "action: ask"))
    left = tmp_path / "left"
    words = ("tools", "call", "leave", "-i", f"file={left}", "--target", "group:web")
    assert (cli("-C", fleet.root, *words).code, left.exists()) == (5, False)
    (asked,) = json.loads(cli("-C", fleet.root, "--json", "approve").out)
    assert asked["targets"] == ["web1", "web2"]
    assert cli("-C", fleet.root, "approve", asked["id"]).code == 0
    assert cli("-C", fleet.root, "runs", "resume", asked["run"]).code == 0
    assert left.exists()
    called = [event for event in _events(cli, fleet, asked["run"]) if event["type"] == "tool.called"]
    assert [event["target"] for event in called] == ["web1, web2"]


def test_agents_and_tools_say_where_they_act(cli: Cli, fleet: House) -> None:
    """Names of targets, of many the first; a tool that runs no command says so."""
    fleet.write("agents.d/ops.yaml", "description: D.\nprompt: P.\ntools: [where]\ntargets: [db1, 'group:web']\n")
    assert "  acts on      db1, web1, web2; the first, unless it says another\n" in _shown(cli, fleet, "agents", "ops")
    assert "  runs on      web1, web2, db1, web3\n" in _shown(cli, fleet, "tools", "afar")
    assert "  runs on      local, sandbox, web1, web2, db1 and 1 more\n" in _shown(cli, fleet, "tools", "where")
    assert "  runs on      here, whatever the target of its caller\n" in _shown(cli, fleet, "tools", "note")
    about = json.loads(cli("-C", fleet.root, "--json", "tools", "show", "afar").out)
    assert about["targets"] == ["web1", "web2", "db1", "web3"]


def _shown(cli: Cli, house: House, noun: str, name: str) -> str:
    return str(cli("-C", house.root, noun, "show", name).out)


def _events(cli: Cli, house: House, run: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cli("-C", house.root, "--json", "runs", "logs", run).out.splitlines()]


@pytest.mark.parametrize("wanted, near", [("web4", "web3"), ("group:wob", "group:web"), ("elsewhere", "group:gone")])
def test_a_target_that_is_not_there_is_answered_with_those_that_are(
    cli: Cli, fleet: House, wanted: str, near: str
) -> None:
    """Hosts and groups."""
    answer = cli("-C", fleet.root, "tools", "call", "same", "--target", wanted)
    assert (answer.code, near in answer.err) == (2, True)
