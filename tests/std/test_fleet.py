"""The workflows observe and fleet-repair as they ship, on hosts over SSH, where `systemctl` is one of the tests.

systemd is not always what a machine was started by, as in containers; there is then nothing real to ask.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine import Start
from tests.engine.acting import fault
from tests.engine.house import House, Told
from tests.sshd import free_ports, host_keys, sshd

if TYPE_CHECKING:
    from tests.sshd import Sshd

__all__ = ["sshd"]

ROOT = Path(__file__).resolve().parents[2]
SYSTEMCTL = """#!/bin/sh
state="{folder}/${{SSH_CONNECTION##* }}"
echo "$*" >> "$state.calls"
case "$1" in
  show)
    active=$(cat "$state")
    cat <<END
Id=nginx.service
Description=A server
LoadState=loaded
ActiveState=$active
SubState=$active
UnitFileState=enabled
Result=success
StateChangeTimestamp=Sat 2026-11-21 08:00:12 UTC
END
    ;;
  restart) [ -e "$state.broken" ] || echo active > "$state" ;;
  list-units)
    if [ "$(cat "$state")" = failed ]; then echo "nginx.service loaded failed failed A server"; fi ;;
esac
"""


class Fleet(House):
    """Three hosts with a service each, and one that is down."""

    def __init__(self, root: Path, servers: list[Sshd]) -> None:
        super().__init__(root)
        self.machines = root / "machines"
        self.machines.mkdir()
        self.ports = {name: one.port for name, one in zip(("web1", "web2", "db1"), servers, strict=True)}
        self.ports["gone"] = free_ports(1)[0]
        rows = (
            f"  {name}: {{address: 127.0.0.1, port: {port}, user: {servers[0].user}, key: {servers[0].key}}}"
            for name, port in self.ports.items()
        )
        self.write("runner.yaml", "use: [std/observe, std/fleet-repair]\nhosts:\n")
        with (root / "runner.yaml").open("a") as file:
            file.write("\n".join(rows) + "\n")
        for name in ("tools.d/test.yaml", "tools.d/test.py", "agents.d/helper.yaml"):
            (root / name).unlink()
        host_keys(root, servers)
        self._stage_systemctl()

    def _stage_systemctl(self) -> None:
        """The pack as it ships, but for one folder more in which its programs are looked for."""
        program = self.write("machines/systemctl", SYSTEMCTL.format(folder=self.machines))
        program.chmod(0o755)
        shipped = (ROOT / "tools.d" / "system.yaml").read_text()
        self.write("tools.d/system.yaml", shipped.replace("PATH: /", f"PATH: {self.machines}:/", 1))
        for module in (ROOT / "tools.d").glob("system*.py"):
            (self.root / "tools.d" / module.name).write_text(module.read_text())

    def service(self, host: str, state: str, *, stays: bool = False) -> None:
        """How the service of a host is; one that stays is not mended by a restart."""
        self.write(f"machines/{self.ports[host]}", f"{state}\n")
        if stays:
            self.write(f"machines/{self.ports[host]}.broken", "")

    def restarts(self, host: str) -> int:
        """How often the service of a host was restarted."""
        calls = self.machines / f"{self.ports[host]}.calls"
        return sum(line.startswith("restart ") for line in calls.read_text().splitlines()) if calls.exists() else 0

    async def repaired(self, answers: dict[str, str], hosts: list[str]) -> Told:
        """A run of fleet-repair in which questions about a host are answered so."""
        async with self.engine() as engine:
            run = await engine.submit(Start("fleet-repair", {"hosts": hosts, "service": "nginx"}, by="tester"))
            while (await engine.settled(run)).status != "ended":
                for question in engine.store.approvals(run=run):
                    host = question.show.rpartition(" ")[2]
                    await engine.decide(question.id, answers[host], by="ada")  # type: ignore[arg-type]  # yes or no
            return Told(engine.store.events(run))


@pytest.fixture
def fleet(tmp_path: Path, sshd: list[Sshd]) -> Fleet:
    """Three hosts whose service is well, and one that is down."""
    made = Fleet(tmp_path, sshd)
    for name in ("web1", "web2", "db1"):
        made.service(name, "active")
    return made


def rows(told: Told) -> dict[str, dict[str, Any]]:
    """What the table says of each host."""
    return {row["host"]: row for row in told.record("rows/1").output["values"]}


def test_a_service_that_does_not_run_is_restarted_where_a_person_agrees(fleet: Fleet) -> None:
    """Each host is told apart: well, repaired, refused, out of reach; the question shows the host."""
    fleet.service("web2", "failed")
    fleet.service("db1", "failed")
    told = asyncio.run(fleet.repaired({"web2": "approve", "db1": "deny"}, ["web1", "web2", "db1", "gone"]))
    states = {host: row["state"] for host, row in rows(told).items()}
    assert states == {"web1": "ok", "web2": "repaired", "db1": "refused", "gone": "unreachable"}
    assert [fleet.restarts(host) for host in ("web1", "web2", "db1")] == [0, 1, 0]
    assert sorted(event.show.splitlines()[-1] for event in told.of("approval.asked")) == ["on db1", "on web2"]
    assert told.end.verdict == "fail"
    assert told.end.output["text"].startswith("| host | service | state | restarts | said |\n")


def test_a_host_that_nobody_knows_is_told_from_one_out_of_reach(fleet: Fleet) -> None:
    """A slip of the pen is no outage: the table and the alert have a word of their own for it."""
    repaired = asyncio.run(fleet.repaired({}, ["gone", "wbe1"]))
    assert {host: row["state"] for host, row in rows(repaired).items()} == {"gone": "unreachable", "wbe1": "unknown"}
    fleet.write("workflows/watch.yaml", WATCH.replace("gone]", "gone, wbe1]"))
    standing, told = asyncio.run(after_hours(fleet, 1))
    table = {row["host"]: row for row in told.record("look/1/rows/1").output["values"]}
    assert (table["gone"]["state"], table["wbe1"]["state"]) == ("unreachable", "unknown")
    assert table["wbe1"]["why"] == "there is no target 'wbe1'"
    assert {one: standing.get((one, "wbe1")) for one in ("unknown", "unreachable")} == {
        "unknown": ("firing", 1),
        "unreachable": None,
    }
    assert standing[("unreachable", "gone")] == ("firing", 1)


def test_what_a_restart_does_not_mend_is_tried_twice(fleet: Fleet) -> None:
    """And then told, so that a person looks."""
    fleet.service("db1", "failed", stays=True)
    told = asyncio.run(fleet.repaired({"db1": "approve"}, ["db1"]))
    assert (rows(told)["db1"]["state"], rows(told)["db1"]["restarts"], fleet.restarts("db1")) == ("not repaired", 2, 2)


def test_a_fleet_that_is_well_passes_unasked(fleet: Fleet) -> None:
    """Nobody is asked, and nothing is changed."""
    told = asyncio.run(fleet.repaired({}, ["web1", "web2"]))
    assert (told.end.verdict, told.of("approval.asked")) == ("pass", [])


WATCH = """
description: Watches our machines.
triggers: [{every: 1h, inputs: {hosts: [web1, web2, gone]}}]
inputs: {hosts: [str]}
phases:
  look: {workflow: observe, with: {hosts: "{{ inputs.hosts }}", cpu: 1000, memory: 0, disk: 1000}}
