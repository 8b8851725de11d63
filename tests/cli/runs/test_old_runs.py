"""What ran a week and fifty commits ago: its files, prompts and commit are shown, and it is run again then and now."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.cli.display import moment
from tests.git.repository import git

Cli = Callable[..., Any]


@pytest.fixture
def asked(cli: Cli, history: Any) -> Callable[..., Any]:
    """What a command line prints as JSON; one that runs something is answered by its first event."""

    def ask(*words: str) -> Any:
        answer = cli("-C", history.root, "--json", *words)
        assert answer.code == 0, answer.err
        lines = answer.out.splitlines()
        return json.loads(lines[0]) if lines[0].endswith("}") else json.loads(answer.out)

    return ask


def _texts(shown: Any) -> list[Any]:
    """The texts of all turns, in order."""
    return [
        (turn["path"], message["role"], message["text"])
        for visit in shown["visits"]
        for turn in visit["turns"]
        for message in turn["messages"]
    ]


OLD = [
    ("write/1/turn-1", "system", "Write in style 0."),
    ("write/1/turn-1", "user", "Topic 0 rain, stamp v0\n"),
    ("write/1/turn-2", "assistant", ""),
    ("write/1/turn-2", "tool", "0 lines"),
]


def test_the_files_of_an_old_run_are_had_back_byte_by_byte(cli: Cli, history: Any, asked: Callable[..., Any]) -> None:
    """All of them and no other, each with what has become of it on disk."""
    shown = asked("runs", "show", history.run, "--files")
    assert (shown["commit"], shown["dirty"]) == (history.commit, False)
    listed = {file["name"]: (file["size"], file["now"]) for file in shown["files"]}
    unchanged = ("runner.yaml", "replies.yaml", "agents.d/writer.yaml")
    assert listed == {
        name: (len(content), "same" if name in unchanged else "changed") for name, content in history.files.items()
    }
    for name, content in history.files.items():
        assert cli("-C", history.root, "runs", "show", history.run, "--file", name).out.encode() == content
        assert asked("runs", "show", history.run, "--file", name)["content"].encode() == content


def test_the_prompts_the_commit_and_the_time_of_an_old_run_are_shown(
    cli: Cli, history: Any, asked: Callable[..., Any]
) -> None:
    """Exactly what the model was sent then, turn by turn."""
    shown = asked("runs", "show", history.run, "--prompts")
    assert (shown["commit"], shown["dirty"]) == (history.commit, False)
    assert _texts(shown) == OLD
    text = cli("-C", history.root, "runs", "show", history.run, "--prompts").out
    assert "# write/1: agent writer\n## turn-1: system\nWrite in style 0.\n## turn-1: user\nTopic 0 rain" in text
    assert 'calls count {"what": "lines"}' in text
    told = cli("-C", history.root, "runs", "show", history.run).out
    assert f"commit {history.commit[:8]}\n" in told
    assert f"began      {moment(history.began)}" in told


def test_an_old_run_is_run_again_as_it_was(history: Any, asked: Callable[..., Any]) -> None:
    """Same inputs, workspace, files, code and commit: the same prompts; and it is remembered what it repeats."""
    old = asked("runs", "show", history.run)
    begun = asked("runs", "rerun", history.run)
    assert begun["rerun_of"] == history.run
    new = asked("runs", "show", begun["run"])
    same = ("name", "kind", "inputs", "workspace", "revision", "commit", "dirty", "verdict", "output")
    assert {key: new[key] for key in same} == {key: old[key] for key in same}
    assert _texts(asked("runs", "show", begun["run"], "--prompts")) == OLD
    assert asked("runs", "why", begun["run"])["rerun_of"] == history.run
    assert next(row for row in asked("runs", "ls") if row["id"] == begun["run"])["rerun_of"] == history.run


@pytest.mark.parametrize("at", ["HEAD", "live", "main"])
def test_an_old_run_is_run_again_with_the_files_of_now(history: Any, asked: Callable[..., Any], at: str) -> None:
    """Its inputs, and all else as it stands fifty commits later."""
    begun = asked("runs", "rerun", history.run, "--at", at)
    assert (begun["commit"], begun["dirty"]) == (git(history.root, "rev-parse", "HEAD"), False)
    assert begun["inputs"] == {"topic": "rain"}
    assert _texts(asked("runs", "show", begun["run"], "--prompts")) == [
        ("write/1/turn-1", "system", "Write in style 50."),
        ("write/1/turn-1", "user", "Topic 48 rain, stamp v46\n"),
        ("write/1/turn-2", "assistant", ""),
        ("write/1/turn-2", "tool", "47 lines"),
    ]


def test_anything_is_run_with_the_files_of_any_commit_or_kept_revision(history: Any, asked: Callable[..., Any]) -> None:
    """A commit between the two, the first by its id, and the old run's revision by eight of its digits."""
    between = asked("run", "report", "sun", "--at", "HEAD~25")
    assert (between["commit"], between["dirty"]) == (git(history.root, "rev-parse", "HEAD~25"), False)
    assert _texts(asked("runs", "show", between["run"], "--prompts"))[:2] == [
        ("write/1/turn-1", "system", "Write in style 25."),
        ("write/1/turn-1", "user", "Topic 23 sun, stamp v21\n"),
    ]
    revision = asked("runs", "show", history.run)["revision"]
    for at in (history.commit, history.commit[:10], revision[:8], revision):
        begun = asked("run", "report", "rain", "--at", at)
        assert (begun["revision"], begun["commit"], begun["dirty"]) == (revision, history.commit, False)
        assert _texts(asked("runs", "show", begun["run"], "--prompts")) == OLD
