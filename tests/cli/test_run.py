"""`runner run` without a daemon: the run is worked on here."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def verdicts(project: Callable[..., Path]) -> Path:
    """A workflow for each way to end."""
    say = "description: Says.\nphases:\n  go: {approval: {ask: x}}\n"
    return project(
        {
            "agents.d/talker.yaml": "description: Talks.\nprompt: Talk.\n",
            "agents.d/lister.yaml": "description: Lists.\nprompt: List.\noutput: {names: [str]}\n",
            "replies.yaml": "- when: {agent: lister}\n  text: {names: [a, b]}\n- text: Done.\n",
            "workflows/fails.yaml": "description: F.\nphases:\n  go: {tool: no, next: [{to: fail}]}\n",
            "workflows/breaks.yaml": "description: B.\nphases:\n  go: {tool: broken}\n",
            "workflows/waits.yaml": say,
            "workflows/pauses.yaml": "description: P.\nphases:\n  go: {wait: {for: 100ms}}\n",
            "workflows/slow.yaml": "description: S.\nphases:\n  go: {tool: sleep, with: {time: '60'}}\n",
            "workflows/late.yaml": (
                "description: L.\nlimits: {time: 300ms}\nphases:\n  go: {tool: sleep, with: {time: '60'}}\n"
            ),
            "workflows/typed.yaml": (
                "description: T.\ninputs: {count: int, names: [str], where: path, home: {type: path, default: .}}\n"
                "phases:\n  go: {agent: talker, message: '{{ inputs }}'}\n"
            ),
            "tools.d/own.yaml": (
                "description: Own.\ndefaults: {risk: read}\ntools:\n"
                "  no: {description: No., command: ['false'], exit: {0: ok, 1: no}}\n"
                "  broken: {description: Breaks., command: ['false']}\n"
                "  sleep: {description: Sleeps., command: [sleep, '{{ time }}'], params: {time: str}}\n"
            ),
        }
    )


@pytest.mark.parametrize(
    "name,code", [("fails", 1), ("waits", 5), ("breaks", 6), ("late", 124), ("pauses", 0), ("talker", 0)]
)
def test_the_exit_code_says_how_a_run_ended(cli: Cli, verdicts: Path, name: str, code: int) -> None:
    """One for each verdict, one for waiting, one for out of time; a short pause is waited for."""
    words = ("hello",) if name == "talker" else ()
    assert cli("-C", verdicts, "run", name, *words).code == code


@pytest.mark.parametrize(
    "name,code,why",
    [
        ("fails", 1, "ended with fail: "),
        ("breaks", 6, "ended with error: "),
        ("late", 124, "time"),
        ("pauses", 0, ""),
    ],
)
def test_a_quiet_run_that_does_not_pass_says_why(cli: Cli, verdicts: Path, name: str, code: int, why: str) -> None:
    """One line of error with the run's id; one that passes says nothing on stderr."""
    answer = cli("-C", verdicts, "-q", "run", name)
    assert (answer.code, bool(answer.err)) == (code, bool(why))
    assert why in answer.err
    assert [line for line in answer.err.splitlines() if not line.startswith(("error: run ", "hint: ", "1 call "))] == []


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_quiet_run_that_waits_says_for_what(cli: Cli, verdicts: Path, more: tuple[str, ...]) -> None:
    """And how it is decided, and goes on; as JSON its events do."""
    answer = cli("-C", verdicts, "-q", "run", "waits", *more)
    (row,) = json.loads(cli("-C", verdicts, "--json", "approve").out)
    run, approval = row["run"], row["id"]
    assert answer.code == 5
    assert answer.err.splitlines() == (
        []
        if more
        else [
            f"run {run} waits for a person: x",
            f"  runner approve {approval}   (or with --deny)",
            f"run {run} waits; once that is decided: `runner runs resume {run}`",
        ]
    )


@pytest.mark.parametrize(
    "text, error",
    [
        ("", "there is no message"),
        (" \n", "there is no message"),
        ("é" * 1_000_001, "the message is too long: 1,000,001 characters, at most 1,000,000"),
        ("\udcff", "the message is no UTF-8 text"),
    ],
    ids=["empty", "blank", "long", "bytes"],
)
def test_what_is_no_message_is_refused(cli: Cli, verdicts: Path, text: str, error: str) -> None:
    """Before anything runs."""
    answer = cli("-C", verdicts, "run", "talker", text)
    assert (answer.code, answer.err) == (2, f"error: {error}\n")
    assert cli("-C", verdicts, "runs", "ls").out.count("talker") == 0


def test_a_message_may_be_as_long_as_it_says(cli: Cli, verdicts: Path) -> None:
    """Its last character counts."""
    assert cli("-C", verdicts, "-q", "run", "talker", "é" * 1_000_000).code == 0


def test_a_quiet_run_as_json_says_it_in_its_events_alone(cli: Cli, verdicts: Path) -> None:
    """Its last event has the verdict."""
    answer = cli("-C", verdicts, "-q", "--json", "run", "breaks")
    assert (json.loads(answer.out.splitlines()[-1])["verdict"], answer.err) == ("error", "")


def test_a_pause_that_is_over_is_no_interruption(cli: Cli, verdicts: Path) -> None:
    """The run goes on after the wait, and its time is told apart from the time that was worked."""
    told = cli("-C", verdicts, "run", "pauses").err
    assert "\ngoes on after the wait\n" in told
    for line in told.splitlines():
        assert (", waited " in line) == line.startswith(("✓ go", "PASS"))


