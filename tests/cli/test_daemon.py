"""`up`, `down`, `ps` and `reload` as people type them, with a real daemon behind them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runner.cli.client import Daemon, find

AGENT = "description: Greets.\nprompt: Say one.\n"
BROKEN = AGENT + "tols: []\n"


@pytest.fixture
def greeting(project: Callable[..., Path]) -> Path:
    """A project with one agent."""
    return project({"agents.d/greeter.yaml": AGENT})


@pytest.fixture
def detached(greeting: Path) -> Iterator[Path]:
    """A project whose detached daemon does not outlive the test."""
    yield greeting
    with suppress(OSError, ValueError):
        os.kill(json.loads((greeting / ".runner/daemon.json").read_text())["pid"], signal.SIGKILL)


@pytest.fixture
def typed(process: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str]]:
    """Type a command line at a shell: (exit code, what it says)."""

    def run(*words: str | Path) -> tuple[int, str]:
        one = process(*words)
        _, said = one.communicate(timeout=60)
        return one.returncode, said

    return run


def test_a_detached_daemon_imports_nothing_of_the_project(
    typed: Callable[..., tuple[int, str]], detached: Path
) -> None:
    """What lies there and is called like a library is no part of runner, and may be anybody's."""
    for name in ("yaml", "click", "sqlite3", "sitecustomize"):
        (detached / f"{name}.py").write_text("open('imported', 'w'); raise SystemExit('imported')\n")
    code, said = typed("-C", detached, "up", "-d", "--listen", "127.0.0.1:0")
    assert code == 0, said
    assert not (detached / "imported").exists()


def test_up_d_returns_when_the_daemon_is_ready_and_down_when_it_has_gone(
    typed: Callable[..., tuple[int, str]], detached: Path
) -> None:
    """Its own session, its log beside the journal, its address on the screen."""
    code, said = typed("-C", detached, "up", "-d", "--listen", "127.0.0.1:0")
    assert code == 0, said
    daemon = find(detached / ".runner")
    assert daemon is not None
    assert daemon.url in said
    pid = daemon.health()["pid"]
    assert os.getsid(pid) == pid
    assert f"listening on {daemon.url}" in (detached / ".runner/daemon.log").read_text()
    assert (detached / ".runner/.gitignore").read_text() == "*\n"
    code, said = typed("-C", detached, "down")
    assert (code, said.splitlines()[0]) == (0, "stopped")
    assert find(detached / ".runner") is None


def test_up_d_gives_back_the_error_of_a_start_that_failed(
    typed: Callable[..., tuple[int, str]], detached: Path
) -> None:
    """Its words, its exit code, and not those of an earlier start."""
    (detached / "agents.d/greeter.yaml").write_text(BROKEN)
    code, said = typed("-C", detached, "up", "-d", "--listen", "127.0.0.1:0")
    assert code == 3
    assert "agents.d/greeter.yaml:3:1" in said
    assert "did you mean tools?" in said
    (detached / "agents.d/greeter.yaml").write_text(AGENT)
    code, said = typed("-C", detached, "up", "-d", "--listen", "192.0.2.1:0")
    assert code == 6
    assert "192.0.2.1:0 cannot be listened on" in said
    assert "greeter.yaml" not in said


@pytest.mark.parametrize("detach", [(), ("-d",)])
def test_an_address_that_is_none_is_refused_before_anything_starts(
    typed: Callable[..., tuple[int, str]], greeting: Path, detach: tuple[str, ...]
) -> None:
    """The wrong option alone is spoken of, and no journal is made."""
    code, said = typed("-C", greeting, "up", *detach, "--listen", "nonsense")
    assert code == 2
    assert said.startswith("error: 'nonsense' is no address to listen on\n")
    assert not (greeting / ".runner").exists()


