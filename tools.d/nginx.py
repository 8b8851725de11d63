"""The nginx pack: what nginx says of its configuration, and the lines of its logs, as fields.

Each function takes the output of one command, as it came, and its exit code; `text` is a French sentence where the
fields hold all that the output said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from runner.tools.context import ToolFailed

_FILE = re.compile(r"^# configuration file (\S+):$", re.MULTILINE)
_FAULT = re.compile(r"^(?:nginx:|[\d/]+ [\d:]+) \[(\w+)\] (?:\d+#\d+: )?(.*?)(?: in (\S+):(\d+))?$", re.MULTILINE)
_REQUEST = re.compile(
    r'^(\S+) \S+ (\S+) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "(?:[^"\\]|\\.)*" "((?:[^"\\]|\\.)*)")?'
)
"""A line of the formats `common` and `combined`."""
_ERROR = re.compile(r"^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(\w+)\] \d+#\d+: (?:\*\d+ )?(.*)$")
_SERVER_ERROR = 500
_PIECE = re.compile(
    r"""#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|(?:\\.|\$\{|[^\s{};"'#\\])(?:\\.|\$\{\w*\}|[^\s{};\\])*"""
)


def version(text: str, exit: int) -> dict[str, Any]:
    """What `nginx -V` prints."""
    found = re.search(r"nginx version: (\S+)", text)
    modules = re.findall(r"--with-(\w+_module)", text)
    return {"text": found[1] if found else text.strip(), "version": found[1] if found else "", "modules": modules}


def tested(text: str, exit: int) -> dict[str, Any]:
    """The faults that `nginx -t` names, each with its place."""
    rows = [
        {"level": level, "message": message, "file": file or None, "line": int(line) if line else None}
        for level, message, file, line in _FAULT.findall(text)
    ]
    said = f"configuration fausse : {rows[-1]['message'] if rows else text.strip()}"
    return {"text": said if exit else "configuration correcte", "valid": not exit, "rows": rows}


def config(text: str, exit: int) -> dict[str, Any]:
    """The files of `nginx -T`, and its whole text."""
    return {"text": text, "files": [file for file, _ in _files(text)]}


def sites(text: str, exit: int) -> dict[str, Any]:
    """Each `server` of the web, with what it listens on and where it leads."""
    rows = [row for file, body in _files(text) for row in _servers(file, body)]
    return {"text": f"{len(rows)} site{'s' if len(rows) > 1 else ''}", "rows": rows}


def requests(text: str, exit: int) -> dict[str, Any]:
    """Lines of an access log; one of another form is kept as it is."""
    rows = [_request(line) for line in text.splitlines() if line.strip()]
    return {"text": f"{len(rows)} requêtes", "rows": rows}


def traffic(text: str, exit: int) -> dict[str, Any]:
    """Counts over the lines of an access log, one a line, the largest first: `page 12 /index.html`."""
    found: dict[str, list[tuple[int, str]]] = {}
    for kind, number, name in re.findall(r"^(\w+) (\d+) (.*)$", text, re.MULTILINE):
        found.setdefault(kind, []).append((int(number), name))
    if "count" not in found:
        raise ToolFailed(text.strip() or "le journal ne contient aucune requête")
    count = found["count"][0][0]
    statuses = sorted((int(status), number) for number, status in found.get("status", []))
    failed = sum(number for status, number in statuses if status >= _SERVER_ERROR)
    percent = round(100 * failed / count, 1) if count else 0.0
    return {
        "text": f"{count} requêtes, {percent} % d'erreurs du serveur",
        "count": count,
        "from": found["from"][0][1],
        "to": found["to"][0][1],
        "server_errors_percent": percent,
        "kib": found["bytes"][0][0] // 1024,
        "statuses": [{"status": status, "count": number} for status, number in statuses],
        "pages": [{"path": name, "count": number} for number, name in found.get("page", [])],
        "addresses": [{"address": name, "count": number} for number, name in found.get("address", [])],
        "failing_pages": [{"path": name, "count": number} for number, name in found.get("failing", [])],
    }


def errors(text: str, exit: int) -> dict[str, Any]:
    """Lines of an error log; a line of another form goes on with the message before it."""
    rows: list[dict[str, Any]] = []
    for line in text.splitlines():
        if found := _ERROR.match(line):
            rows.append({"time": found[1], "level": found[2], "message": found[3]})
        elif rows:
            rows[-1]["message"] += f"\n{line}"
    return {"text": f"{len(rows)} messages" if rows else "aucun message", "rows": rows}


def _files(text: str) -> Iterator[tuple[str, str]]:
    parts = _FILE.split(text)
    return zip(parts[1::2], parts[2::2], strict=True)


def _servers(file: str, body: str) -> Iterator[dict[str, Any]]:
    """The blocks `server { … }` of a file; those of an `upstream` are no blocks."""
    blocks: list[str] = []
    words: list[str] = []
    found: dict[str, list[str]] = {}
    for piece in _PIECE.findall(body):
        if piece.startswith("#"):
            continue
        if piece == "{":
            blocks.append(words[0] if words else "")
            if blocks[-1] == "server":
                found = {}
        elif piece == "}":
            if blocks and blocks.pop() == "server":
                yield _site(file, found)
        elif piece != ";":
            words.append(piece)
            continue
        elif words and "server" in blocks:
            found.setdefault(words[0], []).extend([" ".join(words[1:])])
        words = []


def _site(file: str, found: dict[str, list[str]]) -> dict[str, Any]:
    names = " ".join(found.get("server_name", [])).split()
    listens = [words.split()[0] for words in found.get("listen", ["80"])]
    leads = [*found.get("proxy_pass", []), *found.get("fastcgi_pass", []), *found.get("return", [])]
    roots = [word.strip("'\"") for word in found.get("root", [])]
    tls = any("ssl" in words.split()[1:] for words in found.get("listen", []))
    return {"names": names, "listen": listens, "tls": tls, "root": roots, "leads_to": leads, "file": file}


def _request(line: str) -> dict[str, Any]:
    found = _REQUEST.match(line)
    if not found:
        return {"line": line}
    address, user, time, request, status, size, agent = found.groups()
    method, _, path = request.rpartition(" HTTP/")[0].partition(" ")
    return {
        "time": time,
        "address": address,
        "user": user if user != "-" else "",
        "method": method,
        "path": path or request,
        "status": int(status),
        "bytes": int(size) if size.isdigit() else 0,
        "agent": agent or "",
    }
