"""`runner runs rerun` and `runner run --at`, with and without a daemon; what cannot be is refused in words."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.cli.client import Daemon
from runner.errors import ConfigInvalid
from tests.git.repository import commit, git

Cli = Callable[..., Any]
TALKER = "description: Talks.\nprompt: Talk {how}.\n"
ECHO = "description: E.\ninputs: {{{inputs}}}\nphases:\n  go: {{tool: say, with: {{word: '{{{{ inputs.word }}}}'}}}}\n"
FILES = {
    "agents.d/talker.yaml": TALKER.format(how="slowly"),
    "workflows/echo.yaml": ECHO.format(inputs="word: str"),
    "tools.d/own.yaml": (
        "description: Own.\ntools:\n"
        "  say: {description: Says., command: [echo, '{{ word }}'], params: {word: str}, risk: read}\n"
    ),
}


@pytest.fixture
def versioned(project: Callable[..., Path]) -> Path:
    """A repository with the tags `good`, `bad` (a key that there is not), `empty`, and at HEAD `typed` inputs."""
    root = project(FILES)
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "nothing")
    git(root, "tag", "empty")
    for tag, changes in {
        "good": {".gitignore": ".runner/\n"},
        "bad": {"agents.d/talker.yaml": "descripton: Talks.\nprompt: Talk.\n"},
        "typed": {
            "agents.d/talker.yaml": TALKER.format(how="fast"),
            "workflows/echo.yaml": ECHO.format(inputs="word: str, times: int"),
        },
    }.items():
        for name, text in changes.items():
            (root / name).write_text(text)
        commit(root, tag)
        git(root, "tag", tag)
    return root


def _first(answer: Any) -> Any:
    """The first event of a run that was watched as JSON."""
    assert answer.code == 0, answer.err
    return json.loads(answer.out.splitlines()[0])


@pytest.fixture
def old(cli: Cli, versioned: Path) -> Any:
    """How a run at `good` began."""
    return _first(cli("-C", versioned, "--json", "run", "echo", "hi", "--at", "good"))


REFUSED = [
    ("god", 2, "git knows no commit `god`", "did you mean good?"),
    ("empty", 2, "holds no project", ""),
    ("abcdef0", 2, "no kept revision begins with `abcdef0`, and git knows no commit", "there are: "),
    ("f" * 64, 2, "revision ffffffff is not kept here any more", "--at live"),
    ("", 2, "no revision is named", "`live`"),
    (" ", 2, "no revision is named", "`live`"),
    ("good..bad", 2, "git knows no commit `good..bad`", "name one commit, not a range"),
    ("bad", 3, "the files of commit", ""),
]


@pytest.mark.parametrize("at, code, said, hint", REFUSED)
def test_what_is_no_good_revision_is_refused_alike(
    cli: Cli, versioned: Path, old: Any, at: str, code: int, said: str, hint: str
) -> None:
    """By `run` and by `rerun`; no run was begun."""
    for words in (("run", "talker", "x"), ("runs", "rerun", old["run"])):
        answer = cli("-C", versioned, *words, "--at", at)
        assert (answer.code, answer.out) == (code, "")
        assert said in answer.err
        assert hint in answer.err
    assert len(json.loads(cli("-C", versioned, "--json", "runs", "ls").out)) == 1


def test_faults_in_the_files_of_a_commit_are_shown_with_its_lines(cli: Cli, versioned: Path) -> None:
    """Under git's name for them: those on disk are others."""
    sha = git(versioned, "rev-parse", "bad")[:8]
    told = cli("-C", versioned, "run", "talker", "x", "--at", "bad").err
    assert f"{sha}:agents.d/talker.yaml:1:1  descripton" in told
    assert "1 | descripton: Talks.\n" in told
    assert f"the files of commit {sha} have 1 problem\n" in told


def test_a_beginning_of_several_revisions_is_refused(cli: Cli, versioned: Path, old: Any) -> None:
    """They are named, so that one can be chosen."""
    twin = old["revision"][:10] + "0" * 54
    with closing(sqlite3.connect(versioned / ".runner/runner.db")) as database, database:
        database.execute("INSERT INTO revisions (digest, manifest, 'commit', dirty) VALUES (?, '{}', '', 0)", (twin,))
    answer = cli("-C", versioned, "run", "talker", "x", "--at", twin[:8])
    assert answer.code == 2
    assert f"several revisions begin with `{twin[:8]}`: " in answer.err
    assert twin[:14] in answer.err
    assert old["revision"][:14] in answer.err


def test_a_revision_that_is_gone_cannot_be_run_again(cli: Cli, versioned: Path, old: Any) -> None:
    """The files of now can."""
    with closing(sqlite3.connect(versioned / ".runner/runner.db")) as database, database:
        database.execute("DELETE FROM revisions")
    answer = cli("-C", versioned, "runs", "rerun", old["run"])
    assert answer.code == 2
    assert f"revision {old['revision'][:8]} is not kept here any more" in answer.err
    assert "--at live" in answer.err


def test_inputs_that_fit_no_more_are_named(cli: Cli, versioned: Path, old: Any) -> None:
    """With the revision, and how the run can be begun with others."""
    for at, where in (("typed", f"at {git(versioned, 'rev-parse', 'typed')}"), ("live", "at live")):
        answer = cli("-C", versioned, "runs", "rerun", old["run"], "--at", at)
        assert answer.code == 2
        assert f"inputs of echo {where}: times: is missing" in answer.err
        assert "`runner run echo`" in answer.err


