"""The docker pack: what docker's own program prints as JSON, as fields.

Each function takes the output of one command, as it came, and its exit code; `text` is a French sentence where the
fields hold all that the output said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from runner.tools.context import ToolFailed

_NEVER = "0001-01-01T00:00:00Z"
_NO_SUCH_COMMAND = 125
"""How docker ends that takes the options of a command it does not know for its own."""
_WARNINGS = ("WARNING: ", "time=")

Parse = Callable[[str, int], dict[str, Any]]


def _of_docker(parse: Parse) -> Parse:
    """Say that it was not docker which answered, where the answer has another form."""

    @wraps(parse)
    def parsed(text: str, exit: int) -> dict[str, Any]:
        try:
            return parse(text, exit)
        except (KeyError, TypeError, ValueError):
            message = f"docker n'a pas répondu comme Docker : {text.strip()[-500:]}"
            hint = "un autre programme répond peut-être au nom de docker (podman-docker)"
            raise ToolFailed(message, hint=hint) from None

    return parsed


@_of_docker
def containers(text: str, exit: int) -> dict[str, Any]:
    """The objects that the command's format asks for, one a line; those that run first."""
    rows = _lines(text)
    rows.sort(key=lambda row: row["state"] != "running")
    running = sum(row["state"] == "running" for row in rows)
    said = f"{_count(rows, 'conteneur')}, {running} en marche" if rows else "aucun conteneur"
    return {"text": said, "rows": rows, "count": len(rows), "running": running}


@_of_docker
def images(text: str, exit: int) -> dict[str, Any]:
    """One JSON object a line."""
    rows = [
        {"name": f"{one['Repository']}:{one['Tag']}", "size": one["Size"], "age": one["CreatedSince"], "id": one["ID"]}
        for one in _lines(text)
    ]
    return {"text": _count(rows, "image") if rows else "aucune image", "rows": rows, "count": len(rows)}


@_of_docker
def stats(text: str, exit: int) -> dict[str, Any]:
    """One JSON object a line; those that use most of the processor first."""
    rows = [
        {
            "name": one["Name"],
            "cpu_percent": _percent(one["CPUPerc"]),
            "memory_percent": _percent(one["MemPerc"]),
            "memory": one["MemUsage"],
            "network": one["NetIO"],
            "disk": one["BlockIO"],
            "processes": int(one["PIDs"]) if one["PIDs"].isdigit() else 0,
        }
        for one in _lines(text)
    ]
    rows.sort(key=lambda row: -row["cpu_percent"])
    return {"text": _count(rows, "conteneur") if rows else "aucun conteneur ne tourne", "rows": rows}


@_of_docker
def inspected(text: str, exit: int) -> dict[str, Any]:
    """The one object that the command's format asks for."""
    (found,) = _lines(text)
    state, name = found["state"], found["name"].removeprefix("/")
    health = (state.get("Health") or {}).get("Status", "")
    return {
        "text": f"{name} : {state['Status']}" + (f", santé {health}" if health else ""),
        "name": name,
        "image": found["image"],
        "state": state["Status"],
        "health": health,
        "exit_code": state["ExitCode"],
        "error": state["Error"],
        "out_of_memory": state["OOMKilled"],
        "started": _time(state["StartedAt"]),
        "finished": _time(state["FinishedAt"]),
        "created": found["created"],
        "restarts": found["restarts"],
        "restart_policy": found["policy"]["Name"],
        "mounts": [
            {"from": one.get("Name") or one.get("Source", ""), "to": one["Destination"], "writable": one["RW"]}
            for one in found["mounts"] or []
        ],
        "networks": {name: one.get("IPAddress", "") for name, one in (found["networks"] or {}).items()},
        "ports": {
            inside: [_address(one) for one in outside or []] for inside, outside in (found["ports"] or {}).items()
        },
    }


@_of_docker
def disk(text: str, exit: int) -> dict[str, Any]:
    """One JSON object a line, for each kind of thing."""
    rows = [
        {
            "kind": one["Type"],
            "count": int(one["TotalCount"]),
            "active": int(one["Active"]),
            "size": one["Size"],
            "reclaimable": one["Reclaimable"],
        }
        for one in _lines(text)
    ]
    return {"text": ", ".join(f"{row['kind']} {row['size']}" for row in rows), "rows": rows}


@_of_docker
def networks(text: str, exit: int) -> dict[str, Any]:
    """One JSON object a line."""
    rows = [{"name": one["Name"], "driver": one["Driver"], "scope": one["Scope"]} for one in _lines(text)]
    return {"text": _count(rows, "réseau", "x"), "rows": rows}


@_of_docker
def volumes(text: str, exit: int) -> dict[str, Any]:
    """One JSON object a line."""
    rows = [{"name": one["Name"], "driver": one["Driver"]} for one in _lines(text)]
    return {"text": _count(rows, "volume") if rows else "aucun volume", "rows": rows}


@_of_docker
def projects(text: str, exit: int) -> dict[str, Any]:
    """One list of all projects."""
    if exit == _NO_SUCH_COMMAND:
        raise ToolFailed("docker n'a pas la commande compose")
    rows = [
        {"name": one["Name"], "status": one["Status"], "files": one["ConfigFiles"].split(",")}
        for one in json.loads("".join(_said(text)))
    ]
    return {"text": _count(rows, "projet") if rows else "aucun projet", "rows": rows}


def done(text: str, exit: int) -> dict[str, Any]:
    """Docker says the name of what it acted on."""
    name = "".join(_said(text)).strip()
    return {"text": name, "name": name}


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _said(text)]


def _said(text: str) -> list[str]:
    """The lines without what docker warns of: its settings, or what it does not like of the machine."""
    return [line for line in text.splitlines() if line.strip() and not line.startswith(_WARNINGS)]


def _address(port: dict[str, str]) -> str:
    host = port["HostIp"]
    return f"[{host}]:{port['HostPort']}" if ":" in host else f"{host}:{port['HostPort']}"


def _count(rows: list[dict[str, Any]], word: str, many: str = "s") -> str:
    return f"{len(rows)} {word}{many if len(rows) > 1 else ''}"


def _percent(text: str) -> float:
    number = text.rstrip("%")
    return float(number) if number.replace(".", "", 1).isdigit() else 0.0


def _time(text: str) -> str | None:
    return None if text == _NEVER else text
