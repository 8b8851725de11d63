"""The network pack: what ping, tracepath, dig, getent and openssl say, as fields.

Each function takes the output of one command, as it came, and its exit code. Units stand in the names; `text` becomes
one sentence where the fields hold all that the output said.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from runner.tools.context import ToolFailed

_DAY = 86_400


def ping(text: str, exit: int) -> dict[str, Any]:
    """The last two lines, of iputils or of busybox."""
    counts = re.search(r"(\d+) packets transmitted, (\d+)(?: packets)? received", text)
    if not counts:
        raise ToolFailed(text.strip(), hint="resolve_name says whether the name is known")
    sent, received = int(counts[1]), int(counts[2])
    times = re.search(r"= ([\d.]+)/([\d.]+)/([\d.]+)", text)
    least, mean, most = map(float, times.groups()) if times else (None, None, None)
    lost = round(100 * (sent - received) / sent, 1)
    return {
        "text": f"{received} of {sent} packets came back" + (f", {mean} ms on average" if times else ""),
        "answers": received > 0,
        "lost_percent": lost,
        "average_ms": mean,
        "least_ms": least,
        "most_ms": most,
    }


def route_to(text: str, exit: int) -> dict[str, Any]:
    """The lines of tracepath: a number, an address or that none answered, and the time."""
    rows: dict[int, dict[str, Any]] = {}
    for number, address, time in re.findall(r"^ *(\d+)\??: +(\S+)(?: +([\d.]+)ms)?", text, re.MULTILINE):
        if address != "[LOCALHOST]":
            known = address if address != "no" else None
            # Of several lines about one router the last counts: it may have answered at another try.
            rows[int(number)] = {"hop": int(number), "address": known, "ms": float(time) if time else None}
    reached = "reached" in text
    said = f"{'reached' if reached else 'not reached'} after {len(rows)} routers"
    return {"text": said, "reached": reached, "rows": list(rows.values())}


def answers(text: str, exit: int) -> dict[str, Any]:
    """Records, one a line, and the server's word on the question."""
    status = re.search(r"status: (\w+)", text)
    if not status:
        raise ToolFailed(text.strip() or "no name server answered")
    records = re.findall(r"^([^;\s]\S*)\s+(\d+)\s+IN\s+(\S+)\s+(.+)$", text, re.MULTILINE)
    rows = [{"name": name, "ttl_seconds": int(ttl), "type": kind, "value": value} for name, ttl, kind, value in records]
    return {"text": f"{status[1]}, {len(rows)} records", "status": status[1], "rows": rows}


def addresses(text: str, exit: int) -> dict[str, Any]:
    """Each address once; none when the name is not known."""
    found = list(dict.fromkeys(re.findall(r"^(\S+) +STREAM", text, re.MULTILINE)))
    return {"text": ", ".join(found) or "the name is not known", "found": bool(found), "addresses": found}


def resolvers(text: str, exit: int) -> dict[str, Any]:
    """The lines of resolv.conf."""
    servers = re.findall(r"^nameserver\s+(\S+)", text, re.MULTILINE)
    search = re.findall(r"^(?:search|domain)\s+(.+)$", text, re.MULTILINE)
    return {
        "text": f"name servers: {', '.join(servers) or 'none'}",
        "servers": servers,
        "search": search[-1].split() if search else [],
    }


def own_name(text: str, exit: int) -> dict[str, Any]:
    """The name, and below it all addresses."""
    name, _, rest = text.strip().partition("\n")
    return {"text": name, "name": name, "addresses": rest.split()}


def port(text: str, exit: int) -> dict[str, Any]:
    """Whether the connection came about, and why not."""
    reasons = re.findall(r"line 1: .*?: ([A-Z][\w ]+)$", text, re.MULTILINE)
    if exit == 1 and not reasons:
        raise ToolFailed(text.strip())
    why = "no answer in time" if exit > 1 else reasons[0] if exit else ""
    return {"text": why or "the port is open", "open": not exit, "reason": why}


def certificate(text: str, exit: int) -> dict[str, Any]:
    """What s_client and x509 print, with the machine's time between them."""
    fields = dict(re.findall(r"^(\w+) ?= ?(.*)$", text, re.MULTILINE))
    now, expires = int(fields["now"]), _epoch(fields["notAfter"])
    verdict = re.findall(r"Verif\w+ (?:return code|error): (?:\d+ )?\(?(.+?)\)?$", text, re.MULTILINE)
    reason = next((word for word in verdict if word != "ok"), "")
    days = (expires - now) // _DAY
    said = f"expires in {days} days" if days >= 0 else f"expired {-days} days ago"
    return {
        "text": f"{said}; {f'not trusted: {reason}' if reason else 'trusted'}",
        "subject": fields["subject"],
        "issuer": fields["issuer"],
        "names": re.findall(r"(?:DNS|IP Address):([^,\s]+)", text),
        "valid_from": _iso(_epoch(fields["notBefore"])),
        "expires": _iso(expires),
        "days_left": days,
        "trusted": not reason,
        "reason": reason,
        "serial": fields.get("serial", ""),
    }


def _epoch(date: str) -> int:
    """Seconds since 1970 of a date as openssl writes it, `Nov 21 14:00:00 2026 GMT`."""
    return int(datetime.strptime(date, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC).timestamp())


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