def test_what_is_gone_by_another_revision_is_named(cli: Cli, versioned: Path, old: Any) -> None:
    """The workflow, with what there is."""
    git(versioned, "rm", "-q", "workflows/echo.yaml")
    commit(versioned, "no echo")
    answer = cli("-C", versioned, "runs", "rerun", old["run"], "--at", "HEAD")
    assert answer.code == 2
    assert "there is no agent or workflow `echo` at " in answer.err


def test_bad_files_on_disk_are_told_why_they_matter(cli: Cli, versioned: Path, old: Any) -> None:
    """Their permissions hold as well, so somebody has to know them."""
    (versioned / "agents.d/talker.yaml").write_text("prompt: [\n")
    for words in (("run", "talker", "x", "--at", "good"), ("runs", "rerun", old["run"])):
        answer = cli("-C", versioned, *words)
        assert answer.code == 3
        assert "the permissions of those on disk hold as well" in answer.err


def test_a_run_that_is_run_again_works_in_the_same_workspace(cli: Cli, versioned: Path) -> None:
    """Also when a template would put it elsewhere by now."""
    (versioned / "there").mkdir()
    workflow = versioned / "workflows/echo.yaml"
    workflow.write_text(workflow.read_text().replace("phases:", "workspace: there\nphases:"))
    first = _first(cli("-C", versioned, "--json", "run", "echo", "hi", "-i", "times=2"))
    assert (first["workspace"], first["dirty"]) == (str(versioned / "there"), True)
    workflow.write_text(ECHO.format(inputs="word: str, times: int"))
    again = _first(cli("-C", versioned, "--json", "runs", "rerun", first["run"], "--at", "live"))
    assert (again["workspace"], again["dirty"], again["inputs"]) == (first["workspace"], False, first["inputs"])


def test_a_project_that_is_in_no_repository_has_kept_revisions_alone(cli: Cli, project: Callable[..., Path]) -> None:
    """They are found by their digits; a name of git is told to be none."""
    root = project(FILES)
    first = _first(cli("-C", root, "--json", "run", "echo", "hi"))
    assert (first["commit"], first["dirty"]) == ("", False)
    (root / "agents.d/talker.yaml").write_text(TALKER.format(how="fast"))
    again = _first(cli("-C", root, "--json", "run", "echo", "ho", "--at", first["revision"][:6]))
    assert again["revision"] == first["revision"]
    answer = cli("-C", root, "run", "echo", "ho", "--at", "HEAD")
    assert answer.code == 2
    assert "is in no git repository" in answer.err


def test_a_daemon_runs_with_other_files_too(cli: Cli, versioned: Path, old: Any, up: Callable[[Path], Daemon]) -> None:
    """The run is its own; faults keep their places on the way; detached, the id is all that is printed."""
    daemon = up(versioned)
    head = git(versioned, "rev-parse", "HEAD")
    ran = _first(cli("-C", versioned, "--json", "run", "echo", "ho", "--at", "good"))
    assert (ran["commit"], ran["revision"]) == (git(versioned, "rev-parse", "good"), old["revision"])
    again = cli("-C", versioned, "runs", "rerun", old["run"], "--detach").out.strip()
    assert daemon.ask("GET", f"/runs/{again}")["rerun_of"] == old["run"]
    assert (daemon.health()["commit"], daemon.health()["dirty"]) == (head, False)
    assert "did you mean good?" in cli("-C", versioned, "runs", "rerun", old["run"], "--at", "god").err
    with pytest.raises(ConfigInvalid) as caught:
        daemon.submit("agent", "talker", {"text": "x"}, "bad")
    assert [getattr(problem, "where", "") for problem in caught.value.problems] == ["descripton"]


def test_a_commit_is_noted_by_a_daemon_without_a_reload(
    cli: Cli, versioned: Path, up: Callable[[Path], Daemon]
) -> None:
    """Health, `ps` and the next run say it; the revision and the history of reloads stay as they are."""
    daemon = up(versioned)
    (versioned / "agents.d/talker.yaml").write_text(TALKER.format(how="well"))
    before = _until(daemon, dirty=True)
    sha = commit(versioned, "well")
    after = _until(daemon, dirty=False)
    assert (after["commit"], after["revision"]) == (sha, before["revision"])
    assert f"commit {sha[:8]}\n" in cli("-C", versioned, "ps").out
    assert len(daemon.ask("GET", "/system/reload")["reloads"]) == 2
    run = daemon.submit("agent", "talker", {"text": "x"})
    assert (daemon.ask("GET", f"/runs/{run}")["commit"], daemon.ask("GET", f"/runs/{run}")["dirty"]) == (sha, False)
    at = daemon.submit("agent", "talker", {"text": "x"}, before["revision"])
    assert daemon.ask("GET", f"/runs/{at}")["commit"] == sha


def _until(daemon: Daemon, *, dirty: bool) -> dict[str, Any]:
    """What the daemon says of itself once it says so."""
    end = time.monotonic() + 20
    while (health := daemon.health())["dirty"] != dirty:
        assert time.monotonic() < end, health
        time.sleep(0.02)
    return health
