"""The system pack: services, against a systemctl that records its words and prints what systemd's does.

systemd is not always what a machine was started by, as in containers; there is then nothing real to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.std import staged
from tests.std.staged import Tools

STATUS = """Id=nginx.service
Description=A high performance web server and a reverse proxy server
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
Result=success
MainPID=812
ExecMainStatus=0
NRestarts=2
MemoryCurrent=13631488
TasksCurrent=18446744073709551615
StateChangeTimestamp=Sat 2026-11-21 08:00:12 UTC
"""


@pytest.fixture
def system(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("system")


@pytest.fixture
def systemctl(system: Tools, tmp_path: Path) -> Callable[..., Path]:
    """A systemctl that prints what is given; the file of its calls."""
    return lambda output, code=0: staged.program(system, tmp_path / "bin", "systemctl", output, code)


def test_services_that_failed_come_first(system: Tools, systemctl: Callable[..., Path]) -> None:
    """One that is only named by others is no service of the machine."""
    calls = systemctl(
        "cron.service     loaded    active   running Regular background program processing daemon\n"
        "auditd.service   not-found inactive dead    auditd.service\n"
        "backup.service   loaded    failed   failed  Nightly backup\n"
    )
    _, output = system.call("services_list", state="failed")
    assert (output["text"], output["failed"]) == ("2 services, 1 running, 1 failed", ["backup"])
    assert [row["name"] for row in output["rows"]] == ["backup", "cron"]
    assert calls.read_text().endswith("--no-legend --no-pager --state=failed\n")


def test_a_status_is_numbers_and_words(system: Tools, systemctl: Callable[..., Path]) -> None:
    """What systemd does not know is null."""
    systemctl(STATUS)
    _, output = system.call("service_status", name="nginx")
    assert output["text"] == "nginx.service is active (running) since Sat 2026-11-21 08:00:12 UTC"
    assert (output["running"], output["pid"], output["restarts"], output["memory_mib"]) == (True, 812, 2, 13)
    assert output["tasks"] is None


def test_a_service_that_is_not_there_leads_on(system: Tools, systemctl: Callable[..., Path]) -> None:
    """Systemd itself answers such a question with success."""
    systemctl(STATUS.replace("LoadState=loaded", "LoadState=not-found"))
    status, output = system.call("service_status", name="nginx")
    assert (status, output["hint"]) == ("failed", "services_list shows the names")


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "reload"])
def test_a_service_is_acted_on_by_name(system: Tools, systemctl: Callable[..., Path], verb: str) -> None:
    """It asks before, is not done twice after a crash, and the name is never an option."""
    calls = systemctl("")
    tool = system.tools[f"service_{verb}"]
    assert (tool.risk, tool.interrupted) == ("write", "ask")
    assert system.call(f"service_{verb}", name="getty@tty1.service")[0] == "ok"
    assert calls.read_text() == f"{verb} --no-ask-password -- getty@tty1.service\n"
    for name in ("--now", "reboot.target", "-.mount", "user.slice", "systemd-poweroff", "systemd-reboot.service"):
        with pytest.raises(ValueError, match="pattern"):
            system.call(f"service_{verb}", name=name)


def test_what_systemd_refuses_is_told_with_a_hint(system: Tools, systemctl: Callable[..., Path]) -> None:
    """In its own words."""
    systemctl("Failed to restart nginx.service: Access denied\n", code=4)
    status, output = system.call("service_restart", name="nginx")
    assert status == "failed"
    assert "Access denied" in output["text"]
    assert "root" in output["hint"]


def test_timers_say_when_they_run_next(system: Tools, systemctl: Callable[..., Path]) -> None:
    """One that never ran, and one that will not run again."""
    systemctl(
        "Sat 2026-11-21 15:09:00 UTC 9min left  Sat 2026-11-21 14:39:00 UTC 20min ago a.timer a.service\n"
        "Sun 2026-11-22 00:00:00 UTC 9h left    -                           -         b.timer b.service\n"
        "-                           -          Sat 2026-11-21 08:00:00 UTC 7h ago    c.timer c.service\n"
    )
    rows = system.call("timers_list")[1]["rows"]
    assert [(row["timer"], row["next"], row["last"]) for row in rows] == [
        ("a.timer", "Sat 2026-11-21 15:09:00 UTC", "Sat 2026-11-21 14:39:00 UTC"),
        ("b.timer", "Sun 2026-11-22 00:00:00 UTC", None),
        ("c.timer", None, "Sat 2026-11-21 08:00:00 UTC"),
    ]


def test_the_journal_is_entries_with_time_and_source(system: Tools, tmp_path: Path) -> None:
    """A message of several lines stays one entry; strangers may have written it."""
    text = (
        "-- Journal begins at Fri 2026-11-20. --\n"
        "2026-11-21T14:40:02+0000 web1 sshd[812]: Failed password for root from 203.0.113.9: retry\n"
        "                                        second line\n"
        "2026-11-21T14:40:03+0000 web1 kernel: eth0: link up\n"
    )
    calls = staged.program(system, tmp_path / "bin", "journalctl", text)
    _, output = system.call("journal_logs", unit="ssh", since="1 hour ago", lines=9000, priority="err")
    assert output["rows"] == [
        {
            "time": "2026-11-21T14:40:02+0000",
            "from": "sshd",
            "message": "Failed password for root from 203.0.113.9: retry\nsecond line",
        },
        {"time": "2026-11-21T14:40:03+0000", "from": "kernel", "message": "eth0: link up"},
    ]
    assert system.tools["journal_logs"].untrusted
    words = "--no-pager --quiet --output=short-iso --lines=500 --unit=ssh --since=1 hour ago --priority=err\n"
    assert calls.read_text() == words