"""


async def after_hours(fleet: Fleet, count: int) -> tuple[dict[tuple[str, str], tuple[str, int]], Told]:
    """What the last of so many runs that the clock began tells."""
    now = [1_700_000_000.0 // 3600 * 3600]
    async with fleet.engine(clock=lambda: now[0]) as engine:
        await engine.triggers.look(print)
        for _ in range(count):
            now[0] += 3600
            await engine.triggers.look(print)
            (row,) = engine.store.runs(limit=1)
            await engine.settled(row.id)
        standing = {(one.alert, one.about): (one.state, one.count) for one in engine.store.alerts()}
        return standing, Told(engine.store.events(row.id))


def test_a_fleet_is_watched_by_the_clock(fleet: Fleet) -> None:
    """One table; alerts of each host; what is out of reach is told apart, and does not end the run."""
    fleet.write("workflows/watch.yaml", WATCH)
    fleet.service("web2", "failed")
    standing, told = asyncio.run(after_hours(fleet, 3))
    assert standing == {
        ("unreachable", "gone"): ("firing", 3),
        ("services", "web2"): ("firing", 3),
        ("memory", "web1"): ("firing", 3),
        ("memory", "web2"): ("firing", 3),
    }
    table = {row["host"]: row for row in told.record("look/1/rows/1").output["values"]}
    assert [table[name]["state"] for name in ("web1", "web2", "gone")] == ["ok", "ok", "unreachable"]
    assert table["web2"]["failed_services"] == "nginx"
    assert 0 <= table["web1"]["cpu"] <= 100
    assert told.end.verdict == "pass"
    assert told.end.output["text"].count("\n") == 4


def test_watching_calls_nothing_that_changes_anything(fleet: Fleet) -> None:
    """Whatever the project allows, and also below a workflow that allows it."""
    calm = (ROOT / "workflows" / "observe-host.yaml").read_text()
    stop = "parallel:\n      stop: {tool: service_stop, with: {name: nginx}, target: '{{ inputs.host }}'}"
    fleet.write("workflows/observe-host.yaml", calm.replace("parallel:", stop))
    with (fleet.root / "runner.yaml").open("a") as file:
        file.write("permissions: [{tool: '*', action: allow}]\n")
    told = asyncio.run(fleet.run("observe", hosts=["web1"]))
    assert fault(told.record("each/1/0/look/1/stop")).match == "policy"
    calls = (fleet.machines / f"{fleet.ports['web1']}.calls").read_text().splitlines()
    assert [line.split()[0] for line in calls] == ["list-units"]
    assert {event.risk for event in told.of("tool.called")} == {"read"}
