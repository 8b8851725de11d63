"""Inventories of Ansible, INI or YAML, read as hosts: names, groups and their children, and the variables of SSH.

What only Ansible acts on (its own variables, vaults, plugins) is passed over; a password that stands in the file is a
fault, as it must not be used by accident.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from runner.secrets import REFERENCE
from runner.targets.hosts.spec import HostSpec, group_name, host_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ALL = ("all", "ungrouped")
"""Groups that every inventory has; they are none of ours."""
MOST = 10_000
"""Hosts, and ranges of hosts, that are read."""
_FIELDS = {
    "ansible_host": "address",
    "ansible_ssh_host": "address",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_user": "user",
    "ansible_ssh_user": "user",
    "ansible_ssh_private_key_file": "key",
    "ansible_private_key_file": "key",
    "ansible_password": "password",
    "ansible_ssh_pass": "password",
    "ansible_become_password": "sudo_password",
    "ansible_become_pass": "sudo_password",
    "ansible_sudo_pass": "sudo_password",
}
_SECRET = ("password", "sudo_password")


class Fault(NamedTuple):
    """What is wrong in a line, counted from 1."""

    line: int
    what: str
    hint: str = ""


@dataclass
class Group:
    """A group as the file gives it: its hosts, the groups in it, what holds for all of them."""

    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass
class Inventory:
    """What an inventory says, with the line of each host and group; `hosts` is made of it in the end."""

    groups: dict[str, Group] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of each host."""
    lines: dict[str, int] = field(default_factory=dict)
    """Where each host stands first; of a group, `group:NAME`."""
    faults: list[Fault] = field(default_factory=list)
    hosts: dict[str, HostSpec] = field(default_factory=dict)

    def group(self, name: str, line: int) -> Group:
        """The group of a name, begun where it is new."""
        self.lines.setdefault(f"group:{name}", line)
        return self.groups.setdefault(name, Group())

    def host(self, name: str, variables: Mapping[str, Any], line: int) -> None:
        """Note a host, and what holds for it alone."""
        self.lines.setdefault(name, line)
        self.variables.setdefault(name, {}).update(variables)

    def fault(self, line: int, what: str, hint: str = "") -> None:
        """Note what is wrong."""
        self.faults.append(Fault(line, what, hint))


def read_inventory(content: bytes, name: str) -> Inventory:
    """The hosts of an inventory, and every fault with its line; `name` tells YAML from INI."""
    from runner.targets.hosts import inventory_ini, inventory_yaml

    found = Inventory()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found.fault(content[: error.start].count(b"\n") + 1, "the line is no UTF-8 text", "save the file as UTF-8")
        return found
    reader = inventory_yaml if name.endswith((".yaml", ".yml")) else inventory_ini
    reader.read(text, found)
    for host, line in [(host, found.lines[host]) for host in found.variables]:
        _make(host, line, found)
    return found


def _make(name: str, line: int, found: Inventory) -> None:
    """The host of a name, with all that its groups say; what is nearer to it wins."""
    ways = sorted(_ways(name, found), key=len)
    variables: dict[str, Any] = {}
    for way in reversed(ways):  # the farthest first
        variables |= found.groups[way[-1]].variables
    variables = {**found.groups.get("all", Group()).variables, **variables, **found.variables[name]}
    if variables.get("ansible_connection") in ("local", "docker", "winrm"):
        return
    groups = tuple(dict.fromkeys(way[-1] for way in ways if way[-1] not in ALL))
    try:
        host_name(name)
        for group in groups:
            group_name(group)
        found.hosts[name] = HostSpec.model_validate({**_fields(name, variables), "groups": groups})
    except ValidationError as error:
        first = error.errors()[0]
        words = first["msg"].removeprefix("Value error, ")
        found.fault(line, f"{name}: {'.'.join(map(str, first['loc']))}: {words}")
    except ValueError as error:
        what, _, hint = str(error).partition("; ")
        found.fault(line, what, hint)


def _ways(name: str, found: Inventory) -> Iterator[tuple[str, ...]]:
    """The groups that hold a host, each with those between them."""
    waiting: list[tuple[str, ...]] = [(group,) for group, about in found.groups.items() if name in about.hosts]
    seen: set[str] = set()
    while waiting:
        way = waiting.pop(0)
        if way[-1] in seen:
            continue
        seen.add(way[-1])
        yield way
        waiting += [(*way, group) for group, about in found.groups.items() if way[-1] in about.children]


def _fields(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a host that its variables give."""
    given: dict[str, Any] = {}
    for variable, value in variables.items():
        key = _FIELDS.get(variable)
        if key is None or value in (None, "") or "{{" in str(value):
            continue
        if key == "port":
            if not str(value).isdigit():
                raise ValueError(f"{name}: {variable} is `{value}`, which is no port; write a number up to 65535")
            given[key] = int(value)
        elif key in _SECRET and not REFERENCE.fullmatch(str(value)):
            raise ValueError(
                f"{name}: {variable} is a password, which no file may hold; write ${{NAME}}, and keep its value by "
                "`runner secrets set NAME`"
            )
        else:
            given[key] = str(value)
    return given


def merged(declared: Mapping[str, HostSpec], inventory: Inventory | None) -> dict[str, HostSpec]:
    """All hosts: those of runner.yaml, then those of the inventory; where both have one, what runner.yaml says wins."""
    hosts = dict(declared)
    for name, spec in inventory.hosts.items() if inventory else ():
        mine = declared.get(name)
        if mine is None:
            hosts[name] = spec
            continue
        said = {key: getattr(mine, key) for key in mine.model_fields_set}
        groups = tuple(dict.fromkeys([*mine.groups, *spec.groups]))
        hosts[name] = spec.model_copy(update={**said, "groups": groups})
    return hosts


def spread(pattern: str) -> list[str]:
    """The names that `web[01:10].example.org` or `db-[a:c]` stands for; raises ValueError."""
    before, bracket, rest = pattern.partition("[")
    if not bracket:
        return [pattern]
    inside, closed, after = rest.partition("]")
    first, *others = inside.split(":")
    last, step = (others[0], others[1:] or ["1"]) if others else ("", ["1"])
    names: list[str]
    if closed and first.isdigit() and last.isdigit() and step[0].isdigit() and int(step[0]):
        numbers = range(int(first), int(last) + 1, int(step[0]))
        names = [f"{number:0{len(first)}d}" for number in numbers[: MOST + 1]]
    elif closed and len(first) == len(last) == 1 and first.isalpha() and last.isalpha():
        names = [chr(code) for code in range(ord(first), ord(last) + 1)]
    else:
        raise ValueError(f"`[{inside}]` is no range; write [01:10] or [a:f]")
    found = [f"{before}{name}{tail}" for name in names for tail in spread(after)]
    if len(found) > MOST or not found:
        raise ValueError(f"`{pattern}` stands for {'no host' if not found else f'more than {MOST:,} hosts'}")
    return found
