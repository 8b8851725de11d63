"""Names that no file of the project gives and something shipped does, which `use:` would bring."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.project.std import PREFIX
from runner.project.words import flow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.catalogue import Catalogue
    from runner.project.findings import Finding
    from runner.project.project import Project

_PLACES = {"unknown-agent": "agents.d", "unknown-workflow": "workflows", "unknown-tool": "", "unknown-selector": ""}
"""Findings about a name that is not there, and where what ships of that name stands; of tools it is a pack."""
_QUOTED = re.compile(r"`-?([^`]*)`")


def told(findings: Iterable[Finding], project: Project, catalogue: Catalogue) -> Iterator[Finding]:
    """The findings; where something shipped has the name, the hint says how to take it."""
    for finding in findings:
        is_ours = finding.code in _PLACES and "finds no target" not in finding.what  # no target ships
        shipped = _shipped(finding, catalogue) if is_ours else ""
        selector = _selector(finding, shipped)
        if not shipped or not all(_is_shipped(one, catalogue) for one in project.settings.use):
            yield finding
        elif shipped in project.settings.use or shipped.removeprefix(PREFIX) in project.packs:
            yield replace(finding, hint=f"write {selector}") if selector else finding
        else:
            use = flow([*project.settings.use, shipped])
            way = f"write `use: {use}` in" if project.settings.use else f"add `use: {use}` to"
            more = f", and write {selector} here" if selector else ""
            yield replace(finding, hint=f"it comes with runner: {way} runner.yaml{more}")


def _shipped(finding: Finding, catalogue: Catalogue) -> str:
    """What ships under the name that a finding says is unknown, as `use:` names it."""
    name, place = _name(finding), _PLACES[finding.code]
    if "finds no agent" in finding.what:
        place = "agents.d"
    if place:
        return f"{PREFIX}{name}" if catalogue.ships(f"{PREFIX}{place}/{name}.yaml") else ""
    pack, slash, _ = name.removeprefix(PREFIX).partition("/")
    if not slash and not name.startswith(PREFIX):
        pack = catalogue.pack_that_ships(name) or name
    return f"{PREFIX}{pack}" if catalogue.ships(f"{PREFIX}tools.d/{pack}.yaml") else ""


def _is_shipped(use: str, catalogue: Catalogue) -> bool:
    """Whether an entry of `use:` names something; where one does not, it is mended first."""
    name = use.removeprefix(PREFIX)
    return any(catalogue.ships(f"{PREFIX}{place}/{name}.yaml") for place in ("tools.d", "agents.d", "workflows"))


def _selector(finding: Finding, shipped: str) -> str:
    """How a whole pack is written where its tools are chosen."""
    pack = shipped.removeprefix(PREFIX)
    is_bare = "finds no tool" in finding.what and _name(finding) in (pack, shipped)
    return f"{pack}/*" if is_bare else ""


def _name(finding: Finding) -> str:
    found = _QUOTED.search(finding.what)
    return found[1] if found else ""
