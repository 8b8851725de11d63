"""The system pack: files of hosts, as fields."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from runner.tools.context import ToolFailed

_SHOWN = 200
_LINE = 300
"""Characters of a line that are shown."""
_KINDS = {"-": "file", "d": "folder", "l": "link", "c": "device", "b": "device", "p": "pipe", "s": "socket"}
_ENTRY = re.compile(
    r"^([-dlcbps])([-rwxsStT]{9})\S? +\d+ +(\S+) +(\S+) +(?:(\d+)|\d+, +\d+) +([\d-]+) ([\d:]+)\S* (\S+) (.+)$",
    re.MULTILINE,
)
"""A line of `ls -l --full-time`, of coreutils and of busybox; a device has two numbers in place of a size."""
_FAULT = re.compile(r"^(?:find|grep|du): (.*)$", re.MULTILINE)


def folder(text: str, exit: int) -> dict[str, Any]:
    """Names with what ls says of each."""
    rows = []
    for kind, mode, user, group, size, day, time, zone, said in _ENTRY.findall(text):
        name, _, target = said.partition(" -> ") if kind == "l" else (said, "", "")
        row = {"name": name, "kind": _KINDS[kind], "bytes": int(size or 0), "user": user, "group": group}
        rows.append(
            row | {"mode": mode, "changed": f"{day}T{time[:8]}{zone}"} | ({"leads_to": target} if target else {})
        )
    return {"text": f"{len(rows)} entries", "rows": rows[:_SHOWN], "count": len(rows)}


def found(text: str, exit: int) -> dict[str, Any]:
    """Paths, one a line; folders that may not be read are counted."""
    lines = text.splitlines()
    paths = [line for line in lines if line.startswith("/")]
    unreadable = _unreadable(text, exit, something=bool(paths))
    return {"text": f"{len(paths)} found", "paths": paths[:_SHOWN], "count": len(paths), "unreadable": unreadable}


def lines(text: str, exit: int) -> dict[str, Any]:
    """`path:line:text` a line; files that may not be read are counted."""
    matches = re.findall(r"^(/[^\n]*?):(\d+):(.*)$", text, re.MULTILINE)
    unreadable = _unreadable(text, exit - 1, something=bool(matches))
    rows = [
        {"path": path, "line": int(number), "text": said.strip()[:_LINE]} for path, number, said in matches[:_SHOWN]
    ]
    return {"text": f"{len(matches)} lines", "rows": rows, "count": len(matches), "unreadable": unreadable}


def info(text: str, exit: int) -> dict[str, Any]:
    """The fields of `stat -c '%F|%s|%U|%G|%a|%Y|%N'`."""
    kind, size, user, group, mode, seconds, name = text.rstrip("\n").split("|", 6)
    changed = datetime.fromtimestamp(int(seconds), UTC).isoformat()
    return {
        "text": f"{kind} of {size} bytes, changed {changed}",
        "kind": kind,
        "bytes": int(size),
        "user": user,
        "group": group,
        "mode": mode,
        "changed": changed,
        "name": name,
    }


def sizes(text: str, exit: int) -> dict[str, Any]:
    """`KiB path` a line, the folder itself last; the largest first."""
    rows = [
        {"path": path, "mib": round(int(kib) / 1024, 1)}
        for kib, path in re.findall(r"^(\d+)\t(/.*)$", text, re.MULTILINE)
    ]
    unreadable = _unreadable(text, exit, something=bool(rows))
    total = rows.pop()
    rows.sort(key=lambda row: -float(row["mib"]))
    said = f"{total['mib']} MiB in {total['path']}"
    return {"text": said, "total_mib": total["mib"], "rows": rows[:_SHOWN], "unreadable": unreadable}


def _unreadable(text: str, exit: int, *, something: bool) -> int:
    """How many faults the program told of; one that found nothing else failed."""
    faults: list[str] = _FAULT.findall(text)
    if exit > 0 and not something:
        raise ToolFailed(faults[0] if faults else text.strip())
    return len(faults)
