"""The git pack: history and branches, without anything that a repository could have git start.

No hook, filter, pager, editor, signer, monitor, external diff, text conversion, submodule or transport: a repository's
configuration names programs for all of them. git itself is found outside the workspace.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.tools.context import Context, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/run/current-system/sw/bin"
"""Where git is looked for."""
_ENVIRONMENT = {
    "PATH": PATH,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.quotePath": "false",
    "core.editor": "false",
    "commit.gpgSign": "false",
    "gpg.program": "false",
    "log.showSignature": "false",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "safe.bareRepository": "explicit",
}
_PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all")
_NAMED = r"^(filter[.].*[.](clean|smudge|process|required)|hook[.].*[.](event|enabled))$"
"""Settings whose names the repository chooses: its filters, and hooks that stand in its configuration."""
_TEXT = 60_000
"""Bytes that one answer shows of a text."""
_MOST = 5_000_000
"""Bytes that git may put out."""
_ROWS = 500


def git_log(
    context: Context, revision: str = "HEAD", path: str = ".", words: str = "", limit: int = 20
) -> dict[str, Any]:
    """The newest commits."""
    form = "--format=%H%x1f%an%x1f%aI%x1f%D%x1f%s%x1e"
    only = ("--regexp-ignore-case", "--fixed-strings", f"--grep={words}") if words else ()
    count = f"--max-count={min(max(limit, 1), _ROWS)}"
    text = run_git(context, "log", "--no-color", form, count, *only, revision, "--", context.relative(path))
    fields = ("commit", "author", "date", "refs", "subject")
    return {"commits": _table(text, fields)}


def git_show(context: Context, revision: str = "HEAD", path: str = ".") -> dict[str, Any]:
    """A commit and its changes."""
    form = "--format=%H%x1f%an%x1f%aI%x1f%P%x1f%B%x1e"
    commit = f"{revision}^{{commit}}"
    (head,) = _table(
        run_git(context, "show", "--no-patch", form, commit), ("commit", "author", "date", "parents", "message")
    )
    changes = ("diff-tree", "--root", "-r", "-m", "--first-parent", "--no-commit-id")
    inside = ("--", context.relative(path))
    files = run_git(context, *changes, "--name-only", "-z", "--no-renames", head["commit"], *inside)
    patch = run_git(context, *changes, "--patch", *_PLAIN, head["commit"], *inside)
    head["message"] = head["message"].strip()
    return {**head, "files": files.split("\0")[:-1][:_ROWS], **_shortened(patch)}


def git_read_file(context: Context, path: str, revision: str = "HEAD") -> dict[str, Any]:
    """The text of a file in a revision."""
    name = context.relative(path)
    return {"path": name, **_shortened(run_git(context, "cat-file", "blob", f"{revision}:./{name}"))}


def git_blame(context: Context, path: str, first: int = 1, last: int = 200, revision: str = "HEAD") -> dict[str, Any]:
    """The last change of each line."""
    if not 1 <= first <= last:
        raise ToolFailed(f"no line lies between {first} and {last}", hint="first counts from 1, last is not below it")
    lines = f"-L{first},+{min(last - first + 1, _ROWS)}"
    words = ("blame", "--line-porcelain", "--no-textconv", lines, revision, "--", context.relative(path))
    try:
        text = run_git(context, *words)
    except ToolFailed:
        # The file may be any of the machine, and git says which line of it names no commit.
        if run_git(context, "config", "--get-all", "blame.ignoreRevsFile", fails=False):
            what = "git blame failed, and git's words may show what stands in the file that blame.ignoreRevsFile names"
            raise ToolFailed(what, hint="a person looks at that setting and file") from None
        raise
    rows: list[dict[str, Any]] = []
    for number, part in enumerate(re.split(r"\n\t(.*)\n", f"{text}\n")[:-1]):
        if number % 2:
            rows[-1]["text"] = part[:500]
        else:
            head = dict(line.partition(" ")[::2] for line in part.split("\n")[1:])
            commit, _, line, *_ = part.split()
            row = {"line": int(line), "commit": commit, "author": head["author"], "time": int(head["author-time"])}
            rows.append({**row, "subject": head["summary"]})
    return {"lines": rows}


def git_branches(context: Context, remote: bool = False) -> dict[str, Any]:
    """The branches."""
    form = "--format=%(refname:short)%1f%(objectname:short)%1f%(committerdate:iso-strict)%1f%(subject)%1e"
    where = "refs/remotes" if remote else "refs/heads"
    text = run_git(context, "for-each-ref", form, f"--count={_ROWS}", "--sort=-committerdate", where)
    current = run_git(context, "rev-parse", "--abbrev-ref", "HEAD", fails=False).strip()
    return {"current": current, "branches": _table(text, ("name", "commit", "date", "subject"))}


def git_tags(context: Context, limit: int = 50) -> dict[str, Any]:
    """The tags."""
    form = "--format=%(refname:short)%1f%(objectname:short)%1f%(creatordate:iso-strict)%1f%(subject)%1e"
    count = f"--count={min(max(limit, 1), _ROWS)}"
    text = run_git(context, "for-each-ref", form, count, "--sort=-creatordate", "refs/tags")
    return {"tags": _table(text, ("name", "object", "date", "subject"))}


def git_remotes(context: Context) -> dict[str, Any]:
    """The remotes."""
    run_git(context, "rev-parse", "--git-dir")
    text = run_git(context, "config", "--local", "-z", "--get-regexp", r"^remote[.].*[.](push)?url$", fails=False)
    pairs = [entry.partition("\n")[::2] for entry in text.split("\0")[:-1]]
    rows = [(*key.removeprefix("remote.").rpartition(".")[::2], address) for key, address in pairs]
    return {"remotes": [{"name": name, "use": use, "address": _without_user(url)} for name, use, url in rows]}


def run_git(context: Context, *words: str, env: dict[str, str] | None = None, fails: bool = True) -> str:
    """What git puts out, with its settings made safe; without `fails` nothing when it fails."""
    _refuse_links(context)
    settings = {**_SETTINGS, **dict.fromkeys(_named(context), "")}
    pairs = [("KEY", key, "VALUE", value) for key, value in settings.items()]
    given = {
        f"GIT_CONFIG_{kind}_{n}": text
        for n, pair in enumerate(pairs)
        for kind, text in zip(pair[::2], pair[1::2], strict=True)
    }
    given["GIT_CONFIG_COUNT"] = str(len(pairs))
    return _run(context, words, {**given, **(env or {})}, fails=fails)


def _refuse_links(context: Context) -> None:
    """Refuse links in the repository's own folder: git tells of lines that it does not understand, of any file."""
    own = _run(context, ("rev-parse", "--absolute-git-dir"), {}, fails=False).rstrip("\n")
    for root, folders, files in os.walk(own):
        folders[:] = [name for name in folders if (root, name) != (own, "hooks")]
        links = [Path(root, name) for name in (*folders, *files) if Path(root, name).is_symlink()]
        if links:
            what = f"git would follow a link in the repository's own folder: {links[0]}"
            raise ToolFailed(what, hint="a person looks at it")


