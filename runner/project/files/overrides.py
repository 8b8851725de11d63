"""Faults of shipped files, told where they come from: as they ship they are good, so it is a file of the project's own.

A file of the same name replaces a shipped one whole; what it leaves out is missing for all that name it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.followups import subject
from runner.project.std import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.catalogue import Catalogue
    from runner.project.project import Project

_MISSING = ("unknown-selector", "unknown-tool")
_READ = "unknown-name"


def addressed(findings: Iterable[Finding], project: Project, catalogue: Catalogue) -> Iterator[Finding]:
    """The findings; those of shipped files stand at the override that they are due to, or name it."""
    packs = {pack.file: name for name, pack in project.packs.items() if not pack.file.startswith(PREFIX)}
    lacking: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        is_shipped = finding.file.startswith(PREFIX)
        pack = catalogue.pack_that_ships(subject(finding)) if is_shipped and finding.code in _MISSING else None
        file = next((file for file, name in packs.items() if name == pack), None)
        if file:
            lacking.setdefault((file, subject(finding)), []).append(finding.file)
        elif is_shipped and finding.code == _READ and (own := _own(project, catalogue)):
            yield replace(
                finding, hint="; ".join(filter(None, (finding.hint, f"look at what you replace: {', '.join(own)}")))
            )
        else:
            yield finding
    for (file, tool), files in lacking.items():
        yield _lack(file, packs[file], tool, list(dict.fromkeys(files)))


def _own(project: Project, catalogue: Catalogue) -> list[str]:
    """The files that stand in the place of shipped ones."""
    return [file for file in project.files if file.endswith(".yaml") and catalogue.ships(f"{PREFIX}{file}")]


def _lack(file: str, pack: str, tool: str, named_by: list[str]) -> Finding:
    who = f"{named_by[0]} names it" if len(named_by) == 1 else f"{named_by[0]} and {len(named_by) - 1} more name it"
    what = f"the tool `{tool}` is missing: this file stands in the place of {PREFIX}{pack}, and {who}"
    hint = "add it; or give this file another name, which leaves the shipped one in its place"
    return Finding("override", file, ("tools",), what, hint, at_key=True)
