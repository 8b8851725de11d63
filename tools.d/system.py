"""The system pack: what a machine says of itself, as fields.

Each function takes the output of one command, as it came, and its exit code. Units stand in the names; `text` becomes
one sentence where the fields hold all that the output said.
"""

from __future__ import annotations

import re
from typing import Any

_SHOWN = 50
"""Kernel messages that are listed, the last ones."""
_MIB = 1024
"""KiB in a MiB."""


def kernel(text: str, exit: int) -> dict[str, Any]:
    """What `uname -snrm` prints."""
    words = text.split()
    return dict(zip(("system", "hostname", "release", "machine"), words, strict=False))


def release(text: str, exit: int) -> dict[str, Any]:
    """The fields of /etc/os-release that tell one system from another."""
    found = dict(re.findall(r"^([A-Z_]+)=[\"']?(.*?)[\"']?$", text, re.MULTILINE))
    known = {"PRETTY_NAME": "name", "ID": "id", "VERSION_ID": "version", "VERSION_CODENAME": "codename"}
    return {"text": found.get("PRETTY_NAME", "")} | {word: found.get(key, "") for key, word in known.items()}


def uptime(text: str, exit: int) -> dict[str, Any]:
    """/proc/uptime, /proc/loadavg and the number of processors."""
    first, loads, count = text.splitlines()[:3]
    seconds, processors = int(float(first.split()[0])), int(count)
    one, five, fifteen, tasks = loads.split()[:4]
    return {
        "text": f"up {_span(seconds)}, load {one} {five} {fifteen} on {processors} processors",
        "up_seconds": seconds,
        "load_1_minute": float(one),
        "load_5_minutes": float(five),
        "load_15_minutes": float(fifteen),
        "processors": processors,
        "load_per_processor": round(float(five) / processors, 2),
        "processes_running": int(tasks.partition("/")[0]),
    }


def clock(text: str, exit: int) -> dict[str, Any]:
    """A time with its zone, and as seconds since 1970."""
    time, zone, seconds = text.split()
    return {"text": time, "time": time, "zone": zone, "epoch_seconds": int(seconds)}


def memory(text: str, exit: int) -> dict[str, Any]:
    """/proc/meminfo; what can be had without swapping counts as free, as caches are given up when needed."""
    kib = {name: int(number) for name, number in re.findall(r"^(\w+): +(\d+)", text, re.MULTILINE)}
    total, swap = kib["MemTotal"], kib.get("SwapTotal", 0)
    available = kib.get("MemAvailable", kib["MemFree"] + kib.get("Cached", 0))
    swap_used = swap - kib.get("SwapFree", 0)
    percent = _percent(total - available, total)
    return {
        "text": f"{percent} % of {total // _MIB} MiB used; {_percent(swap_used, swap)} % of {swap // _MIB} MiB swap",
        "total_mib": total // _MIB,
        "used_mib": (total - available) // _MIB,
        "available_mib": available // _MIB,
        "used_percent": percent,
        "cached_mib": kib.get("Cached", 0) // _MIB,
        "swap_total_mib": swap // _MIB,
        "swap_used_mib": swap_used // _MIB,
        "swap_used_percent": _percent(swap_used, swap),
    }


def processors(text: str, exit: int) -> dict[str, Any]:
    """Two looks at /proc/stat: shares of the time between them."""
    looks = re.findall(r"^(cpu\d*) +(.+)$", text, re.MULTILINE)
    half = len(looks) // 2
    shares = {}
    for (name, before), (_, after) in zip(looks[:half], looks[half:], strict=False):
        shares[name] = [int(late) - int(early) for early, late in zip(before.split(), after.split(), strict=True)]
    whole = shares.pop("cpu")
    user, nice, system, _, waiting, interrupts, soft, stolen = whole[:8]
    total = sum(whole[:8])
    used = _busy(whole)
    return {
        "text": f"{used} % of {len(shares)} processors used",
        "processors": len(shares),
        "used_percent": used,
        "user_percent": _percent(user + nice, total),
        "system_percent": _percent(system + interrupts + soft, total),
        "waiting_for_disk_percent": _percent(waiting, total),
        "stolen_percent": _percent(stolen, total),
        "each_used_percent": [_busy(ticks) for ticks in shares.values()],
    }


def resources(text: str, exit: int) -> dict[str, Any]:
    """Two looks at /proc/stat, and /proc/meminfo behind them."""
    busy, used = processors(text, exit), memory(text, exit)
    return {"text": f"{busy.pop('text')}; memory: {used.pop('text')}", "cpu": busy, "memory": used}


def processor_model(text: str, exit: int) -> dict[str, Any]:
    """The lines of lscpu that say which processor it is."""
    found = dict(re.findall(r"^([A-Za-z][^:]*): +(.*)$", text, re.MULTILINE))
    model, count = found.get("Model name", found.get("Vendor ID", "")), int(found.get("CPU(s)", 0))
    return {
        "text": f"{count} × {model}",
        "model": model,
        "processors": count,
        "sockets": _whole(found.get("Socket(s)", "")),
        "cores_per_socket": _whole(found.get("Core(s) per socket", "")),
        "threads_per_core": _whole(found.get("Thread(s) per core", "")),
        "virtualization": found.get("Hypervisor vendor", ""),
    }


def temperatures(text: str, exit: int) -> dict[str, Any]:
    """`sensor:thousandths of a degree` a line."""
    found = re.findall(r"^(.*):(-?\d+)$", text, re.MULTILINE)
    rows: list[dict[str, Any]] = [
        {"sensor": " ".join(name.split()), "celsius": round(int(number) / 1000, 1)} for name, number in found
    ]
    hottest = max((row["celsius"] for row in rows), default=None)
    said = f"hottest of {len(rows)} sensors: {hottest} °C" if rows else "this machine shows no temperatures"
    return {"text": said, "rows": rows, "hottest_celsius": hottest}


_KERNEL_LINE = re.compile(r"^(\w+) *:(\w+) *: \[(.+?)\] (.*)$", re.MULTILINE)


def kernel_messages(text: str, exit: int) -> dict[str, Any]:
    """`facility:level: [time] message` a line."""
    found = _KERNEL_LINE.findall(text)
    rows = [{"time": time, "level": level, "message": said} for _, level, time, said in found[-_SHOWN:]]
    return {"text": f"the last {len(rows)} of {len(found)} messages", "rows": rows, "count": len(found)}


def reboot(text: str, exit: int) -> dict[str, Any]:
    """The notice, when there is one, and the names of packages below it."""
    lines = text.split("\n")
    packages = sorted({line for line in lines if re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", line)})
    required = bool(text.strip())
    said = "a restart is required" if required else "no restart is required"
    return {"text": said, "required": required, "packages": packages}


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return (f"{days} d " if days else "") + f"{rest // 3600} h {rest % 3600 // 60} min"


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _busy(ticks: list[int]) -> float:
    """All but being idle and waiting for a disk; guests are part of the user's time."""
    return _percent(sum(ticks[:8]) - ticks[3] - ticks[4], sum(ticks[:8]))


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None
