"""Each editor saves in its own way and leaves its own files about: one save is one reload, without a complaint."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.git.repository import git

Player = Callable[[Any], None]
TEXT = "description: Greets.\nprompt: Say two.\n"


def in_place(path: Path) -> None:
    """Written over; so do nano and VS Code."""
    path.write_text(TEXT)


def nano(path: Path) -> None:
    """A lock file beside it while it is open, then in place."""
    lock = path.with_name(f".{path.name}.swp")
    lock.write_bytes(b"b0nano")
    path.write_text(TEXT)
    lock.unlink()


def vim(path: Path) -> None:
    """A swap file, a trial file, the old one renamed to a backup, the new one on disk before that goes."""
    swap, trial, backup = path.with_name(f".{path.name}.swp"), path.with_name("4913"), path.with_name(f"{path.name}~")
    swap.write_bytes(b"b0VIM")
    trial.touch()
    trial.unlink()
    path.rename(backup)
    with path.open("w") as file:
        file.write(TEXT)
        os.fsync(file.fileno())
    backup.unlink()
    swap.unlink()


def emacs(path: Path) -> None:
    """A lock that is a link to nowhere, an auto-save file, and a backup that stays."""
    lock, saved = path.with_name(f".#{path.name}"), path.with_name(f"#{path.name}#")
    lock.symlink_to("somebody@somewhere.1234:5678")
    saved.write_text("description: Hal")
    path.rename(path.with_name(f"{path.name}~"))
    path.write_text(TEXT)
    saved.unlink()
    lock.unlink()


def jetbrains(path: Path) -> None:
    """The new one beside it, the old one renamed, the new one renamed, the old one deleted."""
    fresh, old = path.with_name(f"{path.name}___jb_tmp___"), path.with_name(f"{path.name}___jb_old___")
    fresh.write_text(TEXT)
    path.rename(old)
    fresh.rename(path)
    old.unlink()


def kate(path: Path) -> None:
    """A swap file, and a new one of a random name renamed over the old."""
    swap, fresh = path.with_name(f".{path.name}.kate-swp"), path.with_name(f"{path.name}.Xy12Zq")
    swap.write_bytes(b"Kate")
    fresh.write_text(TEXT)
    fresh.replace(path)
    swap.unlink()


def gedit(path: Path) -> None:
    """A hidden stream renamed over it, the old one linked as a backup."""
    fresh = path.with_name(".goutputstream-ABC123")
    fresh.write_text(TEXT)
    os.link(path, path.with_name(f"{path.name}~"))
    fresh.replace(path)


def sed(path: Path) -> None:
    """The real one, which makes a file of a random name without an ending."""
    subprocess.run(["sed", "-i", "s/one/two/", str(path)], check=True)


def install(path: Path) -> None:
    """Deleted, and copied with an old time: only its place and its inode are new."""
    fresh = path.parent.parent / "fresh"
    fresh.write_text(TEXT)
    os.utime(fresh, (1, 1))
    subprocess.run(["cp", "-p", "--remove-destination", str(fresh), str(path)], check=True)


@pytest.mark.parametrize("save", [in_place, nano, vim, emacs, jetbrains, kate, gedit, sed, install])
def test_a_save_is_one_reload_however_the_editor_makes_it(
    watched: Player, root: Path, save: Callable[[Path], None]
) -> None:
    """What it leaves beside the file is no file of the project, whatever it is called."""

    async def scene(stage: Any) -> None:
        save(root / "agents.d/greeter.yaml")
        await stage.until_word("two")
        await stage.until_told(1)
        stage.says("three")
        await stage.until_word("three")
        await stage.until_told(2)
        assert [(result.ok, result.changed) for result in stage.told] == [(True, True)] * 2

    watched(scene)


def test_a_change_of_branch_is_one_reload(watched: Player, root: Path) -> None:
    """A hundred files that only agree with each other as one set."""
    git(root, "init", "-q")
    for branch in ("main", "other"):
        git(root, "checkout", "-q", "--orphan", branch)
        names = [f"{branch}{number}" for number in range(100)]
        for name in names:
            (root / f"agents.d/{name}.yaml").write_text(f"description: {branch}.\nprompt: Say {branch}.\n")
        phases = "".join(f"  p{number}: {{agent: {name}, message: Go.}}\n" for number, name in enumerate(names))
        (root / "workflows").mkdir(exist_ok=True)
        (root / "workflows/all.yaml").write_text(f"description: {branch}.\nphases:\n{phases}")
        git(root, "add", "-A")
        git(root, "commit", "-qm", branch)
        git(root, "rm", "-rqf", "--cached", ".")
        if branch == "main":
            for name in names:
                (root / f"agents.d/{name}.yaml").unlink()
    git(root, "checkout", "-qf", "other")

    async def scene(stage: Any) -> None:
        for count, branch in enumerate(("main", "other", "main"), 1):
            git(root, "checkout", "-qf", branch)
            result = await stage.until_told(count)
            assert (result.ok, result.changed) == (True, True)
            assert f"{branch}99" in stage.engine.workbench.project.agents

    watched(scene)
