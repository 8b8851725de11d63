"""What cannot be used on this machine, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import secrets
from runner.project.files.literals import references, references_of
from runner.project.here import machine

if TYPE_CHECKING:
    from runner.project.project import Project


def missing(project: Project) -> dict[str, str]:
    """`model`, `tool` or `server NAME` with the reason: a secret or a program that is not here. Nothing is started."""
    found = {f"{one.loc[0]}"[:-1] + f" {one.loc[1]}": one.what for one in machine.check(project)}
    known = secrets.find(project.secrets, project.root)
    for name, tool in project.tools.items():
        if lacking := known.missing(references_of(tool.spec)):
            found[f"tool {name}"] = f"{lacking[0]} not set (looked in {known.looked(lacking[0])})"
    for name, pack in project.packs.items():
        said = {"mcp": pack.server.holding_secrets()} if pack.server else {}
        if lacking := known.missing(references(said)):
            found[f"server {name}"] = f"{lacking[0]} not set (looked in {known.looked(lacking[0])})"
    return found
