"""The system pack: services, timers and journal of systemd, as fields."""

from __future__ import annotations

import re
from typing import Any

from runner.tools.context import ToolFailed

_SHOWN = 150
"""Services that are listed; the counts are of all."""
_UNSET = 2**64 - 1
"""What systemd writes for a number that it does not know."""
_NAME = r"\S+\.\w+"
_DATE = re.compile(r"\w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: [A-Z+\-]\S*)?")
_ENTRY = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d) \S+ (.+?)(?:\[(\d+)\])?: (.*)$")


def services(text: str, exit: int) -> dict[str, Any]:
    """The lines of `list-units --plain`, those that failed first."""
    found = re.findall(rf"^({_NAME}) +(\S+) +(\S+) +(\S+) +(.*)$", text, re.MULTILINE)
    rows = [
        {"name": name.removesuffix(".service"), "active": active, "state": state, "description": what}
        for name, load, active, state, what in found
        if load != "not-found"
    ]
    rows.sort(key=lambda row: row["active"] != "failed")
    failed = [row["name"] for row in rows if row["active"] == "failed"]
    said = f"{len(rows)} services, {sum(row['state'] == 'running' for row in rows)} running, {len(failed)} failed"
    return {"text": said, "rows": rows[:_SHOWN], "count": len(rows), "failed": failed}


def status(text: str, exit: int) -> dict[str, Any]:
    """The properties of `systemctl show`."""
    found = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    if "ActiveState" not in found:
        raise ToolFailed(text.strip() or "systemctl said nothing of it")
    if found.get("LoadState") == "not-found":
        raise ToolFailed(f"there is no service {found.get('Id', '')}", hint="services_list shows the names")
    memory = _count(found, "MemoryCurrent")
    return {
        "text": f"{found['Id']} is {found['ActiveState']} ({found['SubState']}) since {found['StateChangeTimestamp']}",
        "name": found["Id"].removesuffix(".service"),
        "description": found["Description"],
        "active": found["ActiveState"],
        "state": found["SubState"],
        "running": found["SubState"] == "running",
        "starts_at_boot": found["UnitFileState"],
        "since": found["StateChangeTimestamp"],
        "result": found["Result"],
        "exit_status": _count(found, "ExecMainStatus"),
        "pid": _count(found, "MainPID") or None,
        "restarts": _count(found, "NRestarts"),
        "memory_mib": None if memory is None else memory // 1024**2,
        "tasks": _count(found, "TasksCurrent"),
    }


def timers(text: str, exit: int) -> dict[str, Any]:
    """The lines of `list-timers`: next time, what is left, last time, what has passed, timer, what it starts."""
    rows = []
    for line in text.splitlines():
        if len(words := line.split()) > 1 and words[-2].endswith(".timer"):
            dates = _DATE.findall(line)
            following = dates.pop(0) if _DATE.match(line) else None
            last = dates[0] if dates else None
            rows.append({"timer": words[-2], "starts": words[-1], "next": following, "last": last})
    return {"text": f"{len(rows)} timers", "rows": rows}


def journal(text: str, exit: int) -> dict[str, Any]:
    """Lines of `--output=short-iso`; a line of another form goes on with the message before it."""
    rows: list[dict[str, Any]] = []
    for line in text.splitlines():
        if found := _ENTRY.match(line):
            rows.append({"time": found[1], "from": found[2], "message": found[4]})
        elif rows and not line.startswith("-- "):
            rows[-1]["message"] += f"\n{line.strip()}"
    return {"text": f"{len(rows)} entries", "rows": rows}


def _count(found: dict[str, str], name: str) -> int | None:
    number = found.get(name, "")
    return int(number) if number.isdigit() and int(number) != _UNSET else None
