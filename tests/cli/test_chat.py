"""`runner chat`: each line is a run, after the last one's; in this process, through a daemon, on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from runner.runs.events import RunQueued
from runner.runs.store import Store

Cli = Callable[..., Any]
REPLIES = """
- {when: {agent: router}, text: bert}
- {when: {agent: bert, contains: dig}, calls: [{tool: dig}]}
- {when: {agent: bert}, text: Bert gardens.}
- {when: {agent: anna}, text: Anna gardens.}
"""


@pytest.fixture
def garden(project: Callable[..., Path]) -> Path:
    """Two agents that a message may be for, one of whom digs when a person lets him."""
    one = "description: {0}.\nprompt: P.\nsuggestions: [plant tulips]\n"
    return project(
        {
            "replies.yaml": REPLIES,
            "agents.d/anna.yaml": one.format("Anna"),
            "agents.d/bert.yaml": one.format("Bert") + "tools: [dig]\n",
            "tools.d/own.yaml": "description: Own.\ntools: {dig: {description: Digs., command: [touch, dug]}}\n",
        }
    )


@pytest.fixture
def chat(garden: Path, process: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str, str]]:
    """Say something in a chat whose lines come from a pipe."""

    def say(lines: str, *words: str) -> tuple[int, str, str]:
        talking = process("-C", garden, *words, stdin=subprocess.PIPE)
        out, err = talking.communicate(lines, timeout=60)
        return talking.returncode, out, err

    return say


def said(root: Path) -> list[tuple[str, list[str]]]:
    """Of each run, the oldest first: its agent, and what it was told of the runs before it."""
    with closing(Store.open(root / ".runner")) as store:
        queued = [(row.name, store.events(row.id, limit=1)[0]) for row in store.runs()[::-1]]
        return [(name, [one.text for one in first.said]) for name, first in queued if isinstance(first, RunQueued)]


def test_answers_are_data_and_the_rest_is_talk(chat: Callable[..., Any], garden: Path) -> None:
    """What was said before is known; what fits nobody is for who answered last."""
    code, out, err = chat("plant tulips\n\nzzz\n", "chat")
    assert (code, out) == (0, "Anna gardens.\nAnna gardens.\n")
    assert "→ anna: its suggestion is nearest to the message (1.00); a close call with bert" in err
    assert "→ anna: no agent fits, and anna answered last in this conversation" in err
    assert said(garden) == [("anna", []), ("anna", ["plant tulips", "Anna gardens."])]


def test_scores_are_explained(chat: Callable[..., Any], garden: Path) -> None:
    """Each agent's, and what a model chose in a close call."""
    (garden / "runner.yaml").write_text((garden / "runner.yaml").read_text() + "router: {model: default}\n")
    code, out, err = chat("plant tulips\n", "chat", "--explain")
    assert (code, out) == (0, "Bert gardens.\n")
    assert "AGENT  SCORE  SIMILAR  LEARNED  NEAREST" in err
    assert "anna   1.00   1.00     -        suggestion: plant tulips [plant, tulips]" in err
    assert "bert: a close call between anna, bert: default chose" in err


def test_why_this_agent_answered_is_told_afterwards(chat: Callable[..., Any], garden: Path, cli: Cli) -> None:
    """By `runs show` and `runs why`, in words and as data."""
    chat("plant tulips\nzzz\n", "chat")
    first, second = (row["id"] for row in json.loads(cli("-C", garden, "--json", "runs", "ls").out)[::-1])
    reason = "no agent fits, and anna answered last in this conversation"
    for verb in ("show", "why"):
        told = cli("-C", garden, "runs", verb, second).out
        assert f"with run {first}" in told
        assert f"anna: {reason}" in told
        data = json.loads(cli("-C", garden, "--json", "runs", verb, second).out)
        assert (data["previous"], data["chosen"]) == (first, {"agent": "anna", "how": "previous", "reason": reason})


def test_that_nobody_answers_is_explained_too(chat: Callable[..., Any]) -> None:
    """The exit code is the last message's."""
    code, out, err = chat("zzz\n", "chat", "--explain")
    assert (code, out) == (6, "")
    assert "anna   0.00" in err
    assert err.count("no agent fits, as none has a similarity of 0.2") == 1


