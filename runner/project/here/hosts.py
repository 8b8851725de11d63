"""Whether this machine has what hosts are reached by: the files of their keys, and the names that they go through."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.project.findings import Finding
from runner.spec.layout import SETTINGS
from runner.spec.words import did_you_mean
from runner.targets.hosts.inventory import read_inventory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project
    from runner.targets.hosts.spec import HostSpec


def check(project: Project) -> Iterator[Finding]:
    """A warning for each; the runs that need them may take place elsewhere."""
    for name, spec in project.settings.hosts.items():
        for key, what, hint in _faults(project, spec):
            yield Finding(_code(key), SETTINGS, ("hosts", name, key), what, hint, "warning")
    inventory = project.settings.inventory
    if inventory is not None and inventory in project.files:
        yield from _of_inventory(project, inventory)


def _of_inventory(project: Project, file: str) -> Iterator[Finding]:
    found = read_inventory(project.files[file], file)
    for name in found.hosts.keys() - project.settings.hosts.keys():
        for key, what, hint in _faults(project, project.hosts[name]):
            yield Finding(_code(key), file, (), f"{name}: {what}", hint, "warning", place=(found.lines[name], 1))


def _code(key: str) -> str:
    return "no-file" if key == "key" else "bad-value"


def _faults(project: Project, spec: HostSpec) -> Iterator[tuple[str, str, str]]:
    """(key, what, hint) of each."""
    if spec.key and not (project.root / Path(spec.key).expanduser()).is_file():
        yield "key", f"the key {spec.key} is not there", "mend the path: it is from the project's root, or from `~`"
    for jump in (spec.jump or "none").split(","):
        if jump not in ("none", *project.hosts) and not set("@:.") & set(jump) and not _is_known_to_ssh(jump):
            what = f"`{jump}` is neither a host of this project nor one of ~/.ssh/config"
            yield "jump", what, did_you_mean(jump, project.hosts) or "add it to `hosts`, or write user@address:port"


def _is_known_to_ssh(name: str) -> bool:
    from runner.targets.hosts.dialer import ssh_config

    try:
        rules = ssh_config()
    except (ToolFailed, OSError, UnicodeError):
        return True  # nobody can say; who connects is told
    return name in rules.get_hostnames() or rules.lookup(name)["hostname"] != name
