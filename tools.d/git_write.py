"""The git pack: what writes. The workspace has to be the top of its repository: nothing outside of it is changed."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from git import PATH, git_show, run_git

from runner.tools.context import Context, ToolFailed
from runner.tools.places import is_inside

_AT_ONCE = 500
"""Paths that one command is given."""


def git_commit(context: Context, message: str, paths: list[str]) -> dict[str, Any]:
    """Commit some files."""
    _at_the_top(context)
    names = [context.relative(path) for path in paths]
    if not names or not message.strip():
        raise ToolFailed("no file is named" if not names else "the message is empty", hint="say what changes and why")
    _refuse_filtered(context, names)
    identity = _identity(context)
    run_git(context, "add", "--all", "--", *names)
    run_git(
        context,
        "commit",
        "--quiet",
        "--no-verify",
        "--no-gpg-sign",
        "--only",
        f"--message={message}",
        "--",
        *names,
        env=identity,
    )
    made = git_show(context)
    return {key: made[key] for key in ("commit", "author", "message", "files")}


def git_create_branch(context: Context, name: str, revision: str = "HEAD") -> dict[str, Any]:
    """Make a branch."""
    _at_the_top(context)
    run_git(context, "branch", "--no-track", name, revision)
    return {"branch": name, "commit": run_git(context, "rev-parse", f"refs/heads/{name}").strip()}


def git_checkout(context: Context, name: str) -> dict[str, Any]:
    """Check out a branch."""
    _at_the_top(context)
    run_git(context, "rev-parse", "--verify", f"refs/heads/{name}")
    changed = run_git(context, "diff", "--name-only", "-z", "--no-renames", "HEAD", f"refs/heads/{name}", "--").split(
        "\0"
    )
    own = [path for path in changed if path and is_inside(context.workspace / path, (*context.fixed, *context.closed))]
    if own:
        what = f"{own[0]} differs in {name}, and is one of the files that say what agents may do: no tool changes them"
        raise ToolFailed(what, hint="a person checks that branch out")
    run_git(context, "switch", "--quiet", "--no-guess", "--no-recurse-submodules", name)
    return {"branch": name, "commit": run_git(context, "rev-parse", "HEAD").strip()}


def _at_the_top(context: Context) -> None:
    top = os.path.realpath(run_git(context, "rev-parse", "--show-toplevel").rstrip("\n"))
    if top != str(context.workspace):
        raise ToolFailed(f"the repository's files begin at {top}, not at the workspace", hint="work in that folder")


def _identity(context: Context) -> dict[str, str]:
    """Who commits: as the repository or the user's own settings say."""
    said: dict[str, str] = {}
    for key in ("name", "email"):
        words = ["git", "config", "--get", f"user.{key}"]
        env = {**os.environ, "PATH": PATH}
        done = subprocess.run(words, cwd=context.workspace, env=env, capture_output=True, text=True, check=False)
        if not done.stdout.strip():
            raise ToolFailed(f"git does not know who commits: user.{key} is not set", hint=f"git config user.{key} …")
        said |= {f"GIT_{role}_{key.upper()}": done.stdout.strip() for role in ("AUTHOR", "COMMITTER")}
    return said


def _refuse_filtered(context: Context, names: list[str]) -> None:
    """Refuse files that a filter stores in another form: it is not started, and they would be stored as they stand."""
    listed = run_git(context, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *names).split("\0")[
        :-1
    ]
    for start in range(0, len(listed), _AT_ONCE):
        fields = run_git(context, "check-attr", "-z", "filter", "--", *listed[start : start + _AT_ONCE]).split("\0")
        for path, value in zip(fields[::3], fields[2::3], strict=False):
            if value not in {"unspecified", "unset"}:
                raise ToolFailed(
                    f"{path} is stored by the filter {value}, which is not started", hint="a person commits it"
                )
