"""`runner diff` in a real repository."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.git.repository import git

Cli = Callable[..., Any]
Git = Callable[..., str]
AGENT = "description: Helps.\nprompt: |\n  Help people.\n  - Be kind.\ntools: [look]\nlimits: {turns: 5}\n"
PACK = """description: Own.
tools:
  look: {description: Looks., command: [ls], risk: read}
  drop: {description: Drops., command: [rm, "{{ path }}"], params: {path: str}}
"""


@pytest.fixture
def repo(project: Callable[..., Path]) -> Path:
    """A project in a repository, committed as v1; then its agent may drop files and is told so, as v2."""
    root = project({"agents.d/helper.yaml": AGENT, "tools.d/own.yaml": PACK})
    git(root, "init", "-q", "-b", "main")
    save(root, "v1")
    (root / "agents.d/helper.yaml").write_text(AGENT.replace("[look]", "[look, drop]").replace("people", "everyone"))
    save(root, "v2")
    return root


def save(root: Path, tag: str) -> None:
    """Commit all files under a tag."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", tag)
    git(root, "tag", tag)


def test_two_commits_are_compared_power_first(cli: Cli, repo: Path) -> None:
    """Every part with its title; the prompt as it is rendered."""
    answer = cli("-C", repo, "diff", "v1..v2")
    assert answer.out == (
        "gained: can do more (1)\n"
        "  + agent helper calls drop: asks a person (risk write)\n"
        "prompts (1)\n"
        "  system prompt of agent helper\n"
        "      @@ -1,2 +1,2 @@\n"
        "      -Help people.\n"
        "      +Help everyone.\n"
        "       - Be kind.\n"
        "files (1)\n"
        "  ~ agents.d/helper.yaml\n"
    )
    assert (answer.code, answer.err) == (0, "v1 → v2\n")


def test_without_a_second_revision_the_files_on_disk_are_compared(cli: Cli, repo: Path) -> None:
    """No argument at all is HEAD and the disk; A, A.. and ..B leave out what git leaves out."""
    assert cli("-C", repo, "diff").out == "nothing differs\n"
    assert "calls drop" in cli("-C", repo, "diff", "v1").out
    assert (
        cli("-C", repo, "diff", "v1..").out
        == cli("-C", repo, "diff", "v1").out
        == cli("-C", repo, "diff", "v1..HEAD").out
    )
    assert "lost: can do less (1)" in cli("-C", repo, "diff", "..v1").out


@pytest.mark.parametrize(
    "words,code",
    [
        (["v1..v2"], 0),
        (["v1..v2", "--exit-code"], 1),
        (["v2..v2", "--exit-code"], 0),
        (["v1..v2", "--fail-on", "gained"], 1),
        (["v2..v1", "--fail-on", "gained"], 0),
        (["v2..v1", "--exit-code"], 1),
        (["v1...v2"], 2),
        (["v1..v2..v2"], 2),
        (["v3"], 2),
        (["--fail-on", "all"], 2),
        (["v1..v2", "--json", "--format", "markdown"], 2),
    ],
)
def test_the_exit_code_is_what_was_asked_for(cli: Cli, repo: Path, words: list[str], code: int) -> None:
    """0 unless a difference was asked to fail; wrong names are wrong usage."""
    assert cli("-C", repo, "diff", *words).code == code


@pytest.mark.parametrize(
    "words,why",
    [
        (["v1..v2", "--fail-on", "gained"], "exit code 1: --fail-on gained: 1 capability gained or changed"),
        (["v2..v1", "--exit-code"], "exit code 1: --exit-code: something differs"),
        (["v2..v1", "--exit-code", "--format", "json"], "exit code 1: --exit-code: something differs"),
    ],
)
def test_a_comparison_that_fails_says_which_option_made_it_fail(
    cli: Cli, repo: Path, words: list[str], why: str
) -> None:
    """On stderr and last, so that the log of a pull request's check ends with it; without a failure nothing is said."""
    assert cli("-C", repo, "diff", *words).err.splitlines()[-1] == why
    assert "exit code" not in cli("-C", repo, "diff", "v2..v1", "--fail-on", "gained").err


