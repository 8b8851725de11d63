"""Inventories in Ansible's INI form: `[group]`, `[group:children]`, `[group:vars]`, `host key=value`."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from runner.targets.hosts.inventory import spread

if TYPE_CHECKING:
    from runner.targets.hosts.inventory import Inventory

_HEADING = re.compile(r"\[([^\]:]+)(?::(children|vars))?\]\s*(?:[#;].*)?")
_WRITTEN = {
    None: "write `host key=value key=value`, a range of hosts as web[01:10]",
    "children": "write the name of a group",
    "vars": "write `key=value`",
    "skipped": "",
}


def read(text: str, found: Inventory) -> None:
    """Take in every line; what is wrong is noted, and the rest read on."""
    section: str = "ungrouped"
    kind: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if stripped.startswith("["):
            heading = _HEADING.fullmatch(stripped)
            if heading is None:
                found.fault(number, "the heading cannot be read", "write [group], [group:children] or [group:vars]")
                section, kind = "ungrouped", "skipped"
                continue
            section, kind = heading[1].strip(), heading[2]
            found.group(section, number)
            continue
        try:
            _line(stripped, section, kind, number, found)
        except ValueError as error:
            found.fault(number, str(error), _WRITTEN[kind])


def _line(line: str, section: str, kind: str | None, number: int, found: Inventory) -> None:
    """One line of a section; raises ValueError when it cannot be read."""
    if kind == "skipped":
        return
    if kind == "vars":
        name, sign, value = line.partition("=")
        if not sign:
            raise ValueError("the line has no `=`")
        words = shlex.split(value, comments=True)
        found.group(section, number).variables[name.strip()] = " ".join(words)
        return
    first, *words = shlex.split(line, comments=True)
    if kind == "children":
        found.group(first, number)
        found.group(section, number).children[first] = None
        return
    if odd := next((word for word in words if "=" not in word), None):
        raise ValueError(f"`{odd}` stands behind the host and has no `=`")
    variables = dict(word.split("=", 1) for word in words)
    for name, port in map(_port, spread(first)):
        found.group(section, number).hosts[name] = None
        found.host(name, ({"ansible_port": port} if port else {}) | variables, number)


def _port(name: str) -> tuple[str, str]:
    """A name, and the port behind its colon."""
    host, colon, port = name.rpartition(":")
    return (host, port) if colon and port.isdigit() and ":" not in host else (name, "")