def test_an_agent_that_is_named_is_not_chosen(chat: Callable[..., Any], garden: Path) -> None:
    """And an earlier conversation goes on."""
    assert chat("one\n", "chat", "bert")[:2] == (0, "Bert gardens.\n")
    with closing(Store.open(garden / ".runner")) as store:
        (row,) = store.runs()
    code, out, err = chat("two\n", "chat", "bert", "--previous", row.id, "--explain")
    assert (code, out) == (0, "Bert gardens.\n")
    assert "bert was named, so there was nothing to choose" in err
    assert said(garden)[1] == ("bert", ["one", "Bert gardens."])


def test_what_waits_for_a_person_ends_a_chat_that_has_none(chat: Callable[..., Any]) -> None:
    """The code is that of waiting, and how to go on is said."""
    code, out, err = chat("dig\nplant tulips\n", "chat", "bert")
    assert (code, out) == (5, "")
    (run,) = re.findall(r"run (\S+) waits: ", err)
    resumed = f"`runner approve` decides, `runner runs resume {run}` goes on with it"
    assert f"{resumed}; once it has ended: `runner chat --previous {run}`" in err


def test_what_waits_is_said_also_where_only_data_is_wanted(chat: Callable[..., Any]) -> None:
    """Which run, for what, how to go on, and how much is not said any more."""
    code, out, err = chat("dig\nplant tulips\n\nzzz\n", "chat", "bert", "-q")
    assert (code, out) == (5, "")
    asked, how, waits, left = err.splitlines()
    assert re.fullmatch(r"run \S+ waits for a person: .*dig.*", asked)
    assert how.startswith("  runner approve ")
    assert "once it has ended: `runner chat --previous" in waits
    assert left == "2 messages are not said any more"


def test_a_message_that_is_no_text_is_refused(garden: Path, process: Callable[..., Any]) -> None:
    """What was said before it counts."""
    talking = process("-C", garden, "chat", "-q", stdin=subprocess.PIPE, errors="surrogateescape")
    out, err = talking.communicate("plant tulips\n\udcff\n", timeout=60)
    assert (talking.returncode, out) == (2, "Anna gardens.\n")
    assert err == "error: line 2 of the input is no UTF-8 text\n"


def test_events_are_lines_of_json(chat: Callable[..., Any]) -> None:
    """All of every run, and nothing else on stdout."""
    code, out, _ = chat("plant tulips\n", "--json", "chat", "--explain")
    kinds = [json.loads(line)["type"] for line in out.splitlines()]
    assert code == 0
    assert (kinds[0], kinds[-1], "agent.chosen" in kinds) == ("run.queued", "run.ended", True)


def test_a_daemon_works_on_the_runs(chat: Callable[..., Any], garden: Path, up: Callable[[Path], Any]) -> None:
    """They are its own, and the answers are the same."""
    up(garden)
    code, out, _ = chat("plant tulips\nzzz\n", "chat")
    assert (code, out) == (0, "Anna gardens.\nAnna gardens.\n")
    assert said(garden) == [("anna", []), ("anna", ["plant tulips", "Anna gardens."])]


TYPED = "hint: a message is typed at the prompt, or piped: `echo"


