"""A copy of the project's folder for one case to act in: what it changes there is thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.errors import RunnerError, UsageError
from runner.git import folder_of
from runner.git.asking import GitFailed, ask
from runner.git.repository import top_of

LINKED = (".venv", "node_modules")
"""Folders that are too big to be copied: the copy has a link to each."""
SECRETS = ".env"
MOST = 1_000_000_000
"""Bytes that are copied at most: a folder that holds more is hardly a project."""
_PASSED_OVER = frozenset({".git", "__pycache__", *LINKED})
_LONG_AGO = "2000-01-01T00:00:00Z"
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_DATE": _LONG_AGO,
    "GIT_COMMITTER_DATE": _LONG_AGO,
}
_AUTHOR = ("-c", "user.name=runner test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")


@contextmanager
def copy_of(root: Path, storage: Path) -> Iterator[Path]:
    """A folder with the files of the project as they are now; where they are git's, in a repository of one commit.

    Files that git ignores are left out, `.env` is there. The commit is the same for the same files.
    """
    names = _files(root, storage)
    if sum((root / name).lstat().st_size for name in names) > MOST:
        what = f"{root} holds more than {MOST // 1_000_000_000} GB, and a case works on a copy of it"
        raise UsageError(what, hint="put it into git, and let .gitignore name what is no part of the project")
    with tempfile.TemporaryDirectory(prefix="runner-test-", ignore_cleanup_errors=True) as holder:
        copy = Path(holder).resolve() / root.name
        copy.mkdir()
        for name in names:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name, follow_symlinks=False)
        for name in LINKED:
            if (root / name).is_dir():
                (copy / name).symlink_to(root / name)
        if folder_of(root):
            _commit(copy)
        if (root / SECRETS).is_file():
            shutil.copy2(root / SECRETS, copy / SECRETS)
        yield copy


def _files(root: Path, storage: Path) -> list[str]:
    """The names of the files that are copied."""
    inner = os.path.relpath(root, top_of(root) or root)  # git is asked at the top, of this folder's files alone
    words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", f":(literal){inner}")
    try:
        found = ask(root, *words).decode(errors="surrogateescape")
        names = [os.path.relpath(name, inner) for name in found.split("\0") if name]
    except GitFailed:
        names = list(_walk(root, storage))
    there = (name for name in dict.fromkeys(names) if name != SECRETS)
    return [name for name in there if (root / name).is_symlink() or (root / name).is_file()]


def _walk(root: Path, storage: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _PASSED_OVER and Path(folder, name) != storage]
        yield from (os.path.relpath(Path(folder, name), root) for name in files)


def _commit(copy: Path) -> None:
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "-A", "-f"),
        ("commit", "-q", "--allow-empty", "-m", "As it is"),
    ):
        _git(copy, *words)
        if words[0] == "init":
            (copy / ".git/info").mkdir(exist_ok=True)
            (copy / ".git/info/exclude").write_text("".join(f"/{name}\n" for name in (*LINKED, SECRETS, ".runner")))


def _git(copy: Path, *words: str) -> None:
    argv = ["git", *_AUTHOR, "-c", f"core.hooksPath={os.devnull}", *words]
    if words[0] == "add":  # -f takes what the files themselves would have ignored: they are git's in the original
        argv += ["--", ".", *(f":!{name}" for name in LINKED)]
    done = subprocess.run(argv, cwd=copy, env={**os.environ, **_ENVIRONMENT}, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise RunnerError(f"git {words[0]} does not work in a copy of the project: {said}")
