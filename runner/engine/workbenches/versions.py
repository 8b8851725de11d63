"""The files that a run begins with when somebody names others than those in use: a kept revision, or a commit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.errors import ConfigInvalid, StoreError, Unreadable, UsageError
from runner.git import Commit, GitTree, resolve
from runner.project.load import load
from runner.project.sources import Committed, Stored
from runner.spec.layout import DIGITS, SETTINGS, TOP_FOLDERS, short

if TYPE_CHECKING:
    from pathlib import Path

    from runner.project.load import Loaded
    from runner.project.project import Project
    from runner.runs.store import Store

LIVE = "live"
"""The files in use now."""
SHORTEST = 6
"""Digits of a revision that are taken for one; fewer can only be a name of git."""

_HINT = "`--at live` takes the files in use now"


@dataclass(frozen=True, slots=True)
class Version:
    """Files to begin a run with, and the commit they are of."""

    project: Project
    commit: Commit
    name: str
    """What names exactly these files: a whole digest, or the whole id of a commit."""


def version_at(store: Store, root: Path, at: str) -> Version:
    """The files of a kept revision (its digest or the beginning of it), else of a commit, which are then kept.

    Raises `UsageError` for what names neither, and `ConfigInvalid` when the files of a commit are wrong.
    """
    if not at.strip():
        raise UsageError("no revision is named", hint="name a kept one, or a commit; `live` are the files in use now")
    revision = kept_revision(store, at)
    if revision is None:
        return _committed(store, root, at)
    sha, dirty = store.revisions.commit(revision)
    try:
        return Version(kept_project(store, revision, root), Commit(sha, dirty), revision)
    except StoreError as error:
        raise UsageError(error.message, hint=_HINT) from error


def kept_project(store: Store, revision: str, root: Path) -> Project:
    """The project of a kept revision; raises `StoreError` when it cannot be had back."""
    files = store.revisions.files(revision)
    if files is None:
        raise StoreError(f"revision {short(revision)} is not kept here")
    loaded = load(Stored(files), root)
    if loaded.project is None or loaded.project.revision != revision:
        raise StoreError(f"the files of revision {short(revision)} are read differently by this version of runner")
    return loaded.project


def kept_revision(store: Store, at: str) -> str | None:
    """The one kept revision whose digest begins so, None when there is none; raises `UsageError` for several."""
    found = store.revisions.beginning(at) if len(at) >= SHORTEST else []
    if at in found or len(found) == 1:
        return at if at in found else found[0]
    if found:
        listed = ", ".join(digest[: len(at) + SHORTEST] for digest in found)
        raise UsageError(f"several revisions begin with `{at}`: {listed}", hint="give more of its digits")
    return None


def _committed(store: Store, root: Path, ref: str) -> Version:
    try:
        sha = resolve(root, ref)
        loaded = _loaded(root, sha)
    except UsageError as error:
        raise _unknown(ref, error) from error
    except Unreadable as error:
        raise UsageError(str(error), hint=error.hint) from error
    if loaded.project is None:
        raise _invalid(loaded, short(sha))
    store.revisions.save(loaded.project.revision, loaded.project.files, sha, dirty=False)
    return Version(loaded.project, Commit(sha), sha)


def _unknown(at: str, error: UsageError) -> UsageError:
    if len(at) == DIGITS:
        return UsageError(f"revision {short(at)} is not kept here any more", hint=_HINT)
    return UsageError(f"no kept revision begins with `{at}`, and {error.message}", hint=error.hint)


def _invalid(loaded: Loaded, commit: str) -> ConfigInvalid:
    """Files are named as git names those of a commit, lest anybody looks for the place in the file as it is now."""
    problems = [replace(problem, file=f"{commit}:{problem.file}") for problem in loaded.problems]
    files = {f"{commit}:{name}": content for name, content in loaded.files.items()}
    count = len(problems)
    return ConfigInvalid(
        f"the files of commit {commit} have {count} problem{'s' * (count != 1)}", problems, files=files
    )


def _loaded(root: Path, sha: str) -> Loaded:
    tree = GitTree(root, sha)
    if not any(map(tree.holds, (SETTINGS, *TOP_FOLDERS))):
        raise UsageError(f"commit {short(sha)} holds no project{f' in {tree.prefix}' if tree.prefix else ''}")
    return load(Committed(tree), root)