def test_a_start_on_bad_files_says_everywhere_where_they_are_bad(
    typed: Callable[..., tuple[int, str]], detached: Path
) -> None:
    """`up -d` shows each problem once, `ps` its place, and `run` why a name may be missing."""
    up = ("-C", detached, "up", "-d", "--listen", "127.0.0.1:0")
    assert typed(*up)[0] == 0
    assert typed("-C", detached, "down")[0] == 0
    (detached / "agents.d/greeter.yaml").write_text(BROKEN)
    (detached / "agents.d/fresh.yaml").write_text(AGENT)
    code, said = typed(*up)
    assert code == 0
    assert said.count("agents.d/greeter.yaml:3:1  tols") == 1
    assert said.count("hint: did you mean tools?") == 1
    assert said.count("the files have 1 problem; revision") == 1
    out, _ = subprocess.run(
        [sys.executable, "-m", "runner", "-C", detached, "ps"], capture_output=True, text=True, check=True
    ).stdout.partition("watching")[::2]
    assert "agents.d/greeter.yaml:3:1  there is no key `tols` here" in out
    code, said = typed("-C", detached, "run", "fresh", "hi")
    assert code == 2
    assert "there is no agent or workflow `fresh`" in said
    assert "the files have problems and an earlier revision is used: `runner check`" in said


def test_up_d_beside_a_daemon_names_it(typed: Callable[..., tuple[int, str]], detached: Path) -> None:
    """One folder, one daemon."""
    assert typed("-C", detached, "up", "-d", "--listen", "127.0.0.1:0")[0] == 0
    daemon = find(detached / ".runner")
    assert daemon is not None
    code, said = typed("-C", detached, "up", "-d", "--listen", "127.0.0.1:0")
    assert code == 6
    assert f"process {daemon.health()['pid']} at {daemon.url}" in said


@pytest.mark.parametrize("verb", ["down", "ps", "reload"])
def test_without_a_daemon_the_exit_code_is_4_and_the_hint_how_to_start_one(cli: Any, greeting: Path, verb: str) -> None:
    """Also when a killed one has left its file behind."""
    for _ in range(2):
        answer = cli("-C", greeting, verb)
        assert (answer.code, answer.out) == (4, "")
        assert "no daemon runs on this project" in answer.err
        assert "runner up -d" in answer.err
        (greeting / ".runner").mkdir(exist_ok=True)
        (greeting / ".runner/daemon.json").write_text('{"pid": 4194304, "started": 1, "url": "http://127.0.0.1:1"}')


def test_ps_shows_where_it_listens_what_it_watches_and_what_runs(
    cli: Any, asking: Path, up: Callable[[Path], Daemon]
) -> None:
    """For people and, with --json, for programs."""
    daemon = up(asking)
    run = daemon.submit("workflow", "ask", {})
    while daemon.ask("GET", f"/runs/{run}")["status"] != "waiting":
        pass
    shown = cli("-C", asking, "ps").out
    health = daemon.health()
    for words in (daemon.url, str(health["pid"]), health["revision"][:8], str(asking / "agents.d"), "1 waiting"):
        assert words in shown
    assert run in shown
    assert "question/1" in shown
    data = json.loads(cli("-C", asking, "--json", "ps").out)
    assert (data["url"], data["status"], data["revision"]) == (daemon.url, "ok", health["revision"])
    assert [(row["id"], row["status"], row["phase"]) for row in data["working"]] == [(run, "waiting", "question/1")]
    assert str(asking / "runner.yaml") in data["watching"]["paths"]


def test_reload_shows_every_problem_with_its_line_and_a_caret(
    cli: Any, greeting: Path, up: Callable[[Path], Daemon]
) -> None:
    """Exit 3, and the revision in use stays; mended, exit 0 and the new one is in use."""
    daemon = up(greeting)
    before = daemon.health()["revision"]
    (greeting / "agents.d/greeter.yaml").write_text(BROKEN)
    refused = cli("-C", greeting, "reload")
    assert refused.code == 3
    assert "agents.d/greeter.yaml:3:1  tols" in refused.err
    assert "   3 | tols: []\n       | ^" in refused.err
    assert "hint: did you mean tools?" in refused.err
    assert f"revision {before[:8]} stays in use" in refused.err
    assert re.search(r"refused since .*: the files have 1 problem, read ", cli("-C", greeting, "ps").out)
    started = cli("-C", greeting, "run", "greeter", "hi")
    assert f": the files have 1 problem (`runner check`); revision {before[:8]} is used" in started.err
    (greeting / "agents.d/greeter.yaml").write_text(AGENT.replace("one", "two"))
    mended = cli("-C", greeting, "reload")
    assert (mended.code, daemon.health()["revision"] != before) == (0, True)
    assert mended.out.startswith(f"ok: revision {daemon.health()['revision'][:8]} ")


