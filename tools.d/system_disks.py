"""The system pack: file systems and disks, as fields."""

from __future__ import annotations

import json
import re
from typing import Any

from runner.tools.context import ToolFailed

_GIB = 1024**3
_LINE = re.compile(r"^(\S.*?) +(\S+) +(\d+) +(-?\d+) +(-?\d+) +(\d+|-)%? +(/.*)$", re.MULTILINE)
"""A line of `df -PT`, of space or of inodes; a network's file system may have blanks in its name."""
_NOT_DISKS = {"tmpfs", "devtmpfs", "squashfs", "efivarfs", "ramfs", "cgroup", "cgroup2", "devpts", "mqueue", "overlay"}
"""File systems without a disk of their own, which are left out of a list unless they are all there is."""
_OF_THE_KERNEL = {"proc", "sysfs", "securityfs", "debugfs", "tracefs", "bpf", "pstore", "configfs", "fusectl", "autofs"}
_MOST = 60
"""Mounts that are listed."""


def usage(text: str, exit: int) -> dict[str, Any]:
    """What `df -PTk` prints, the fullest first."""
    rows = [
        {
            "mount": mount,
            "used_percent": _number(percent),
            "available_gib": _gib(int(available) * 1024),
            "size_gib": _gib(int(size) * 1024),
            "used_gib": _gib(int(used) * 1024),
            "type": kind,
            "filesystem": name,
        }
        for name, kind, size, used, available, percent, mount in _file_systems(text)
    ]
    return _sorted(rows)


def inodes(text: str, exit: int) -> dict[str, Any]:
    """What `df -PTi` prints, the fullest first; file systems that count no inodes are left out."""
    rows = [
        {"mount": mount, "used_percent": _number(percent), "free": int(free), "total": int(total), "type": kind}
        for _, kind, total, _, free, percent, mount in _file_systems(text)
        if total != "0"
    ]
    return _sorted(rows)


def devices(text: str, exit: int) -> dict[str, Any]:
    """What `lsblk --json --bytes` prints: each device, those on it right behind it."""
    rows: list[dict[str, Any]] = []
    _flatten(json.loads(text)["blockdevices"], "", rows)
    return {"text": f"{sum(row['type'] == 'disk' for row in rows)} disks", "rows": rows}


def mounts(text: str, exit: int) -> dict[str, Any]:
    """The lines of /proc/mounts without those of the kernel's own."""
    rows = []
    for line in text.splitlines():
        device, mount, kind, options = map(_unescaped, line.split(" ")[:4])
        if kind not in _OF_THE_KERNEL | _NOT_DISKS - {"overlay", "tmpfs"}:
            row = {"mount": mount, "device": device, "type": kind, "read_only": options.split(",")[0] == "ro"}
            rows.append(row | {"options": options})
    return {"text": f"{len(rows)} mounts", "rows": rows[:_MOST], "count": len(rows)}


def _file_systems(text: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = _LINE.findall(text)
    if not found:
        raise ToolFailed(text.strip() or "df showed no file system")
    return [line for line in found if line[1] not in _NOT_DISKS] or found


def _sorted(rows: list[dict[str, Any]]) -> dict[str, Any]:
    rows.sort(key=lambda row: -row["used_percent"])
    said = f"fullest: {rows[0]['mount']}, {rows[0]['used_percent']} % used" if rows else "no file system counts inodes"
    return {"text": said, "rows": rows}


def _flatten(nodes: list[dict[str, Any]], parent: str, rows: list[dict[str, Any]]) -> None:
    for node in nodes:
        row = {"name": node["name"], "on": parent, "type": node["type"], "size_gib": _gib(int(node["size"] or 0))}
        more = {"file_system": node["fstype"], "mount": node["mountpoint"], "model": (node["model"] or "").strip()}
        # Old versions write numbers and truth as texts.
        rows.append(row | more | {"read_only": node["ro"] in (True, "1")})
        _flatten(node.get("children", []), node["name"], rows)


def _number(percent: str) -> int:
    return 0 if percent == "-" else int(percent)


def _gib(count: int) -> float:
    return round(count / _GIB, 2)


def _unescaped(word: str) -> str:
    r"""A word of /proc/mounts as it is: a blank is written \040."""
    return re.sub(r"\\(0[0-7]{2}|134)", lambda found: chr(int(found[1], 8)), word)
