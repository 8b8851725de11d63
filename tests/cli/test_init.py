"""A new project works as it is, and nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_a_new_project_checks_without_a_warning(cli: Cli, starter: Path) -> None:
    """One agent, one workflow, and the place where commands run."""
    answer = cli("-C", starter, "check")
    assert answer.code == 0
    assert answer.err == ""
    assert answer.out.startswith("ok: 1 agent, 11 tools, 1 workflow, revision ")
    assert "execute: direct" in answer.out
    assert "workflow report: at most 20 model calls" in answer.out


def test_the_next_steps_name_the_folder(cli: Cli, tmp_path: Path) -> None:
    """They can be typed as they stand; blanks are quoted."""
    answer = cli("init", tmp_path / "my ops")
    assert answer.code == 0
    assert f"cd '{tmp_path / 'my ops'}'" in answer.err
    assert "runner run hello" in answer.err


def test_a_new_projects_agent_answers_and_uses_its_tool(cli: Cli, starter: Path) -> None:
    """Without key or network: the script answers, `df` is really run."""
    answer = cli("-C", starter, "run", "hello", "How is the disk?")
    assert (answer.code, answer.out) == (
        0,
        "I looked with df, as my rules say; its figures are in the tool's output.\n",
    )
    assert "disk_space: df -h" in answer.err


def test_an_edit_of_the_agent_changes_its_answer(cli: Cli, starter: Path) -> None:
    """One word of YAML is enough, and `agents render` shows it."""
    file = starter / "agents.d" / "hello.yaml"
    file.write_text(file.read_text().replace("in English", "in French"))
    assert "in French" in cli("-C", starter, "agents", "render", "hello").out
    assert cli("-C", starter, "run", "hello", "hi").out.startswith("Bonjour")


def test_a_new_projects_workflow_writes_its_report(cli: Cli, starter: Path) -> None:
    """TEXT fills its only required text; the rule in runner.yaml lets it write without asking."""
    answer = cli("-C", starter, "run", "report", "the disk")
    assert answer.code == 0
    assert (starter / "report.md").read_text().startswith("The disk was looked at")


def test_without_its_rule_the_workflow_asks(cli: Cli, starter: Path) -> None:
    """What the comment in runner.yaml says is so: the rule is needed."""
    file = starter / "runner.yaml"
    lines = [line for line in file.read_text().splitlines() if "write_file" not in line and line != "permissions:"]
    file.write_text("\n".join(lines))
    assert cli("-C", starter, "run", "report", "the disk").code == 5
    assert not (starter / "report.md").exists()


def test_init_refuses_to_overwrite(cli: Cli, starter: Path) -> None:
    """It names what is there, and writes nothing at all."""
    (starter / "replies.yaml").unlink()
    before = (starter / "runner.yaml").read_bytes()
    answer = cli("init", starter)
    assert answer.code == 2
    assert "holds runner.yaml, agents.d/hello.yaml" in answer.err
    assert (starter / "runner.yaml").read_bytes() == before
    assert not (starter / "replies.yaml").exists()


def test_init_keeps_a_gitignore_of_ones_own(cli: Cli, tmp_path: Path) -> None:
    """A repository that is there already keeps its own."""
    (tmp_path / ".gitignore").write_text("mine\n")
    assert cli("-C", tmp_path, "init").code == 0
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


@pytest.mark.parametrize("name, code", [("runner.yaml", 2), (".gitignore", 0)])
def test_init_writes_through_no_link(cli: Cli, tmp_path: Path, name: str, code: int) -> None:
    """One that leads nowhere is a file that is there, too: nothing comes to be outside of the folder."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / name).symlink_to("../elsewhere")
    assert cli("init", tmp_path / "new").code == code
    assert not (tmp_path / "elsewhere").exists()


def test_init_into_a_file_is_a_usage_error(cli: Cli, tmp_path: Path) -> None:
    """A file is no folder."""
    (tmp_path / "taken").write_text("")
    assert cli("init", tmp_path / "taken").code == 2


@pytest.mark.parametrize("folder", ["taken/new", "/proc/new", "n" * 300])
def test_a_folder_that_cannot_be_made_is_a_usage_error(cli: Cli, tmp_path: Path, folder: str) -> None:
    """One line with the system's own reason, and what to do."""
    (tmp_path / "taken").write_text("")
    answer = cli("init", tmp_path / folder)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error: no project can be made in {tmp_path / folder}: ")
    assert answer.err.count("\n") == 2


def test_a_relative_folder_is_seen_from_the_folder_of_c(cli: Cli, tmp_path: Path) -> None:
    """As every other verb sees the project."""
    assert cli("-C", tmp_path, "init", "new").code == 0
    assert (tmp_path / "new/runner.yaml").is_file()
