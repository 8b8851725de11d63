"""The command line with a real daemon: runs belong to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli.client import Daemon, find
from runner.errors import DaemonUnreachable, UsageError
from runner.runs.live import Delta
from runner.runs.store import Store

Cli = Callable[..., Any]
Up = Callable[[Path], Daemon]


@pytest.fixture
def served(asking: Path) -> Path:
    """A project with an agent, a workflow that asks, and one that takes its time."""
    (asking / "agents.d").mkdir()
    (asking / "agents.d" / "talker.yaml").write_text("description: Talks.\nprompt: Talk.\n")
    (asking / "workflows" / "slow.yaml").write_text("description: S.\nphases:\n  go: {tool: sleep}\n")
    pack = asking / "tools.d" / "own.yaml"
    pack.write_text(pack.read_text() + "  sleep: {description: Sleeps., command: [sleep, '60'], risk: read}\n")
    return asking


def test_a_run_goes_through_the_daemon_when_one_is_up(cli: Cli, served: Path, up: Up) -> None:
    """The same words and the same exit code, and the daemon's process is its owner."""
    daemon = up(served)
    answer = cli("-C", served, "run", "talker", "hello")
    assert (answer.code, answer.out) == (0, "Done.\n")
    assert "PASS  talker" in answer.err
    (row,) = json.loads(cli("-C", served, "--json", "runs", "ls").out)
    assert row["owner"].startswith(f"{daemon.health()['pid']}-")
    assert row["by"] != ""


def test_the_inputs_are_read_as_the_daemons_revision_has_them(cli: Cli, served: Path, up: Up) -> None:
    """Files that are broken by now do not keep a run from starting."""
    up(served)
    (served / "agents.d" / "talker.yaml").write_text("prompt: [\n")
    assert cli("-C", served, "run", "talker", "hello").out == "Done.\n"
    assert "did you mean talker?" in cli("-C", served, "run", "talkr", "hello").err


def test_a_detached_run_prints_its_id_alone(cli: Cli, served: Path, up: Up) -> None:
    """The id can be given to `runs logs -f`, which ends with the run."""
    up(served)
    answer = cli("-C", served, "run", "--detach", "talker", "hello")
    assert answer.code == 0
    logs = cli("-C", served, "runs", "logs", "-f", answer.out.strip())
    assert "PASS  talker" in logs.out


def test_ctrl_c_leaves_the_run_to_the_daemon(
    cli: Cli, served: Path, up: Up, process: Callable[..., subprocess.Popen[str]]
) -> None:
    """It says how to find it again, and `runs cancel` ends it."""
    up(served)
    one = process("-C", served, "run", "slow")
    assert one.stderr is not None
    for line in one.stderr:
        if "sleep: sleep 60" in line:
            break
    one.send_signal(signal.SIGINT)
    told = one.stderr.read()
    assert one.wait() == 130
    (row,) = json.loads(cli("-C", served, "--json", "runs", "ls").out)
    assert row["status"] == "running"
    assert f"runner runs logs -f {row['id']}" in told
    assert cli("-C", served, "runs", "cancel", row["id"], "--note", "enough").code == 0
    assert "cancelled" in cli("-C", served, "runs", "show", row["id"]).out
    assert ": enough" in cli("-C", served, "runs", "show", row["id"]).out


def test_a_run_that_is_followed_goes_on_after_its_approval(
    cli: Cli, served: Path, up: Up, process: Callable[..., subprocess.Popen[str]]
) -> None:
    """The line with the command is shown; once that is typed elsewhere, the run ends before one's eyes."""
    up(served)
    one = process("-C", served, "run", "ask")
    assert one.stderr is not None
    line = next(line for line in one.stderr if "runner approve" in line)
    approval = line.split()[2]
    answer = cli("-C", served, "approve", approval)
    assert (answer.code, answer.err.endswith("approved\n")) == (0, True)
    assert one.wait() == 0
    assert (
        "too late" in cli("-C", served, "approve", approval).err
        or "no longer open" in cli("-C", served, "approve", approval).err
    )


def test_following_goes_on_with_a_daemon_that_was_killed_and_started_again(served: Path, up: Up, cli: Cli) -> None:
    """Every event is seen once and in order, the question's answer among them, whoever wrote it."""
    first = up(served)
    run = first.submit("workflow", "ask", {})
    events = (item for item in first.follow(run) if not isinstance(item, Delta))
    seen = []
    for event in events:
        seen.append(event)
        if event.type == "run.waiting":
            break
    os.kill(first.health()["pid"], signal.SIGKILL)
    up(served)
    (approval,) = [row["id"] for row in json.loads(cli("-C", served, "--json", "approve").out)]
    cli("-C", served, "approve", approval)
    seen += events
    assert [event.seq for event in seen] == list(range(len(seen)))
    assert seen[-1].type == "run.ended"


def test_a_submit_is_the_same_run_under_the_same_key(served: Path, up: Up) -> None:
    """A lost answer is asked for again without a second run."""
    daemon = up(served)
    body, key = {"agent": "talker", "inputs": {"text": "x"}}, {"Idempotency-Key": "k1"}
    assert daemon.ask("POST", "/runs", body, key) == daemon.ask("POST", "/runs", body, key)


def test_what_the_daemon_refuses_is_told_as_it_says_it(served: Path, up: Up) -> None:
    """A refusal is a usage error, with the daemon's hint."""
    daemon = up(served)
    with pytest.raises(UsageError, match="there is no agent `talkr`") as refused:
        daemon.submit("agent", "talkr", {})
    assert refused.value.hint == "did you mean talker?"
    with pytest.raises(UsageError, match="there is no run zzz"):
        next(daemon.follow("zzz"))


def test_a_daemon_that_was_killed_is_not_found(served: Path, up: Up, cli: Cli) -> None:
    """What it left behind in the folder misleads nobody: the next run is worked on in its own process."""
    daemon = up(served)
    os.kill(daemon.health()["pid"], signal.SIGKILL)
    while find(served / ".runner") is not None:
        time.sleep(0.01)
    assert (served / ".runner" / "daemon.json").exists()
    assert cli("-C", served, "run", "talker", "hello").out == "Done.\n"


def test_an_address_where_nobody_answers_is_unreachable(tmp_path: Path) -> None:
    """It says which address."""
    with pytest.raises(DaemonUnreachable, match=r"127\.0\.0\.1:9 does not answer"):
        Daemon(tmp_path, "http://127.0.0.1:9", "x").health()


def test_a_wrong_token_is_said_to_be_one(served: Path, up: Up) -> None:
    """It is no usage error of the person's."""
    daemon = up(served)
    with pytest.raises(Exception, match="does not take the token"):
        Daemon(daemon.folder, daemon.url, "wrong").health()


def test_resume_through_the_daemon_takes_up_a_run_that_was_left(cli: Cli, served: Path, up: Up) -> None:
    """A run whose answer was given while nobody was there ends under the daemon that starts."""
    assert cli("-C", served, "run", "ask").code == 5
    store = Store.open(served / ".runner")
    (row,) = store.approvals()
    store.close()
    cli("-C", served, "approve", row.id)
    up(served)
    assert cli("-C", served, "runs", "logs", "-f", row.run).code == 0
    assert (served / "kept.txt").exists()
