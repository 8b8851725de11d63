"""`runner approve`: what is asked is shown exactly, and answered once."""

from __future__ import annotations

import json
import os
import pty
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.cli.client import person
from runner.project.drawing.text import columns
from runner.runs.store import Store

Cli = Callable[..., Any]


@pytest.fixture
def asked(cli: Cli, asking: Path) -> tuple[Path, str]:
    """(project, approval) with a run that waits for an answer and nobody who works on it."""
    assert cli("-C", asking, "run", "ask").code == 5
    (row,) = json.loads(cli("-C", asking, "--json", "approve").out)
    return asking, row["id"]


def test_without_an_id_the_open_ones_are_listed(cli: Cli, with_runs: Path) -> None:
    """With exactly what is asked about, for which run and step, and when it expires."""
    answer = cli("-C", with_runs, "approve")
    lines = answer.out.splitlines()
    assert answer.code == 0
    assert lines[0] == "1k0aaaaaaaaaaaaaaaab-1  May git_push be called?"
    assert lines[1].startswith("  run 1k0aaaaaaaaaaaaaaaab (workflow ask), step push/1, expires in ")
    assert '  │   "to": "main\\u001b[2K\\u202e",' in lines


def test_nothing_to_decide_is_said(cli: Cli, starter: Path) -> None:
    """On stderr; there is no data."""
    cli("-C", starter, "run", "hello", "hi")
    answer = cli("-C", starter, "approve")
    assert (answer.code, answer.out, answer.err) == (0, "", "nothing waits for a person\n")


def test_what_is_approved_is_shown_with_its_tricks_written_out(cli: Cli, with_runs: Path) -> None:
    """Each argument, and nothing that could hide a part of it."""
    answer = cli("-C", with_runs, "approve", "1k0aaaaaaaaaaaaaaaab-1")
    assert "tool git_push" in answer.out
    assert "to: main\\x1b[2K\\u202e" in answer.out
    assert "force: true" in answer.out
    assert "\x1b" not in answer.out


def test_an_approved_run_goes_on_when_it_is_resumed(cli: Cli, asked: tuple[Path, str]) -> None:
    """The answer is kept although nobody works on the run; resume takes it from there to the end."""
    root, approval = asked
    answer = cli("-C", root, "approve", approval, "--note", "fine")
    assert answer.code == 0
    assert "runner runs resume" in answer.err
    resumed = cli("-C", root, "runs", "resume", approval.partition("-")[0])
    assert resumed.code == 0
    assert "goes on after the wait" in resumed.err
    assert "approved by" in resumed.err
    assert (root / "kept.txt").exists()


def test_a_denied_run_does_not_do_what_was_asked(cli: Cli, asked: tuple[Path, str]) -> None:
    """Denied is the answer no: the next phase is entered, as the file has no other way."""
    root, approval = asked
    cli("-C", root, "approve", approval, "--deny")
    assert "denied by" in cli("-C", root, "runs", "resume", approval.partition("-")[0]).err


def test_a_second_answer_is_refused(cli: Cli, asked: tuple[Path, str]) -> None:
    """It says what was decided before; the decided one is not listed as open once the run went on."""
    root, approval = asked
    cli("-C", root, "approve", approval)
    answer = cli("-C", root, "approve", approval, "--deny")
    assert answer.code == 2
    assert "already approved" in answer.err
    cli("-C", root, "runs", "resume", approval.partition("-")[0])
    assert "is no longer open: approved by" in cli("-C", root, "approve", approval).err


def test_resume_before_the_answer_names_the_question(cli: Cli, asked: tuple[Path, str]) -> None:
    """There is nothing to go on with yet."""
    root, approval = asked
    answer = cli("-C", root, "runs", "resume", approval.partition("-")[0])
    assert answer.code == 2
    assert f"runner approve {approval}" in answer.err


def test_an_unknown_approval_is_a_usage_error(cli: Cli, with_runs: Path) -> None:
    """The way to the list is named."""
    answer = cli("-C", with_runs, "approve", "zzz")
    assert (answer.code, "`runner approve` lists" in answer.err) == (2, True)


