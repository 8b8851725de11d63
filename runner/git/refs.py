"""Which commit a name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import UsageError
from runner.git.asking import GitFailed, ask
from runner.git.repository import folder_of, shared_folder
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = 8
"""Branches and tags that a hint lists."""


def resolve(root: Path, ref: str) -> str:
    """The full id of the commit that a branch, a tag or any other name of git stands for; raises `UsageError`."""
    git = folder_of(root)
    if git is None:
        hint = "without git, a kept revision can be named: `runner runs ls` shows those of runs"
        raise UsageError(f"`{ref}` names no commit: {root} is in no git repository", hint=hint)
    if "\0" in ref or ref.startswith("^"):  # git would answer with all commits but this one's
        raise UsageError(f"{ref!r} is no name of a commit")
    try:
        return _parsed(root, f"{_parsed(root, ref)}^{{commit}}")
    except GitFailed as error:
        said = f": {error}" if "ambiguous" in str(error) or "repository" in str(error) else ""
        raise UsageError(f"git knows no commit `{ref}`{said}", hint=_hint(root, git, ref)) from error


def _parsed(root: Path, name: str) -> str:
    return ask(root, "rev-parse", "--verify", "--end-of-options", name).decode().strip()


def _hint(root: Path, git: Path, ref: str) -> str:
    if ".." in ref:
        return "name one commit, not a range"
    names = _names(root)
    if meant := did_you_mean(ref, names):
        return meant
    if (shared_folder(git) / "shallow").exists():
        return "this clone has only the newest commits: `git fetch --unshallow` brings all"
    more = ", …" if names[SHOWN:] else ""
    return f"there are: {', '.join(names[:SHOWN])}{more}" if names else "the repository has no commit yet"


def _names(root: Path) -> list[str]:
    """All branches and tags, the newest first."""
    words = ("--sort=-creatordate", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    try:
        return ask(root, "for-each-ref", *words).decode(errors="replace").split()
    except GitFailed:
        return []
