"""Git as runner asks it: which commit the files are of, which commit a name means, and the files of a commit."""

from __future__ import annotations

from runner.git.note import Commit, CommitNote
from runner.git.refs import resolve
from runner.git.repository import folder_of
from runner.git.tree import GitTree

__all__ = ["Commit", "CommitNote", "GitTree", "folder_of", "resolve"]
