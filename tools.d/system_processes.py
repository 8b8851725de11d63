"""The system pack: processes, as fields."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from runner.tools.context import ToolFailed

_SHOWN = 25
_TREE = 150
"""Lines of a tree that are shown."""
_COMMAND = 160
"""Characters of a command that are shown."""
_LINE = re.compile(r"^ *(\d+) +(\d+) +(\S+) +([\d.]+) +([\d.]+) +(\d+) +(\d+) +(\S+) +(.*)$", re.MULTILINE)
_ONE = re.compile(
    r"^ *(\d+) +(\d+) +(\S+) +([\d.]+) +([\d.]+) +(\d+) +(\d+) +(\d+) +(\d+) +(\S+) +(.{16}) (.*)$", re.MULTILINE
)
_STATES = {
    "R": "running",
    "S": "sleeping",
    "D": "waiting for a device",
    "T": "stopped",
    "t": "stopped",
    "Z": "zombie",
    "I": "idle",
}
_KERNEL = "2"
"""The process that all threads of the kernel come from."""


def processes(text: str, exit: int) -> dict[str, Any]:
    """The first lines of ps, in its order, and how many there are in which state."""
    found = _LINE.findall(text)
    if exit and text.strip():
        raise ToolFailed(text.strip())
    rows = [
        {
            "pid": int(pid),
            "user": user,
            "cpu_percent": float(cpu),
            "memory_percent": float(memory),
            "memory_mib": int(kib) // 1024,
            "running_seconds": int(seconds),
            "state": _STATES.get(state[0], state),
            "command": command[:_COMMAND],
        }
        for pid, _, user, cpu, memory, kib, seconds, state, command in found[:_SHOWN]
    ]
    zombies = sum(line[7].startswith("Z") for line in found)
    return {"text": f"{len(rows)} of {len(found)} processes", "rows": rows, "count": len(found), "zombies": zombies}


def process(text: str, exit: int) -> dict[str, Any]:
    """One process, or that there is none."""
    if not (found := _ONE.search(text)):
        if text.strip():
            raise ToolFailed(text.strip())
        return {"text": "there is no such process", "found": False}
    pid, parent, user, cpu, memory, kib, virtual, threads, seconds, state, name, command = found.groups()
    return {
        "text": f"{name.strip()} is {_STATES.get(state[0], state)}",
        "found": True,
        "pid": int(pid),
        "parent": int(parent),
        "user": user,
        "name": name.strip(),
        "command": command,
        "state": _STATES.get(state[0], state),
        "cpu_percent": float(cpu),
        "memory_percent": float(memory),
        "memory_mib": int(kib) // 1024,
        "virtual_mib": int(virtual) // 1024,
        "threads": int(threads),
        "running_seconds": int(seconds),
    }


def tree(text: str, exit: int) -> dict[str, Any]:
    """Each process below the one that started it; threads of the kernel are left out."""
    found = re.findall(r"^ *(\d+) +(\d+) +(\S+) +(.*)$", text, re.MULTILINE)
    children: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    known = {pid for pid, _, _, _ in found}
    for pid, parent, user, command in found:
        if _KERNEL not in (pid, parent) or not command.startswith("["):
            above = parent if parent in known and parent != pid else ""
            children[above].append((pid, f"{pid} {user} {command[:_COMMAND]}"))
    lines: list[str] = []
    # A stack in place of recursion: a chain of processes may be longer than Python's.
    waiting = [(0, *child) for child in reversed(children[""])]
    while waiting:
        depth, pid, said = waiting.pop()
        lines.append(f"{'  ' * depth}{said}")
        waiting += [(depth + 1, *child) for child in reversed(children[pid])]
    more = [f"… {len(lines) - _TREE} more"] if len(lines) > _TREE else []
    return {"text": "\n".join(lines[:_TREE] + more), "count": len(lines)}
