"""An archive as a folder again: the mirror of `packing`, and nothing that `packing` does not write."""

from __future__ import annotations

import os
import tarfile
from typing import TYPE_CHECKING

from runner.errors import StepFailed
from runner.runs.sandboxes import trees
from runner.runs.sandboxes.packing import LEFT_OUT
from runner.runs.sandboxes.places import WORK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEW = ".new"


def unpack(archive: Path, top: Path) -> None:
    """Put an archive's work folder in place, whole and on the disk before it has its name; raises `StepFailed`."""
    new = top / _NEW
    if new.exists():  # an earlier one was cut off
        trees.remove(new)
    new.mkdir(mode=0o700)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extraction_filter = lambda member, _place: member
            tar.extractall(new, _sound(tar))  # noqa: S202 - only members that were looked at
        os.sync()
        (new / WORK).chmod(0o700)
        (new / WORK).rename(top / WORK)
    except (tarfile.TarError, EOFError, FileNotFoundError) as error:
        hint = f"`runner sandboxes rm {top.name}` removes it"
        raise StepFailed(f"{archive} cannot be unpacked: {error}", match="unavailable", hint=hint) from error
    finally:
        trees.remove(new)


def _sound(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members, each in a folder that came before it, so that no link of the archive leads one elsewhere."""
    folders, files, seen = set[str](), set[str](), set[str]()
    for member in tar:
        if fault := _fault(member, folders, files, seen):
            raise tarfile.TarError(f"{member.name!r} {fault}")
        seen.add(member.name)
        if member.isdir():
            folders.add(member.name)
        elif member.isfile() or member.islnk():
            files.add(member.name)
        yield member


def _fault(member: tarfile.TarInfo, folders: set[str], files: set[str], seen: set[str]) -> str:
    above, _, name = member.name.rpartition("/")
    if member.name not in (WORK, LEFT_OUT) and (above not in folders or name in ("", ".", "..")):
        return "is in no folder of the archive"
    if member.name in seen:
        return "stands there twice"
    if member.islnk() and member.linkname not in files:
        return f"is linked to {member.linkname!r}, which is no file of the archive"
    known = member.isdir() or member.isfile() or member.issym() or member.islnk()
    return "" if known else "is neither a file, a folder nor a link"
