"""Which findings only follow from a file that could not be used: the names it would have given are not unknown."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.project.findings import Finding

_TOOLS = frozenset({"unknown-tool", "unknown-selector"})
_NAMES = _TOOLS | {"unknown-agent", "unknown-model", "unknown-prompt", "unknown-timeout", "unknown-workflow"}
"""What is said of a name that no file gives."""
_OF_FOLDERS = {
    "agents.d": frozenset({"unknown-agent", "unknown-prompt"}),
    "agents.d/prompts": frozenset({"unknown-prompt"}),
    "workflows": frozenset({"unknown-workflow"}),
}
"""What is said of names that a folder would give, when it cannot be read."""
_QUOTED = re.compile(r"`([^`]*)`")


def without_followups(findings: Iterable[Finding], broken: Iterable[str]) -> list[Finding]:
    """The findings that stand by themselves; `broken` are files, and names of tools, that could not be used."""
    names = set(broken)
    files = [PurePosixPath(name) for name in names if "." in name]
    excused: frozenset[str] = frozenset()
    if any(path.name == "runner.yaml" for path in files):
        excused = _NAMES
    elif any("tools.d" in path.parts for path in files):
        excused = _TOOLS
    excused = excused.union(*(_OF_FOLDERS.get(name, ()) for name in names))
    if names:
        excused |= {"denied-call", "idle-reply"}
    unusable = names | {path.stem.lower() for path in files}
    return [finding for finding in findings if not _follows(finding, excused, unusable)]


def _follows(finding: Finding, excused: frozenset[str], unusable: set[str]) -> bool:
    return finding.code in excused or (finding.code in _NAMES and subject(finding) in unusable)


def subject(finding: Finding) -> str:
    """The name that is unknown, which stands first in backticks; of `pack/tool` it is the pack."""
    quoted = _QUOTED.search(finding.what)
    return quoted[1].removeprefix("-").partition("/")[0] if quoted else ""
