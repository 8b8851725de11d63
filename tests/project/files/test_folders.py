"""Folders and files that are passed over because of their names."""

from __future__ import annotations

import pytest

from runner.project.files.folders import gone, misplaced, with_moved_prompts
from runner.project.findings import Finding
from runner.project.sources import Stored

MOVE = "prompts/task.yaml is not read: move it to agents.d/prompts"


@pytest.mark.parametrize("name", ["runner.yml", "Runner.yaml", "runer.yaml", "runners.yaml", "runner.yaml.txt"])
def test_a_file_that_is_nearly_runner_yaml_is_told_of(name: str) -> None:
    """Without it nothing of what it says would hold."""
    assert misplaced(Stored({name: b""})) == f"there is a file `{name}`; runner reads `runner.yaml`"


@pytest.mark.parametrize("names", [["runner.yaml", "runner.yml"], ["compose.yaml"], ["runner.yaml.bak"], []])
def test_other_files_are_somebody_elses(names: list[str]) -> None:
    """Beside the right one, of another name, or somebody's copy."""
    assert misplaced(Stored(dict.fromkeys(names, b""))) == ""


def test_what_was_read_and_is_not_any_more_is_gone() -> None:
    """runner.yaml, or the last file of a folder; one file of several is not the folder."""
    before = ["runner.yaml", "agents.d/a.yaml", "agents.d/b.yaml", "tools.d/a.yaml", "std/tools.d/files.yaml"]
    assert gone(before, ["agents.d/b.yaml"]) == ["runner.yaml", "tools.d"]
    assert gone(before, before) == []


@pytest.mark.parametrize(
    "files, hint",
    [
        ({"prompts/task.yaml": b"description: d\ntemplate: t\n"}, MOVE),
        ({"prompts/task.yaml": b"description: d\ninputs: {template: str}\n"}, "h"),
        ({"prompts/tasks.yaml": b"template: t\n"}, "h"),
        ({}, "h"),
    ],
)
def test_a_prompt_beside_agents_d_is_found_for_who_misses_it(files: dict[str, bytes], hint: str) -> None:
    """Only one of its name that is a prompt."""
    missed = Finding("unknown-prompt", "agents.d/a.yaml", ("prompt", "use"), "there is no prompt `task`", "h")
    other = Finding("unknown-agent", "workflows/w.yaml", (), "there is no agent `task`", "h")
    found = with_moved_prompts([missed, other], Stored(files))
    assert [finding.hint for finding in found] == [hint, "h"]