def test_the_history_of_reloads_is_shown_with_or_without_a_daemon(
    cli: Any, greeting: Path, up: Callable[[Path], Daemon]
) -> None:
    """What went live, what was refused and where it was wrong; the same as data."""
    up(greeting)
    (greeting / "agents.d/greeter.yaml").write_text(BROKEN)
    cli("-C", greeting, "reload")
    cli("-C", greeting, "down")
    refused, place, first = cli("-C", greeting, "reload", "--history").out.splitlines()
    assert "refused  the files have 1 problem; in use: revision " in refused
    assert place.startswith("    agents.d/greeter.yaml:3:1  ")
    assert "start    ok       revision " in first
    rows = json.loads(cli("-C", greeting, "--json", "reload", "--history").out)
    assert [(row["ok"], row["problems"][0]["line"] if row["problems"] else None) for row in rows] == [
        (False, 3),
        (True, None),
    ]


def test_a_folder_that_was_renamed_away_is_the_cause_that_everything_names(
    cli: Any, greeting: Path, up: Callable[[Path], Daemon]
) -> None:
    """One line in the refusal, in `ps`, in what a run says and in the history."""
    up(greeting)
    (greeting / "agents.d").rename(greeting / "agents")
    (greeting / "workflows").mkdir()
    (greeting / "workflows/ask.yaml").write_text(
        "description: Asks.\nphases:\n  ask: {agent: greeter, message: Hello.}\n"
    )
    cause = "agents.d is gone; there is a folder `agents`; runner reads `agents.d`; the files have 1 problem"
    assert f"error: {cause}; revision " in cli("-C", greeting, "reload").err
    assert f": {cause}, read " in cli("-C", greeting, "ps").out
    assert f": {cause} (`runner check`); revision " in cli("-C", greeting, "run", "greeter", "hi").err
    assert f"refused  {cause}; in use: " in cli("-C", greeting, "reload", "--history").out


def test_a_folder_that_nothing_names_does_not_go_without_a_word(
    cli: Any, greeting: Path, up: Callable[[Path], Daemon]
) -> None:
    """The files are good without it, and what became of it is told all the same."""
    (greeting / "workflows").mkdir()
    (greeting / "workflows/ask.yaml").write_text(
        "description: Asks.\nphases:\n  ask: {agent: greeter, message: Hello.}\n"
    )
    up(greeting)
    (greeting / "workflows").rename(greeting / "workflow")
    cli("-C", greeting, "reload")
    near = "there is a folder `workflow`; runner reads `workflows`"
    assert near in cli("-C", greeting, "ps").out
    assert f"; workflows is gone; {near}" in cli("-C", greeting, "reload", "--history").out
    unknown = cli("-C", greeting, "run", "asks")
    assert (unknown.code, f"hint: there are: greeter; {near}" in unknown.err) == (2, True)


def test_reload_says_what_needs_a_restart(cli: Any, greeting: Path, up: Callable[[Path], Daemon]) -> None:
    """A new address in runner.yaml is taken at the next start."""
    up(greeting)
    settings = greeting / "runner.yaml"
    settings.write_text(settings.read_text() + "server: {listen: '127.0.0.1:8799'}\n")
    answer = cli("-C", greeting, "reload")
    assert answer.code == 0
    assert "needs restart: `server` of runner.yaml has changed" in answer.err


def test_down_says_which_runs_go_on_at_the_next_start(cli: Any, asking: Path, up: Callable[[Path], Daemon]) -> None:
    """A run that waits for a person is not lost, and who stops the daemon reads so."""
    daemon = up(asking)
    run = daemon.submit("workflow", "ask", {})
    while daemon.ask("GET", f"/runs/{run}")["status"] != "waiting":
        pass
    answer = cli("-C", asking, "down")
    assert answer.code == 0
    assert f"run {run} (ask, question/1) goes on at the next start" in answer.err


def test_ctrl_c_ends_a_daemon_in_the_foreground(process: Callable[..., subprocess.Popen[str]], greeting: Path) -> None:
    """Exit 0: it was asked to stop, and did."""
    daemon = process("-C", greeting, "up", "--listen", "127.0.0.1:0")
    assert daemon.stderr is not None
    assert any("listening on" in line for line in daemon.stderr)
    daemon.send_signal(signal.SIGINT)
    assert daemon.wait(30) == 0
    assert daemon.stderr.read().rstrip().endswith("stopped")