def _named(context: Context) -> list[str]:
    """The filters and hooks of the repository: they have names of its choosing, and each one is emptied."""
    return _run(context, ("config", "--name-only", "-z", "--get-regexp", _NAMED), {}, fails=False).split("\0")[:-1]


def _run(context: Context, words: Sequence[str], env: dict[str, str], *, fails: bool) -> str:
    argv, every = ["git", "--no-pager", *words], {**os.environ, **_ENVIRONMENT, **env}
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                argv, cwd=context.workspace, env=every, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            )
        except FileNotFoundError:
            raise ToolFailed(f"git is not there (looked in {PATH})", match="unavailable", hint="install git") from None
        with process:
            data = process.stdout.read(_MOST + 1) if process.stdout else b""
            if len(data) > _MOST:
                process.kill()
                raise ToolFailed(f"git put out more than {_MOST:,} bytes", hint="name a path, or ask for less")
        errors.seek(0)
        said = errors.read(_TEXT).decode(errors="replace").strip()
    if process.returncode and fails:
        raise ToolFailed(f"git {words[0]} failed: {said[-2000:] or process.returncode}")
    return "" if process.returncode else data.decode(errors="replace")


def _table(text: str, fields: Sequence[str]) -> list[dict[str, str]]:
    rows = [row.strip("\n").split("\x1f") for row in text.split("\x1e")[:-1]]
    return [dict(zip(fields, row, strict=False)) for row in rows]


def _shortened(text: str) -> dict[str, Any]:
    return {"text": text[:_TEXT], "truncated": max(0, len(text) - _TEXT)}


def _without_user(address: str) -> str:
    return re.sub(r"(://)[^/@]*@", r"\1", address)
