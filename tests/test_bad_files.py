"""Mistakes that cannot be committed: odd files, rights and links, each with what `runner check` says of it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.cli import runner
from runner.cli.edge import execute
from runner.project.load import load
from runner.project.sources import Disk, Stored

AGENT = "description: Helps.\nprompt: Help.\n"
NOBODY = 65534
Make = Callable[[Path], object]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one agent, and a workflow that calls it and another."""
    root = tmp_path / "project"
    (root / "agents.d").mkdir(parents=True)
    (root / "workflows").mkdir()
    (root / "runner.yaml").write_text('models: {default: {provider: ollama, model: "qwen3:8b"}}\n')
    (root / "agents.d" / "helper.yaml").write_text(AGENT)
    return root


def said(root: Path) -> list[str]:
    """What a load of the project says, a line for each problem."""
    return [
        f"{one.file}:{one.line}:{one.column} {one.code} {one.what} ({one.hint})"
        for one in load(Disk(root), root).problems
    ]


def _open_to_all(path: Path) -> None:
    path.write_text(AGENT)
    path.chmod(0o666)


ODD: dict[str, tuple[Make, str]] = {
    "a link that leads nowhere": (
        lambda path: path.symlink_to("gone.yaml"),
        "unreadable it is a link to gone.yaml, which is not there ()",
    ),
    "a link to itself": (
        lambda path: path.symlink_to(path.name),
        "unreadable it cannot be read: Too many levels of symbolic links ()",
    ),
    "a pipe": (lambda path: os.mkfifo(path, 0o600), "unreadable it is no regular file ()"),
    "a folder": (lambda path: path.mkdir(), "unreadable it is a folder, not a file ()"),
    "a file of 5 MB": (
        lambda path: path.write_text("# " + "x" * 5_000_000),
        "too-big the file has 5,000,002 bytes; at most 1,000,000 are read (split it, or move data out of it)",
    ),
    "a file that everybody may write": (
        _open_to_all,
        "unreadable every user of this machine may write it (chmod o-w {root}/agents.d/odd.yaml)",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_a_file_that_is_none_is_told_with_the_way_out(project: Path, name: str) -> None:
    """The rest of the project is read all the same, and nothing waits for a pipe."""
    make, expected = ODD[name]
    make(project / "agents.d" / "odd.yaml")
    assert said(project) == [f"agents.d/odd.yaml:1:1 {expected.replace('{root}', str(project))}"]


@pytest.mark.parametrize("place", ["agents.d/helper.yaml", "agents.d"])
def test_what_may_not_be_read_is_told_alone(project: Path, place: str) -> None:
    """Names that an unreadable file or folder would have given are not called unknown."""
    (project / "workflows" / "work.yaml").write_text(
        "description: Works.\nphases:\n  x: {agent: helper, message: Go.}\n"
    )
    for folder in (project, *project.parents):
        if folder.owner() != "root" or folder == project.parents[-1]:
            continue
        folder.chmod(folder.stat().st_mode | 0o011)
    (project / place).chmod(0)
    try:
        lines = _as_nobody(project)
    finally:
        (project / place).chmod(0o700)
    (line,) = lines
    assert line.startswith(f"{place}:1:1: unreadable it cannot be read: Permission denied (")
    assert line.endswith(f"look at `ls -ld {project / place}`)")
    assert ("it belongs to root, and runner runs as " in line) == (os.getuid() == 0)


def _as_nobody(project: Path) -> list[str]:
    """What the check says to somebody without any rights of root."""
    script = (
        "import os, sys\n"
        "from runner.cli import runner\n"
        "from runner.cli.edge import execute\n"
        "from runner.cli import check, problems\n"
        "from runner.cli.checking import lines, sarif\n"
        "from runner.project import load, sources\n"
        "from runner.project.here import machine, secrets\n"
        f"os.getuid() or (os.setgid({NOBODY}), os.setuid({NOBODY}))\n"
        "sys.exit(execute(runner, ['-C', '.', 'check', '--format', 'concise']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + AGENT.encode(), AGENT.replace("\n", "\r\n").encode()])
def test_files_of_windows_editors_are_fine(project: Path, content: bytes) -> None:
    """A byte order mark and CRLF say nothing."""
    (project / "agents.d" / "helper.yaml").write_bytes(content)
    assert said(project) == []


def test_a_folder_without_a_project_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is no fault of a file, so it has the exit code of usage."""
    code = execute(runner, ["-C", str(tmp_path), "check"])
    error = capsys.readouterr().err
    assert code == 2
    assert "no runner.yaml, agents.d, tools.d or workflows is there" in error
    assert "hint: `runner init` makes one here" in error


def test_problems_come_in_one_order_whatever_order_the_files_come_in(project: Path, seed: int) -> None:
    """A file system gives names as it likes."""
    files = {f"agents.d/a{number}.yaml": b"description: Helps.\npromt: Help.\n" for number in range(8)}
    files["runner.yaml"] = b"modles: {}\nuse: [std/x]\n"
    files["workflows/w.yaml"] = b"description: W.\nphases:\n  x: {agent: b, message: '{{ y }}'}\n"
    expected = load(Stored(files), project).problems
    assert len(expected) >= 10
    assert [one.file for one in expected] == sorted(one.file for one in expected)
    shuffler = random.Random(seed)
    for _ in range(5):
        names = list(files)
        shuffler.shuffle(names)
        assert load(_Unsorted({name: files[name] for name in names}), project).problems == expected


class _Unsorted(Stored):
    """A source that gives names in the order in which it has them."""

    def names(self, folder: str) -> list[str]:
        """The names of all files directly in a folder, as they come."""
        return [name for name in self.files if name.rpartition("/")[0] == folder]
