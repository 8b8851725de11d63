"""The hosts of a project: those of runner.yaml, and of the inventory that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.spec.layout import SETTINGS
from runner.targets.hosts.inventory import Inventory, merged, read_inventory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.reading import Reading
    from runner.targets.hosts.spec import HostSpec


def read(reading: Reading, declared: Mapping[str, HostSpec], inventory: str | None) -> dict[str, HostSpec]:
    """All hosts; the inventory becomes part of the revision, and each line of it that cannot be read a problem."""
    return merged(declared, None if inventory is None else _inventory(reading, inventory))


def secrets(hosts: Mapping[str, HostSpec]) -> Iterator[str]:
    """The names of the secrets that hosts need, also those of the inventory."""
    for host in hosts.values():
        yield from host.secrets


def _inventory(reading: Reading, name: str) -> Inventory | None:
    content = reading.read(name)
    if content is None:
        if name not in reading.broken:
            what, hint = f"{name} is not there", "write it, or mend the path: it is from the project's root"
            reading.findings.append(Finding("no-file", SETTINGS, ("inventory",), what, hint))
        return None
    found = reading.recall.result(("inventory", name), lambda: read_inventory(content, name), content)
    reading.findings += [
        Finding("inventory", name, (), one.what, one.hint, place=(one.line, 1)) for one in found.faults
    ]
    return found
