"""What differs between two projects, as a person reviews it: power first, then what agents are told, then the ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.compare.changes import Change, Comparison, FileChange, GraphChange, TextChange
from runner.project.compare.graphs import graph_changes
from runner.project.compare.judges import Sides, presence
from runner.project.compare.powers import compare_powers
from runner.project.compare.steps import compare_workflows
from runner.project.compare.texts import text_changes
from runner.project.compare.walk import Found, compare_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.project import Project

__all__ = ["Change", "Comparison", "FileChange", "GraphChange", "TextChange", "compare", "file_changes"]


def compare(old: Project, new: Project) -> Comparison:
    """All that differs, each thing once; nothing is opened or run."""
    found = Found(Sides(old, new))
    compare_powers(found)
    compare_workflows(found)
    for name in sorted(old.prompts.keys() & new.prompts.keys()):
        compare_fields(found, f"prompt {name}", old.prompts[name], new.prompts[name])
    found.others += _packs(old, new)
    graphs = tuple(graph_changes(found))
    texts = tuple(text_changes(old, new))
    files = tuple(file_changes(old.files, new.files))
    return Comparison(tuple(found.capabilities), texts, graphs, tuple(found.others), files)


def _packs(old: Project, new: Project) -> Iterator[Change]:
    for name in sorted(old.packs.keys() | new.packs.keys()):
        said = [side.packs[name].description if name in side.packs else None for side in (old, new)]
        if said[0] != said[1]:
            yield Change(presence(*said), f"pack {name}", "description", *said)


def file_changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[FileChange]:
    """The files that are not the same, by name."""
    for name in sorted(old.keys() | new.keys()):
        if name not in old or name not in new:
            yield FileChange(name, "added" if name in new else "removed")
        elif old[name] != new[name]:
            yield FileChange(name, "changed")
