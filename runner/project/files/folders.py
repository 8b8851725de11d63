"""Folders whose names are nearly those that are read, and a runner.yaml under another name: all passed over unread.

It is a warning: a folder `tools` may as well be somebody else's, and then the project is right as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from runner.errors import Unreadable
from runner.project.findings import Finding
from runner.project.followups import subject
from runner.spec.layout import FOLDERS, SETTINGS, TOP_FOLDERS
from runner.spec.words import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from runner.project.sources import Source

CODE = "folder-name"
_NEAR = 0.75
"""How alike a name has to be: `agent` is meant as agents.d, `images` is not."""
_ELSEWHERE, _PROMPTS = "prompts", "agents.d/prompts"
_TEMPLATE = re.compile(rb"^template[ \t]*:", re.MULTILINE)
_YAML = (".yaml", ".yml", ".YAML", ".YML", ".yaml.txt")


def check(source: Source) -> Iterator[Finding]:
    """A warning for each folder or file that is probably meant as one that is missing, and for folders inside one."""
    told = set()
    folders = cache(source.folders)
    for wanted in FOLDERS:
        holder, _, name = wanted.rpartition("/")
        there = folders(holder or ".")
        near = "" if name in there else nearest(name, there, cutoff=_NEAR)
        found = "/".join(filter(None, (holder, near)))
        if near and found not in FOLDERS and _holds_yaml(source, found):
            what, hint = f"there is a folder `{found}`; runner reads `{wanted}`", f"rename it to {wanted}"
            told.add(found)
            yield Finding(CODE, found, (), what, hint, "warning")
    yield from _inside(source, folders, told)
    yield from _settings(source)


def misplaced(source: Source) -> str:
    """What is passed over, in one line; empty when nothing is."""
    return "; ".join(finding.what for finding in check(source))


def with_moved_prompts(findings: Iterable[Finding], source: Source) -> Iterator[Finding]:
    """The findings; where a prompt that is not there lies in a folder beside agents.d, the hint says so."""
    for finding in findings:
        file = f"{_ELSEWHERE}/{subject(finding)}.yaml" if finding.code == "unknown-prompt" else ""
        if file and _is_prompt(source, file):
            yield replace(finding, hint=f"{file} is not read: move it to {_PROMPTS}")
        else:
            yield finding


def gone(former: Iterable[str], files: Iterable[str]) -> list[str]:
    """Whatever is not read any more although it was: runner.yaml, or all of a folder."""
    before, now = ({name.partition("/")[0] for name in names} for names in (former, files))
    return [name for name in (SETTINGS, *TOP_FOLDERS) if name in before - now]


def _settings(source: Source) -> Iterator[Finding]:
    try:
        if source.read(SETTINGS) is not None:
            return
        names = [name.removeprefix("./") for name in source.names(".")]
    except Unreadable:  # reading it says so
        return
    found = nearest(SETTINGS, [name for name in names if name.endswith(_YAML)], cutoff=_NEAR)
    if found:
        what, hint = f"there is a file `{found}`; runner reads `{SETTINGS}`", f"rename it to {SETTINGS}"
        yield Finding(CODE, found, (), what, hint, "warning")


def _inside(source: Source, folders: Callable[[str], list[str]], told: Collection[str]) -> Iterator[Finding]:
    for folder in FOLDERS:
        for name in folders(folder):
            found = f"{folder}/{name}"
            if found not in FOLDERS and found not in told and _holds_yaml(source, found):
                what = f"the files in {found} are not read"
                yield Finding(CODE, found, (), what, f"move them into {folder}", "warning")


def _is_prompt(source: Source, file: str) -> bool:
    try:
        return file in source.names(_ELSEWHERE) and bool(_TEMPLATE.search(source.read(file) or b""))
    except Unreadable:
        return False


def _holds_yaml(source: Source, folder: str) -> bool:
    try:
        return any(name.endswith(".yaml") for name in source.names(folder))
    except Unreadable:
        return False