@pytest.fixture
def many(project: Callable[..., Path], cli: Cli) -> tuple[Path, list[str]]:
    """(project, approvals) with a run that waits for three answers, one for each host of a list."""
    root = project(
        {
            "tools.d/own.yaml": (
                "description: Own.\n"
                "tools:\n"
                "  restart: {description: Restarts., command: [touch, '{{ host }}'], params: {host: str}}\n"
            ),
            "workflows/fleet.yaml": (
                "description: Restarts all.\n"
                "phases:\n"
                "  each:\n"
                "    foreach: {in: \"['web1', 'web2', 'web\\u202e3']\", as: host, concurrency: 3}\n"
                "    tool: restart\n"
                "    with: {host: '{{ host }}'}\n"
            ),
        },
        "fleet",
    )
    assert cli("-C", root, "run", "fleet").code == 5
    return root, [row["id"] for row in json.loads(cli("-C", root, "--json", "approve").out)]


def test_several_are_shown_and_decided_at_once(cli: Cli, many: tuple[Path, list[str]]) -> None:
    """Each with its own card and its own answer; one that was named twice is decided once."""
    root, (first, second, third) = many
    answer = cli("-C", root, "approve", first, second, first)
    assert answer.code == 0
    assert [line for line in answer.out.splitlines() if "touch" in line] == ["  │ touch web1", "  │ touch web2"]
    assert [line.partition(";")[0] for line in answer.err.splitlines()] == [f"{first}: approved", f"{second}: approved"]
    assert [row["id"] for row in json.loads(cli("-C", root, "--json", "approve").out) if row["id"] == third] == [third]


def test_all_of_a_run_are_decided_at_once(cli: Cli, many: tuple[Path, list[str]]) -> None:
    """The run goes on with all of them; what tries to hide in a name is written out."""
    root, ids = many
    run = ids[0].partition("-")[0]
    answer = cli("-C", root, "approve", "--run", run, "--note", "tonight")
    assert (answer.code, answer.err.count("approved")) == (0, 3)
    assert "\u202e" not in answer.out
    assert "host: web\\u202e3" in answer.out
    assert cli("-C", root, "runs", "resume", run).code == 0
    assert (root / "web1").exists()
    assert cli("-C", root, "approve", "--run", run).err.startswith(f"error: nothing of run {run} waits")


def test_one_that_somebody_else_decided_keeps_the_others_from_nothing(cli: Cli, many: tuple[Path, list[str]]) -> None:
    """It is said which one and by whom; the exit code says that not all is as wished."""
    root, (first, second, _) = many
    cli("-C", root, "approve", second, "--deny")
    answer = cli("-C", root, "approve", first, second)
    assert answer.code == 2
    assert f"{first}: approved" in answer.err
    assert f"{second}: too late: already denied by" in answer.err
    assert "1 of 2 were not approved by you" in answer.err


def test_an_unknown_one_among_several_leaves_all_open(cli: Cli, many: tuple[Path, list[str]]) -> None:
    """Nothing is decided before all is found."""
    root, (first, *_) = many
    assert cli("-C", root, "approve", first, "zzz").code == 2
    assert cli("-C", root, "approve", first, "--run", "x").code == 2
    assert len(json.loads(cli("-C", root, "--json", "approve").out)) == 3


def test_decisions_as_data(cli: Cli, many: tuple[Path, list[str]]) -> None:
    """What was decided, and what of it counts; texts are as they are in the store."""
    root, ids = many
    cli("-C", root, "approve", ids[0])
    answer = cli("-C", root, "--json", "approve", *ids)
    told = json.loads(answer.out)
    assert [one["decided"] for one in told] == [False, True, True]
    assert told[0]["error"].startswith("too late")
    assert told[2]["arguments"] == {"host": "web\u202e3"}


def test_on_a_terminal_a_whole_run_is_asked_about(many: tuple[Path, list[str]], process: Callable[..., Any]) -> None:
    """After all cards were shown; anything but yes decides nothing."""
    root, ids = many
    ours, theirs = pty.openpty()
    try:
        asking = process("-C", root, "approve", "--run", ids[0].partition("-")[0], stdin=theirs)
        os.write(ours, b"n\n")
        out, err = asking.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (asking.returncode, out.count("May the workflow call restart?")) == (0, 3)
    assert "approve these 3? [y/N]" in err
    assert "nothing was decided" in err