def test_what_a_run_gives_is_on_stdout_and_talk_on_stderr(cli: Cli, verdicts: Path) -> None:
    """A text as it is, an object as JSON."""
    answer = cli("-C", verdicts, "run", "talker", "hello")
    assert answer.out == "Done.\n"
    assert "PASS  talker" in answer.err
    assert json.loads(cli("-C", verdicts, "run", "lister", "x").out) == {"names": ["a", "b"]}


def test_events_as_json_end_with_run_ended(cli: Cli, verdicts: Path) -> None:
    """One event a line, in the order of their numbers, and nothing else on stdout."""
    answer = cli("-C", verdicts, "--json", "run", "talker", "hello")
    events = [json.loads(line) for line in answer.out.splitlines()]
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert (events[0]["type"], events[-1]["type"]) == ("run.queued", "run.ended")
    assert answer.err == ""


def test_what_is_piped_has_to_be_text(process: Callable[..., subprocess.Popen[str]], verdicts: Path) -> None:
    """No byte becomes another."""
    one = process("-C", verdicts, "run", "talker", "-", stdin=subprocess.PIPE, errors="surrogateescape")
    out, err = one.communicate("a\udcff", timeout=60)
    assert (one.returncode, out, err) == (2, "", "error: what is piped is no UTF-8 text\n")


def test_text_may_come_from_stdin(process: Callable[..., subprocess.Popen[str]], verdicts: Path) -> None:
    """`-` reads all of it."""
    one = process("-C", verdicts, "--json", "run", "talker", "-", stdin=subprocess.PIPE)
    assert one.stdin is not None
    one.stdin.write("two\nlines")
    one.stdin.close()
    one.stdin = None
    out, _ = one.communicate()
    assert json.loads(out.splitlines()[0])["inputs"] == {"text": "two\nlines"}


def test_typed_inputs_are_read_by_their_types(cli: Cli, verdicts: Path) -> None:
    """A number is a number, a list may be typed with commas, a path is seen from where it was typed."""
    words = ("-i", "count=3", "-i", "names=a, b", "-i", "where=sub/x")
    out = cli("-C", verdicts, "--json", "run", "typed", *words).out
    assert json.loads(out.splitlines()[0])["inputs"] == {
        "count": 3,
        "names": ["a", "b"],
        "where": str(Path("sub/x").absolute()),
        "home": ".",
    }


@pytest.mark.parametrize(
    "words,told",
    [
        (("talkr", "x"), "did you mean talker?"),
        (("talker",), "inputs of talker: text: is missing"),
        (("talker",), 'write `runner run talker "TEXT"` or `-i text=…`'),
        (("typed", "-i", "names=a"), "write `-i count=… -i where=…`"),
        (("talker", "-i", "txt=y"), "did you mean text?"),
        (("talker", "-i", "=3"), "-i =3 is no input"),
        (("talker", "-i", "text=a", "-i", "text=b"), "-i text=… is given twice"),
        (("talker", "x", "-i", "text=y"), "text is given twice"),
        (("talker", "x", "-i", "texts=y"), "did you mean text?"),
        (("talker", "-i", "text"), "write -i NAME=VALUE"),
        (("typed", "x"), "its inputs: count, names, where, home"),
        (("typed", "-i", "count=x", "-i", "names=a", "-i", "where=."), "count: expected a whole number"),
        (("waits", "x"), "its inputs: none"),
        (("--detach", "talker", "x"), "runner up -d"),
    ],
)
def test_a_wrong_command_line_says_how_to_write_it(cli: Cli, verdicts: Path, words: tuple[str, ...], told: str) -> None:
    """Nothing is started."""
    answer = cli("-C", verdicts, "run", *words)
    assert answer.code in (2, 4)
    assert told in answer.err
    assert answer.out == ""


def test_bad_files_are_shown_before_anything_runs(cli: Cli, verdicts: Path) -> None:
    """With their places, and the exit code of invalid files."""
    (verdicts / "agents.d" / "talker.yaml").write_text("description: Talks.\n")
    answer = cli("-C", verdicts, "run", "talker", "x")
    assert answer.code == 3
    assert "agents.d/talker.yaml:1:1" in answer.err
    assert "prompt" in answer.err


def test_ctrl_c_cancels_a_run_that_is_worked_on_here(
    process: Callable[..., subprocess.Popen[str]], verdicts: Path, cli: Cli
) -> None:
    """Its tool is killed, its verdict is kept, and the exit code is the interrupt's."""
    one = process("-C", verdicts, "run", "slow")
    assert one.stderr is not None
    for line in one.stderr:
        if "sleep: sleep 60" in line:
            break
    one.send_signal(signal.SIGINT)
    assert one.wait() == 130
    (row,) = json.loads(cli("-C", verdicts, "--json", "runs", "ls").out)
    assert (row["verdict"], row["phase"]) == ("cancelled", "go/1")


def test_a_sentence_without_quotes_is_refused(cli: Cli, verdicts: Path) -> None:
    """With how it is written."""
    answer = cli("-C", verdicts, "run", "talker", "how", "are", "you")
    assert (answer.code, answer.err.splitlines()) == (
        2,
        ["error: nobody knows what to do with `are you`", 'hint: put TEXT in quotes: `runner run talker "…"`'],
    )
