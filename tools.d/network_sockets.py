"""The network pack: sockets, interfaces and routes of a machine, as fields."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from runner.tools.context import ToolFailed

_SHOWN = 100
_TOP = 15
"""Other sides that are listed, those with most connections."""
_PROGRAM = re.compile(r'"([^"]*)",pid=(\d+)')
_MIB = 1024**2
_SANDBOX = "the sandbox has a network of its own, and may not ask: use `execute: direct`, or make this machine a host"
_NOT_TOLD = "Cannot open netlink socket"


def listening(text: str, exit: int) -> dict[str, Any]:
    """What `ss -Htulnp` prints, by port."""
    rows = []
    for words in _told(text):
        if len(words) >= 6:  # noqa: PLR2004 - protocol, state, two queues, two addresses
            address, _, port = words[4].rpartition(":")
            program, pid = _program(" ".join(words[6:]))
            row = {"port": int(port), "protocol": words[0], "address": address.strip("[]"), "program": program}
            rows.append(row | {"pid": pid, "only_this_machine": address.strip("[]").startswith(("127.", "::1"))})
    rows.sort(key=lambda row: (row["port"], row["protocol"], row["address"]))
    return {"text": f"{len(rows)} ports", "rows": rows[:_SHOWN], "count": len(rows)}


def _told(text: str) -> list[list[str]]:
    """The words of each line that ss prints; it goes on, and finds nothing, where the kernel may not be asked."""
    if _NOT_TOLD in text:
        raise ToolFailed("the kernel tells no program of its sockets here", hint=_SANDBOX)
    return [line.split() for line in text.splitlines()]


def connections(text: str, exit: int) -> dict[str, Any]:
    """What `ss -Htanp` prints, counted; what only listens is left out."""
    lines = [words for words in _told(text) if len(words) >= 5 and words[0] != "LISTEN"]  # noqa: PLR2004 - no protocol
    ends: Counter[tuple[str, str, str]] = Counter()
    for words in lines:
        # A port that many may come to is a service's; the one that was drawn for the way back tells nothing.
        local, remote = words[3].rpartition(":"), words[4].rpartition(":")
        port = f"to {remote[2]}" if int(remote[2]) < int(local[2]) else f"at {local[2]}"
        ends[(remote[0].strip("[]"), port, _program(" ".join(words[5:]))[0])] += 1
    rows = [
        {"count": count, "other_side": other, "port": port, "program": program}
        for (other, port, program), count in ends.most_common(_TOP)
    ]
    states = Counter(words[0] for words in lines)
    return {
        "text": f"{len(lines)} connections",
        "count": len(lines),
        "states": dict(states.most_common()),
        "rows": rows,
    }


def interfaces(text: str, exit: int) -> dict[str, Any]:
    """What `ip -j address` prints."""
    rows = [
        {
            "name": one["ifname"],
            "up": "UP" in one["flags"],
            "connected": "LOWER_UP" in one["flags"],
            "addresses": [f"{each['local']}/{each['prefixlen']}" for each in one["addr_info"]],
            "hardware_address": one.get("address", ""),
            "mtu_bytes": one["mtu"],
        }
        for one in json.loads(text)
    ]
    return {"text": f"{sum(row['up'] for row in rows)} of {len(rows)} interfaces are up", "rows": rows}


def routes(text: str, exit: int) -> dict[str, Any]:
    """What `ip -j route` prints; nothing at all when there is no route."""
    rows = [
        {
            "to": one["dst"],
            "by": one.get("gateway", ""),
            "interface": one.get("dev", ""),
            "metric": one.get("metric", 0),
        }
        for one in json.loads(text or "[]")
    ]
    way = next((row["by"] for row in rows if row["to"] == "default"), "")
    return {"text": f"by default over {way}" if way else "no default route", "rows": rows, "default": way}


def neighbours(text: str, exit: int) -> dict[str, Any]:
    """What `ip -j neighbour` prints."""
    rows = [
        {
            "address": one["dst"],
            "hardware_address": one.get("lladdr", ""),
            "interface": one["dev"],
            "state": " ".join(one.get("state", [])).lower(),
        }
        for one in json.loads(text or "[]")
    ]
    return {"text": f"{len(rows)} neighbours", "rows": rows[:_SHOWN], "count": len(rows)}


def bandwidth(text: str, exit: int) -> dict[str, Any]:
    """Two looks at /proc/net/dev, a second apart."""
    looks = [(name, [int(word) for word in rest.split()]) for name, rest in _counters(text)]
    half = len(looks) // 2
    before, after = dict(looks[:half]), dict(looks[half:])
    rows = [
        {
            "interface": name,
            "received_kib_per_second": round((now[0] - before[name][0]) / 1024, 1),
            "sent_kib_per_second": round((now[8] - before[name][8]) / 1024, 1),
            "received_mib": now[0] // _MIB,
            "sent_mib": now[8] // _MIB,
            "errors": now[2] + now[10],
            "dropped": now[3] + now[11],
        }
        for name, now in after.items()
        if name in before
    ]
    return {"text": f"{len(rows)} interfaces", "rows": rows}


def _counters(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^ *([^\s:|]+): *((?:\d+ *){16})$", text, re.MULTILINE)


def _program(users: str) -> tuple[str, int | None]:
    """Name and number out of `users:(("nginx",pid=7,fd=6))`; none when the socket is somebody else's."""
    found = _PROGRAM.search(users)
    return (found[1], int(found[2])) if found else ("", None)