@pytest.mark.parametrize(
    "words, error, hint",
    [
        (("bertt",), "there is no agent `bertt`", "hint: did you mean bert?"),
        (("how are you",), "there is no agent `how are you`", TYPED),
        (("bert", "how", "are you"), "nobody knows what to do with `how are you`", TYPED),
        (("--previous", "r0"), "nothing has run here yet", "hint: "),
    ],
)
def test_what_cannot_be_is_refused(cli: Cli, garden: Path, words: tuple[str, ...], error: str, hint: str) -> None:
    """In words, before anything is begun, and although nothing is said."""
    answer = cli("-C", garden, "chat", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error: {error}\n{hint}")


def test_a_conversation_that_is_not_there_is_told_at_once(cli: Cli, garden: Path) -> None:
    """Also where others are."""
    cli("-C", garden, "run", "anna", "plant tulips")
    answer = cli("-C", garden, "chat", "--previous", "r0")
    assert (answer.code, answer.err.startswith("error: no run's id begins with `r0`")) == (2, True)


def test_ctrl_c_leaves_a_run_to_the_daemon(
    garden: Path, up: Callable[[Path], Any], process: Callable[..., subprocess.Popen[str]]
) -> None:
    """And says how to go on with the conversation."""
    up(garden)
    talking = process("-C", garden, "chat", "bert", stdin=subprocess.PIPE)
    assert talking.stdin is not None
    assert talking.stderr is not None
    print("dig", file=talking.stdin, flush=True)
    seen = ""
    while "waits for approval" not in seen:
        seen = talking.stderr.readline()
    talking.send_signal(signal.SIGINT)
    _, err = talking.communicate(timeout=60)
    assert talking.returncode == 130
    left = re.search(r"left; run (\S+) goes on", err)
    assert left is not None
    assert f"once it has ended: `runner chat --previous {left[1]}`" in err


@pytest.mark.parametrize("answer, is_dug", [("y", True), ("n", False)])
@pytest.mark.parametrize("where", ["here", "daemon"])
def test_on_a_terminal_a_person_is_asked_in_between(
    garden: Path, up: Callable[[Path], Any], where: str, answer: str, *, is_dug: bool
) -> None:
    """All of what would be done is shown, the answer counts, and the run goes on."""
    if where == "daemon":
        up(garden)
    code, text = on_a_terminal(garden, (">", "dig\n"), (ASKED, "maybe\n"), (ASKED, f"{answer}\n"), (">", "\x04"))
    assert code == 0
    assert text.count("│ touch dug") == 1
    assert "say y or n" in text
    assert "PASS  bert" in text
    assert (garden / "dug").exists() == is_dug


def test_ctrl_c_takes_back_what_was_typed_of_a_line(garden: Path) -> None:
    """On an empty one it ends the chat."""
    code, text = on_a_terminal(garden, (">", "plant"), ("plant", CTRL_C), (">", "\n"), (">", CTRL_C))
    assert (code, "interrupted" in text) == (130, True)
    assert "Bert gardens." not in text


@pytest.mark.parametrize("key", ["\x04", "^C"])
def test_a_question_that_is_left_stays(garden: Path, cli: Cli, key: str) -> None:
    """How to go on is said."""
    code, text = on_a_terminal(garden, (">", "dig\n"), (ASKED, key))
    (run,) = re.findall(r"run (\S+) waits: ", text)
    assert code == 130
    assert f"`runner approve` decides, `runner runs resume {run}` goes on with it" in text
    assert json.loads(cli("-C", garden, "--json", "approve").out)[0]["run"] == run


@pytest.mark.parametrize(
    "agent, shown",
    [(("anna",), ["plant roses", "a", "b", "c"]), ((), ["plant roses", "plant tulips"])],
    ids=["anna", "nobody"],
)
def test_what_may_be_said_is_shown_before_the_first_message(
    garden: Path, agent: tuple[str, ...], shown: list[str]
) -> None:
    """Four suggestions of the agent, or one of each."""
    file = garden / "agents.d/anna.yaml"
    file.write_text(file.read_text().replace("[plant tulips]", "[plant roses, a, b, c, d]"))
    code, text = on_a_terminal(garden, (">", "\x04"), words=("chat", *agent))
    assert code == 0
    assert re.findall(r"such as: (.*?)\r", text) == shown


ASKED = "approve this? [y/N]:"
CTRL_C = "^C"


def on_a_terminal(root: Path, *steps: tuple[str, str], words: tuple[str, ...] = ("chat", "bert")) -> tuple[int, str]:
    """The exit code and what a terminal shows of a chat, in which each text is typed once it shows another."""
    main, side = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "120"}
    argv = [sys.executable, "-m", "runner", "-C", str(root), "--no-color", *words]
    with subprocess.Popen(argv, stdin=side, stdout=side, stderr=side, env=environment) as process:
        os.close(side)
        drawn, read, left = "", 0, list(steps)
        with suppress(OSError):  # the other side is closed: the process has ended
            while part := os.read(main, 65536):
                drawn += part.decode()
                if left and drawn[read:].rstrip(" ").endswith(left[0][0]):
                    read = len(drawn)
                    _press(process, main, left.pop(0)[1])
        os.close(main)
    return process.returncode, drawn


def _press(process: subprocess.Popen[bytes], terminal: int, keys: str) -> None:
    if keys == CTRL_C:
        stat = Path(f"/proc/{process.pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "S":  # a signal before it waits would wake nobody
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
    else:
        os.write(terminal, keys.encode())
