"""Files beside the YAML that are not read because of their names, though they were probably meant to be.

A copy that somebody keeps (`a.yaml.bak`, `a.yaml~`) is passed over without a word: so a file is taken away for a while.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

_PASSED_OVER = re.compile(r"^(\..*|.*~|#.*#|.*\.(swp|swx|tmp|bak|orig|md|txt|py|pyc|lock))$|^\d+$")
"""Editors' and people's own files."""
_SAVED_AS_TEXT = re.compile(r"(?P<whole>.+\.ya?ml)\.(?:txt|text)", re.IGNORECASE)
_NEARLY = (".yml", ".json", ".yam", ".ymal", ".yaml")
_NO_NAME = re.compile(r"[^a-z0-9_]+")


class Odd(NamedTuple):
    """Why a file is not read, and what to do about it."""

    what: str
    hint: str
    is_sure: bool = True
    """Whether it was surely meant to be read."""


def odd_file(name: str, beside: Collection[str]) -> Odd | None:
    """What is odd about a file that has not the name of one that is read; `beside` are all names of its folder."""
    path = PurePosixPath(name)
    if saved := _SAVED_AS_TEXT.fullmatch(path.name):
        return Odd(f"{path.name} is not read: it ends in .txt", _renamed(path, saved["whole"], beside), is_sure=False)
    ending = path.suffix.lower()
    if _PASSED_OVER.match(path.name) or ending not in _NEARLY:
        return None
    if path.suffix == ".yaml":
        what = f"`{path.stem}` is no name: use small letters, digits, - and _, beginning with a letter"
        return Odd(what, _renamed(path, path.name, beside))
    if ending in (".yaml", ".yml"):
        return Odd("files here end in .yaml", _renamed(path, path.name, beside))
    return Odd(f"{path.suffix} files are not read", f"write it as {_named(path.stem)}.yaml")


def _renamed(path: PurePosixPath, whole: str, beside: Collection[str]) -> str:
    """To what it is renamed, unless there is such a file."""
    wanted = f"{_named(PurePosixPath(whole).stem)}.yaml"
    if str(path.with_name(wanted)) not in beside:
        return f"rename it to {wanted}"
    return f"{wanted} beside it is read: take what this one says into it, and remove this one"


def _named(stem: str) -> str:
    """The name that is nearest to a stem; one that has no letters is left to its author."""
    return _NO_NAME.sub("-", stem.lower()).strip("-").lstrip("0123456789_-") or "NAME"