def test_of_two_people_at_once_exactly_one_decides(
    asked: tuple[Path, str], process: Callable[..., Any], cli: Cli
) -> None:
    """Two processes; the other one is told that it came too late."""
    root, approval = asked
    both = [process("-C", root, "approve", approval), process("-C", root, "approve", approval, "--deny")]
    said = [(one.communicate(timeout=30)[1], one.returncode) for one in both]
    assert sorted(code for _, code in said) == [0, 2]
    (late,) = [words for words, code in said if code == 2]
    assert "too late" in late
    again = cli("-C", root, "approve", approval)
    assert again.code == 2


def test_a_question_of_several_lines_cannot_pass_for_the_card(cli: Cli, project: Callable[..., Path]) -> None:
    """What a model wrote into it stands behind a sign, line by line."""
    text = "Fine?\n  tool harmless\n  folder /tmp"
    root = project(
        {"workflows/ask.yaml": f"description: Asks.\nphases:\n  a: {{approval: {{ask: {json.dumps(text)}}}}}\n"}
    )
    cli("-C", root, "run", "ask")
    (row,) = json.loads(cli("-C", root, "--json", "approve").out)
    lines = cli("-C", root, "approve", row["id"]).out.splitlines()
    assert lines[:3] == ["Fine?", "  │   tool harmless", "  │   folder /tmp"]


def test_wide_text_and_tabs_cannot_pass_for_the_card(cli: Cli, project: Callable[..., Path]) -> None:
    """No line is wider than the terminal, whatever its signs: what it broke itself would stand without a sign."""
    wide = "\u6f22" * 100
    text = f"Fine?\n{wide}  tool harmless\n" + "\t" * 30 + "tool harmless"
    phase = json.dumps({"a": {"approval": {"ask": text}}})
    root = project({"workflows/ask.yaml": f"description: Asks.\nphases: {phase}\n"})
    cli("-C", root, "run", "ask")
    (row,) = json.loads(cli("-C", root, "--json", "approve").out)
    lines = cli("-C", root, "approve", row["id"], "--show").out.splitlines()
    assert max(map(columns, lines)) <= 120
    assert ("\t" in "".join(lines), lines[0]) == (False, "Fine?")
    assert lines[1:3] == [f"  │ {wide[:56]}", f"  ┊ {wide[56:]}  tool harmless"]


def test_the_list_names_the_rule_and_the_whole_card_can_be_seen_undecided(
    cli: Cli, project: Callable[..., Path]
) -> None:
    """--show decides nothing, and goes with nothing that would."""
    root = project(
        {
            "runner.yaml": "permissions: [{tool: keep, action: ask}]\n",
            "tools.d/own.yaml": "description: Own.\ntools: {keep: {description: Keeps., command: [touch, k]}}\n",
        }
    )
    assert cli("-C", root, "tools", "call", "keep").code == 5
    listed = cli("-C", root, "approve").out
    approval = listed.split()[0]
    assert "\n  asked by runner.yaml permissions[0]\n" in listed
    shown = cli("-C", root, "approve", approval, "--show")
    assert (shown.code, shown.err) == (0, "")
    assert "  asked by runner.yaml permissions[0]\n" in shown.out
    assert f"  id {approval}\n" in shown.out
    (row,) = json.loads(cli("-C", root, "--json", "approve", approval[:-1], "--show").out)
    assert (row["status"], row["rule"]) == ("open", "runner.yaml permissions[0]")
    assert "leave --deny and --note out" in cli("-C", root, "approve", approval, "--show", "--deny").err
    assert "--show needs an ID" in cli("-C", root, "approve", "--show").err
    assert cli("-C", root, "approve").out.startswith(approval)


LONG = f"touch x {'a' * 3000}\u202e{'b' * 3000} ; rm -rf /srv"


@pytest.fixture
def lengthy(project: Callable[..., Path], cli: Cli) -> tuple[Path, str]:
    """(project, approval) with a call whose command line is long and plays tricks in its middle."""
    own = "description: O.\ntools: {free: {description: F., command: '{{ line }}', params: {line: str}}}\n"
    phases = json.dumps({"a": {"tool": "free", "with": {"line": LONG}}})
    root = project({"tools.d/own.yaml": own, "workflows/w.yaml": f"description: W.\nphases: {phases}\n"})
    assert cli("-C", root, "run", "w").code == 5
    (row,) = json.loads(cli("-C", root, "--json", "approve").out)
    assert LONG in row["show"].replace("'\"'\"'", "'")
    return root, row["id"]


