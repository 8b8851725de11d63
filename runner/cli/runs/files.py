"""The files that a run began with: which, and what exactly was in them."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import say, show, show_json, table
from runner.cli.runs.export import readable
from runner.errors import Unreadable, UsageError
from runner.project.sources import Disk
from runner.spec.layout import short, with_commit
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from runner.runs.rows import RunRow
    from runner.runs.store import Store


def files_of(row: RunRow) -> str:
    """Revision and commit of a run in words."""
    return with_commit(row.revision, row.commit, dirty=row.dirty)


def print_files(store: Store, row: RunRow) -> None:
    """List the files of a run, and how each stands to what is on disk now."""
    disk = Disk(place.root())
    files = [
        {
            "name": name,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "now": _now(disk, name, content),
        }
        for name, content in sorted(_files(store, row).items())
    ]
    if options.current().json:
        show_json({**about(row), "files": files})
        return
    say(f"revision {files_of(row)}")
    rows = [(file["name"], f"{file['size']:,}", short(str(file["sha256"])), file["now"]) for file in files]
    table(("FILE", "BYTES", "SHA256", "NOW"), rows)


def print_file(store: Store, row: RunRow, name: str) -> None:
    """Print a file as the run began with it: to a terminal with what would act on it written out."""
    files = _files(store, row)
    if name not in files:
        hint = did_you_mean(name, files) or f"`runner runs show {row.id} --files` lists them"
        raise UsageError(f"run {row.id} began with no file `{name}`", hint=hint)
    if options.current().json:
        show_json({**about(row), "name": name, "content": readable(files[name])})
    elif sys.stdout.isatty():
        show(files[name].decode(errors="replace"))
    else:
        click.echo(files[name], nl=False)


def about(row: RunRow) -> dict[str, Any]:
    """Which run, and of which files."""
    return {"run": row.id, "revision": row.revision, "commit": row.commit, "dirty": row.dirty}


def _files(store: Store, row: RunRow) -> dict[str, bytes]:
    files = store.revisions.files(row.revision)
    if files is None:
        commit = f"; they were those of commit {short(row.commit)}" if row.commit and not row.dirty else ""
        raise UsageError(f"the files of revision {short(row.revision)} are not kept here any more{commit}")
    return files


def _now(disk: Disk, name: str, content: bytes) -> str:
    try:
        now = disk.read(name)
    except Unreadable:
        return "unreadable"
    return "missing" if now is None else "same" if now == content else "changed"
