"""The system pack: users, packages and jobs."""

from __future__ import annotations

import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.std import staged
from tests.std.staged import Tools


@pytest.fixture
def system(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("system")


def test_who_is_logged_in_is_told_with_where_from(system: Tools, tmp_path: Path) -> None:
    """Here nobody may be; then as who prints it, of coreutils and of busybox."""
    assert system.call("users_logged_in")[0] == "ok"
    lines = "anna     pts/0        2026-11-21 14:02 (10.0.0.7)\nroot     tty1         2026-11-20 08:00\n"
    staged.program(system, tmp_path / "bin", "who", f"{lines}ben      pts/1        Nov 21 13:59 old  host.example\n")
    rows = system.call("users_logged_in")[1]["rows"]
    assert [(row["user"], row["terminal"], row["since"], row["from"]) for row in rows] == [
        ("anna", "pts/0", "2026-11-21 14:02", "10.0.0.7"),
        ("root", "tty1", "2026-11-20 08:00", ""),
        ("ben", "pts/1", "Nov 21 13:59", ""),
    ]


def test_accounts_are_those_of_the_machine(system: Tools) -> None:
    """With whether one can log in; no password is among the fields."""
    rows = {row["user"]: row for row in system.call("user_accounts")[1]["rows"]}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    assert set(rows) == set(known)
    assert (rows["root"]["uid"], rows["root"]["home"]) == (0, known["root"].pw_dir)
    assert rows["nobody"]["can_log_in"] is rows["nobody"]["is_person"] is False
    assert set(rows["root"]) == {"user", "uid", "name", "home", "shell", "can_log_in", "is_person"}


def test_jobs_of_cron_come_from_all_tables_and_without_variables(system: Tools, tmp_path: Path) -> None:
    """A variable may hold a password."""
    daily = tmp_path / "etc" / "cron.daily" / "backup"
    files = {
        "crontab": "# m h\nSHELL=/bin/sh\n17 *\t* * *\troot\tcd / && run-parts /etc/cron.hourly\n",
        "cron.d/app": "PASSWORD=hunter2\n*/5 2-4 * JAN mon app /usr/bin/app --tidy\n@reboot root /bin/start it\n",
        "cron.daily/backup": "#!/bin/sh\n",
        "cron.daily/.placeholder": "",
    }
    staged.folder(system, "scheduled_jobs", "/etc", files, tmp_path / "etc")
    daily.chmod(0o755)
    status, output = system.call("scheduled_jobs")
    assert status == "ok"
    assert [tuple(row.values()) for row in output["rows"] if row["from"] != "crontab"] == [
        ("/etc/crontab", "17 *\t* * *", "root", "cd / && run-parts /etc/cron.hourly"),
        ("/etc/cron.d/app", "*/5 2-4 * JAN mon", "app", "/usr/bin/app --tidy"),
        ("/etc/cron.d/app", "@reboot", "root", "/bin/start it"),
        ("/etc/cron.daily", "daily", "root", "/etc/cron.daily/backup"),
    ]
    assert "hunter2" not in str(output)


def test_a_users_own_jobs_are_told_too(system: Tools, tmp_path: Path) -> None:
    """Those have no user in their lines."""
    staged.program(system, tmp_path / "bin", "crontab", "# mine\n0 4 * * 1 /home/anna/report.sh weekly\n")
    rows = system.call("scheduled_jobs")[1]["rows"]
    own = {"from": "crontab", "when": "0 4 * * 1", "user": "", "command": "/home/anna/report.sh weekly"}
    assert own in rows


def test_an_installed_package_is_found_by_name_and_by_part(system: Tools) -> None:
    """With the version that dpkg says; none that fits is the answer no."""
    version = subprocess.run(["dpkg-query", "-W", "dpkg"], capture_output=True, text=True, check=True).stdout.split()[1]
    status, output = system.call("packages_installed", name="dpkg")
    assert (status, output["rows"][0]["version"], output["count"]) == ("ok", version, 1)
    assert "coreutils" in [row["name"] for row in system.call("packages_installed", name="core*")[1]["rows"]]
    status, output = system.call("packages_installed", name="no-such-package")
    assert (status, output["count"]) == ("no", 0)


def test_all_packages_are_counted_and_some_are_listed(system: Tools) -> None:
    """Two hundred at most."""
    _, output = system.call("packages_installed")
    assert output["count"] >= len(output["rows"]) > 50
    assert len(output["rows"]) <= 200


def test_a_package_shows_what_is_installed(system: Tools) -> None:
    """An unknown one leads on."""
    _, output = system.call("package_show", name="dpkg")
    assert output["installed"] == system.call("packages_installed", name="dpkg")[1]["rows"][0]["version"]
    status, output = system.call("package_show", name="no-such-package")
    assert (status, "packages_installed" in output["hint"]) == ("failed", True)


def test_updates_put_those_for_security_first(system: Tools, tmp_path: Path) -> None:
    """As many as apt lists here; then as it prints them."""
    status, output = system.call("package_updates")
    assert (status, output["count"] >= output["security_count"]) == ("ok", True)
    text = (
        "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\nListing...\n"
        "curl/oldstable 7.88.1-10+deb12u15 amd64 [upgradable from: 7.88.1-10+deb12u14]\n"
        "apt/oldstable-security 2.6.2 amd64 [upgradable from: 2.6.1]\n"
    )
    staged.program(system, tmp_path / "bin", "apt", text)
    _, output = system.call("package_updates")
    assert [tuple(row.values()) for row in output["rows"]] == [
        ("apt", "2.6.1", "2.6.2", True),
        ("curl", "7.88.1-10+deb12u14", "7.88.1-10+deb12u15", False),
    ]
