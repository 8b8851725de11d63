"""The system pack: users, packages and the jobs of cron, as fields."""

from __future__ import annotations

import re
from typing import Any

from runner.tools.context import ToolFailed

_SHOWN = 200
"""Packages and jobs that are listed; the counts are of all."""
_PEOPLE = 1000
"""The first number of a person's account on Linux."""
_NOBODY = 65_534


def logged_in(text: str, exit: int) -> dict[str, Any]:
    """What `who` prints: user, terminal, time, and where from in brackets."""
    form = r"^(\S+) +(\S+) +(\d{4}-\d\d-\d\d \d\d:\d\d|\w{3} +\d+ \d\d:\d\d)(?:.*\((.*)\))?.*$"
    found = re.findall(form, text, re.MULTILINE)
    rows = [{"user": user, "terminal": terminal, "since": since, "from": come} for user, terminal, since, come in found]
    return {"text": f"{len(rows)} logged in", "rows": rows}


def accounts(text: str, exit: int) -> dict[str, Any]:
    """The lines of passwd: those who can log in first, people before services."""
    rows: list[dict[str, Any]] = []
    for line in text.splitlines():
        if len(fields := line.split(":")) == 7:  # noqa: PLR2004 - as passwd(5) has them
            user, _, uid, _, name, home, shell = fields
            can_log_in = shell.rpartition("/")[2] not in {"nologin", "false", "sync", "shutdown", "halt"}
            row = {"user": user, "uid": int(uid), "name": name.rstrip(","), "home": home, "shell": shell}
            rows.append(row | {"can_log_in": can_log_in, "is_person": _PEOPLE <= int(uid) < _NOBODY})
    rows.sort(key=lambda row: (not row["is_person"], not row["can_log_in"], row["uid"]))
    return {"text": f"{sum(row['can_log_in'] for row in rows)} of {len(rows)} accounts can log in", "rows": rows}


_TIMES = r"(@\w+|(?:[\d*/,\-A-Za-z]+\s+){4}[\d*/,\-A-Za-z]+)"
_OWN_JOB = re.compile(rf"^crontab -l: +{_TIMES}\s+(.+)$")
_MACHINE_JOB = re.compile(rf"^(/etc/\S+): +{_TIMES}\s+(\S+)\s+(.+)$")
_FOLDER_JOB = re.compile(r"^(hourly|daily|weekly|monthly): (/.+)$")


def jobs(text: str, exit: int) -> dict[str, Any]:
    """Lines with their table before them; comments and variables, which may hold passwords, are left out."""
    rows = [row for line in text.splitlines() if (row := _job(line))]
    return {"text": f"{len(rows)} jobs", "rows": rows[:_SHOWN], "count": len(rows)}


def packages(text: str, exit: int) -> dict[str, Any]:
    """The lines of `dpkg-query --list`, of what is installed; exit 1 is that nothing fits."""
    found = re.findall(r"^[iruph]i +(\S+) +(\S+) +(\S+) +(.*)$", text, re.MULTILINE)
    if exit and "no packages found" not in text:
        raise ToolFailed(text.strip())
    rows = [{"name": name, "version": version, "summary": what} for name, version, _, what in found]
    return {"text": f"{len(rows)} packages", "rows": rows[:_SHOWN], "count": len(rows)}


def package(text: str, exit: int) -> dict[str, Any]:
    """The head of `apt-cache policy`."""
    found = dict(re.findall(r"^  (Installed|Candidate): (.+)$", text, re.MULTILINE))
    if not found:
        raise ToolFailed("no package of that name is known", hint="packages_installed finds names, with * for a part")
    installed, candidate = (
        None if found.get(key) == "(none)" else found.get(key) for key in ("Installed", "Candidate")
    )
    return {
        "text": f"installed: {installed or 'not'}; candidate: {candidate or 'none'}",
        "installed": installed,
        "candidate": candidate,
        "can_be_upgraded": bool(installed and candidate and installed != candidate),
    }


def updates(text: str, exit: int) -> dict[str, Any]:
    """`name/archive version architecture [upgradable from: version]` a line."""
    found = re.findall(r"^([^\s/]+)/(\S+) (\S+) \S+ \[upgradable from: (.+?)\]$", text, re.MULTILINE)
    rows = [
        {"name": name, "installed": old, "candidate": new, "security": "security" in of} for name, of, new, old in found
    ]
    rows.sort(key=lambda row: not row["security"])
    security = sum(bool(row["security"]) for row in rows)
    said = f"{len(rows)} packages have a newer version, {security} of them for security"
    return {"text": said, "rows": rows[:_SHOWN], "count": len(rows), "security_count": security}


def _job(line: str) -> dict[str, str] | None:
    if own := _OWN_JOB.match(line):
        return {"from": "crontab", "when": own[1], "user": "", "command": own[2]}
    if of_machine := _MACHINE_JOB.match(line):
        return {"from": of_machine[1], "when": of_machine[2], "user": of_machine[3], "command": of_machine[4]}
    if in_folder := _FOLDER_JOB.match(line):
        return {"from": f"/etc/cron.{in_folder[1]}", "when": in_folder[1], "user": "root", "command": in_folder[2]}
    return None