def test_a_long_command_is_shown_whole_to_who_decides(cli: Cli, lengthy: tuple[Path, str]) -> None:
    """Wrapped, each piece behind its sign; put together again it is every character, the hidden ones written out."""
    root, approval = lengthy
    lines = cli("-C", root, "approve", "--show", approval).out.splitlines()
    assert max(map(len, lines)) <= 120
    pieces = [line[4:] for line in lines if line.startswith(("  │ ", "  ┊ "))]
    assert LONG.replace("\u202e", "\\u202e") in "".join(pieces)
    data = cli("-C", root, "--json", "approve", "--show", approval).out
    assert (LONG in json.loads(data)[0]["arguments"]["line"], "\u202e" in data) == (True, False)


def test_a_list_shows_both_ends_and_says_that_it_cuts(cli: Cli, lengthy: tuple[Path, str]) -> None:
    """What is dangerous stands at the end of such commands."""
    root, approval = lengthy
    out = cli("-C", root, "approve").out
    assert "│ /bin/sh -c 'touch x aaa" in out
    assert "; rm -rf /srv'" in out
    assert " characters …b" in out
    assert f"cut in the middle; all of it: runner approve --show {approval}\n" in out


def test_a_call_of_a_tool_is_told_as_runs_tell_it(cli: Cli, project: Callable[..., Path]) -> None:
    """By the tool's own name."""
    tool = "description: Own.\ntools: {dig: {description: Digs., command: [touch, dug]}}\n"
    root = project({"tools.d/own.yaml": tool})
    assert cli("-C", root, "tools", "call", "dig").code == 5
    assert "(tool dig), step" in cli("-C", root, "approve").out


def test_what_the_list_has_cut_is_shown_before_it_is_decided(
    cli: Cli, lengthy: tuple[Path, str], process: Callable[..., Any]
) -> None:
    """On a terminal, as nobody can have seen it; a script has read it by --json."""
    root, approval = lengthy
    ours, theirs = pty.openpty()
    try:
        asking = process("-C", root, "approve", approval, stdin=theirs)
        os.write(ours, b"n\n")
        out, err = asking.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(theirs)
    assert ("rm -rf /srv'" in out, "approve this? [y/N]" in err, "nothing was decided" in err) == (True, True, True)
    assert cli("-C", root, "approve", approval).code == 0


def test_what_is_kept_is_told_as_decided(cli: Cli, asked: tuple[Path, str]) -> None:
    """It is no open question any more, for the list, for `runs show` and for who would decide it again."""
    root, approval = asked
    run = approval.partition("-")[0]
    told = cli("-C", root, "approve", approval, "--deny")
    assert "denied; kept; nobody works on the run" in told.err
    listed = cli("-C", root, "approve").out
    assert f"already denied by {person()}, and nobody works on the run: `runner runs resume {run}`" in listed
    assert "expires in" not in listed
    (row,) = json.loads(cli("-C", root, "--json", "approve").out)
    assert (row["kept"]["decision"], row["kept"]["by"]) == ("deny", person())
    shown = cli("-C", root, "runs", "show", run).out
    assert f"denied by {person()}; nobody works on the run" in shown
    assert "(or with --deny)" not in shown
    again = cli("-C", root, "approve", approval)
    assert (again.code, "too late: already denied by" in again.err) == (2, True)
    assert "nothing of run" in cli("-C", root, "approve", "--run", run).err


def test_a_verb_that_works_on_a_run_leaves_the_runs_of_others_alone(cli: Cli, asked: tuple[Path, str]) -> None:
    """What was approved is done by who takes that run up, and by nobody else on the way."""
    root, approval = asked
    run = approval.partition("-")[0]
    (root / "workflows/nap.yaml").write_text("description: Naps.\nphases:\n  go: {wait: {for: 1s}}\n")
    assert cli("-C", root, "approve", approval).code == 0
    assert cli("-C", root, "run", "nap").code == 0
    assert not (root / "kept.txt").exists()
    with closing(Store.open(root / ".runner")) as store:
        assert store.find(run).status == "waiting"
    assert cli("-C", root, "runs", "resume", run).code == 0
    assert (root / "kept.txt").exists()
