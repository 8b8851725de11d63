"""Whole projects on disk, each with all of its YAML as its own files, so that every one of them can be broken."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import runner.cli
from runner.cli.edge import execute
from runner.project import std
from runner.spec.layout import FOLDERS

STARTERS = Path(runner.cli.__file__).parent / "templates"


@dataclass(frozen=True)
class Site:
    """A project in a folder, and the files of it that are broken one after the other."""

    name: str
    root: Path
    originals: dict[str, str]

    def put(self, file: str, text: str) -> None:
        """Write a file, as it is."""
        (self.root / file).write_bytes(text.encode())

    def restore(self, file: str) -> None:
        """The file as it ships."""
        self.put(file, self.originals[file])


def demo(root: Path) -> Site:
    """The demo, with everything that ships copied over the shipped files."""
    for folder in FOLDERS:
        shutil.copytree(std.folder() / folder, root / folder, dirs_exist_ok=True)
    for name in ("runner.yaml", "replies.yaml"):
        shutil.copy(std.demo() / name, root / name)
    with (root / "runner.yaml").open("a") as settings:
        settings.write("resources: {music: {sqlite: data/music.db}}\n")  # what the pack music asks for
    (root / "data").mkdir()
    (root / "data/music.db").touch()
    return _site("demo", root)


def starters(root: Path) -> list[Site]:
    """What `runner init` writes, in every kind that there is."""
    sites = []
    for folder in sorted(STARTERS.iterdir()):
        if (folder / "runner.yaml").exists():
            shutil.copytree(folder, root / folder.name)
            sites.append(_site(folder.name, root / folder.name))
    return sites


def _site(name: str, root: Path) -> Site:
    files = sorted(path for path in root.rglob("*.yaml"))
    return Site(name, root, {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in files})


def check(root: Path, *, form: str = "--json") -> tuple[int, str, str]:
    """`runner check` in this process: exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    words = ["-C", str(root), "--no-color", *([form] if form else []), "check"]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = execute(runner.cli.runner, words)
    return code, out.getvalue(), err.getvalue()


def report(root: Path) -> tuple[int, dict[str, Any]]:
    """`runner check --json`: exit code, and what it printed; what is no report is shown as it came."""
    code, out, err = check(root)
    try:
        data: dict[str, Any] = json.loads(out)
    except ValueError as error:
        raise AssertionError(f"exit {code}\n{out}\n{err}") from error
    return code, data
