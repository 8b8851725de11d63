"""Folders whose names are nearly those that are read: their files would be passed over without a word.

It is a warning: a folder `tools` may as well be somebody else's, and then the project is right as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import Unreadable
from runner.project.findings import Finding
from runner.spec.layout import FOLDERS
from runner.spec.words import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runner.project.sources import Source

_NEAR = 0.75
"""How alike a name has to be: `agent` is meant as agents.d, `images` is not."""


def check(source: Source) -> Iterator[Finding]:
    """A warning for each folder that is probably meant as one that is missing, and for those inside one."""
    told = set()
    for wanted in FOLDERS:
        holder, _, name = wanted.rpartition("/")
        there = source.folders(holder or ".")
        near = "" if name in there else nearest(name, there, cutoff=_NEAR)
        found = "/".join(filter(None, (holder, near)))
        if near and found not in FOLDERS and _holds_yaml(source, found):
            what, hint = f"there is a folder `{found}`; runner reads `{wanted}`", f"rename it to {wanted}"
            told.add(found)
            yield Finding("folder-name", found, (), what, hint, "warning")
    yield from _inside(source, told)


def _inside(source: Source, told: Collection[str]) -> Iterator[Finding]:
    for folder in FOLDERS:
        for name in source.folders(folder):
            found = f"{folder}/{name}"
            if found not in FOLDERS and found not in told and _holds_yaml(source, found):
                what = f"the files in {found} are not read"
                yield Finding("folder-name", found, (), what, f"move them into {folder}", "warning")


def _holds_yaml(source: Source, folder: str) -> bool:
    try:
        return any(name.endswith(".yaml") for name in source.names(folder))
    except Unreadable:
        return False
