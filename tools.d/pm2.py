"""The pm2 pack: the applications of PM2, and what they wrote, as fields.

Each function takes the output of one command, as it came, and its exit code; `text` is a French sentence where the
fields hold all that the output said.
"""

from __future__ import annotations

import json
import re
from typing import Any

from runner.tools.context import ToolFailed

_MIB = 1024**2
_SECTION = re.compile(r"^(/\S+\.log) last \d+ lines:$", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ONLINE = "online"


def listed(text: str, exit: int) -> dict[str, Any]:
    """Each application with what it does now."""
    rows = _rows(text)
    online = sum(row["status"] == _ONLINE for row in rows)
    said = f"{_applications(rows)}, {online} en ligne" if rows else "PM2 ne fait tourner aucune application"
    return {"text": said, "rows": rows, "count": len(rows), "online": online}


def shown(text: str, exit: int) -> dict[str, Any]:
    """The one application that was asked for; of several instances the first."""
    said = _said(text)
    if not said["apps"]:
        raise ToolFailed("PM2 ne connaît pas cette application", hint="pm2_list montre les noms")
    app, row = said["apps"][0], _rows(text)[0]
    return row | {
        "text": f"{row['name']} : {row['status']}, {row['restarts']} redémarrages",
        "instances": len(said["apps"]),
        "unstable_restarts": app.get("unstable_restarts"),
        "exit_code": app.get("exit_code"),
        "namespace": app.get("namespace"),
        "version": app.get("version"),
        "interpreter": app.get("exec_interpreter"),
        "node_version": app.get("node_version"),
        "script": app.get("pm_exec_path"),
        "folder": app.get("pm_cwd"),
        "output_log": app.get("pm_out_log_path"),
        "error_log": app.get("pm_err_log_path"),
    }


def monitored(text: str, exit: int) -> dict[str, Any]:
    """What all use together, and each, those that use most first."""
    rows = sorted(_rows(text), key=lambda row: (-row["cpu_percent"], -row["memory_mib"]))
    cpu, memory = round(sum(row["cpu_percent"] for row in rows), 1), round(sum(row["memory_mib"] for row in rows), 1)
    kept = ("name", "id", "status", "cpu_percent", "memory_mib", "restarts")
    return {
        "text": f"{_applications(rows)}, {cpu} % de processeur, {memory} Mio",
        "cpu_percent": cpu,
        "memory_mib": memory,
        "down": [row["name"] for row in rows if row["status"] != _ONLINE],
        "rows": [{key: row[key] for key in kept} for row in rows],
    }


def logs(text: str, exit: int) -> dict[str, Any]:
    """What stands in each log file, outputs and errors apart."""
    parts = _SECTION.split(_COLOURS.sub("", text))
    rows = [
        {
            "file": file,
            "errors": file.removesuffix(".log").rstrip("-0123456789").endswith("error"),
            "text": said.strip(),
        }
        for file, said in zip(parts[1::2], parts[2::2], strict=True)
        if said.strip()
    ]
    said = "\n\n".join(f"{row['file']}\n{row['text']}" for row in rows)
    return {"text": said or "aucune ligne", "rows": rows}


def done(text: str, exit: int) -> dict[str, Any]:
    """PM2's own words without its table."""
    lines = [line.removeprefix("[PM2] ") for line in _COLOURS.sub("", text).splitlines() if line.startswith("[PM2] ")]
    return {"text": "\n".join(lines)}


def _applications(rows: list[dict[str, Any]]) -> str:
    return f"{len(rows)} application{'s' if len(rows) > 1 else ''}"


def _said(text: str) -> dict[str, Any]:
    """The last line, as PM2 may say other things before."""
    try:
        found: dict[str, Any] = json.loads(text.strip().rpartition("\n")[2])
    except ValueError:
        raise ToolFailed(f"PM2 n'a pas répondu par une liste : {text.strip()[-500:]}") from None
    return found


def _rows(text: str) -> list[dict[str, Any]]:
    said = _said(text)
    return [_row(app, said.get("now", 0)) for app in said["apps"]]


def _row(app: dict[str, Any], now: int) -> dict[str, Any]:
    status = app.get("status") or "unknown"
    seconds = (now - (app.get("pm_uptime") or now)) // 1000
    return {
        "id": app["id"],
        "name": app["name"],
        "status": status,
        "cpu_percent": app.get("cpu") or 0,
        "memory_mib": round((app.get("memory") or 0) / _MIB, 1),
        "restarts": app.get("restart_time") or 0,
        "up_seconds": max(seconds, 0) if status == _ONLINE else None,
        "mode": (app.get("exec_mode") or "").removesuffix("_mode"),
        "pid": app.get("pid") or None,
        "user": app.get("username") or "",
    }