def test_json_has_both_sides_and_all_parts(cli: Cli, repo: Path) -> None:
    """The keys that docs/review.md names."""
    data = json.loads(cli("-C", repo, "--json", "diff", "v1..v2").out)
    assert data == json.loads(cli("-C", repo, "diff", "v1..v2", "--format", "json").out)
    assert set(data) == {"old", "new", "comparison"}
    assert (set(data["old"]), data["old"]["name"]) == ({"name", "revision", "problems"}, "v1")
    comparison = data["comparison"]
    assert set(comparison) == {"same", "widens", "capabilities", "prompts", "graphs", "others", "files"}
    (gained,) = comparison["capabilities"]["gained"]
    assert (gained["where"], gained["key"], gained["old"]) == ("agent helper", "calls drop", None)
    assert (comparison["same"], comparison["widens"]) == (False, True)


def test_a_side_with_problems_shows_them_with_their_place_and_line(cli: Cli, repo: Path) -> None:
    """Of the revision they are in, whatever stands on disk; the exit code is that of wrong files."""
    (repo / "agents.d/helper.yaml").write_text(AGENT.replace("limits", "limist"))
    save(repo, "v3")
    (repo / "agents.d/helper.yaml").unlink()
    answer = cli("-C", repo, "diff", "v2..v3")
    assert answer.code == 3
    assert "v2: ok" in answer.err
    assert "agents.d/helper.yaml:6:1  limist" in answer.err
    assert "6 | limist: {turns: 5}" in answer.err
    assert answer.out == "files\n  ~ agents.d/helper.yaml\n"
    data = json.loads(cli("-C", repo, "--json", "diff", "v2..v3").out)
    assert (data["comparison"], data["new"]["problems"][0]["code"]) == (None, "unknown-key")
    assert "agents.d/helper.yaml:6:1" in cli("-C", repo, "diff", "v2..v3", "--format", "markdown").out


def test_the_first_files_of_a_project_are_all_gained(cli: Cli, repo: Path) -> None:
    """A commit before there was a project is one in which nothing may be done."""
    git(repo, "checkout", "-q", "--orphan", "empty")
    git(repo, "rm", "-rqf", "--cached", ".")
    git(repo, "commit", "-q", "--allow-empty", "-m", "none")
    git(repo, "tag", "none")
    out = cli("-C", repo, "diff", "none..v1").out
    assert "+ agent helper calls look: allowed (risk read)" in out
    assert "+ tool drop" in out


def test_a_kept_revision_is_a_side_too(cli: Cli, repo: Path) -> None:
    """By the beginning of its digest, also of files that were never committed."""
    (repo / "agents.d/helper.yaml").write_text(AGENT.replace("turns: 5", "turns: 6"))
    assert cli("-C", repo, "run", "helper", "hi").code == 0
    (row,) = json.loads(cli("-C", repo, "--json", "runs", "ls").out)
    out = cli("-C", repo, "diff", f"v1..{row['revision'][:8]}").out
    assert "~ agent helper limits.turns: 5 → 6" in out
    assert cli("-C", repo, "diff", row["revision"]).out == "nothing differs\n"


def test_to_compare_keeps_nothing(cli: Cli, repo: Path) -> None:
    """No journal is begun in a clone that only checks."""
    cli("-C", repo, "diff", "v1..v2")
    assert not (repo / ".runner").exists()


def test_outside_a_repository_it_says_so(cli: Cli, project: Callable[..., Path]) -> None:
    """As wrong usage, in one line."""
    answer = cli("-C", project({}), "diff")
    assert answer.code == 2
    assert "is in no git repository" in answer.err


def test_a_text_that_differs_gives_no_command_to_the_host_of_a_job(cli: Cli, repo: Path) -> None:
    """GitHub takes commands from any line of a log, blanks before them left out: one of them hides words."""
    agent = repo / "agents.d/helper.yaml"
    agent.write_text("description: Helps.\nprompt: |\n  ::add-mask::gained\n  one ##[add-mask]gained\n")
    save(repo, "commands")
    agent.write_text(agent.read_text() + "  more\n")
    answer = cli("-C", repo, "diff")
    assert answer.out.count("add-mask") == 2
    assert not any(line.strip().startswith("::") or "##[" in line for line in answer.out.splitlines())
