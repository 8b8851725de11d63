"""`runner runs show`: a run phase by phase, its files, one of them, its prompts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

Cli = Callable[..., Any]
RUN = "1k0aaaaaaaaaaaaaaaaa"


def test_a_waiting_run_shows_all_that_is_asked(cli: Cli, with_runs: Path) -> None:
    """And its time is told as waited, not as taken."""
    out = cli("-C", with_runs, "runs", "show", "1k0aaaaaaaaaaaaaaaab").out
    assert "took       4.0 s, waited " in out
    assert '  ? May git_push be called?  (step push/1)\n    │ {\n    │   "to": "main\\u001b[2K\\u202e",' in out
    assert "runner approve 1k0aaaaaaaaaaaaaaaab-1" in out


def test_a_run_is_shown_phase_by_phase(cli: Cli, with_runs: Path) -> None:
    """With its visits, figures, verdict and why; the beginning of its id is enough when no other begins so."""
    out = cli("-C", with_runs, "runs", "show", "1k0aaaaaaaaaaaaaaaaa").out
    assert out.startswith("workflow build  FAIL\n")
    assert "✗ verify ×2" in out
    assert "✓ work ×2" in out
    assert "1,000 in, 234 out" in out
    assert "`verify/2` was red too often" in out


def test_a_run_as_json_holds_its_history(cli: Cli, with_runs: Path) -> None:
    """Every record of every phase."""
    data = json.loads(cli("-C", with_runs, "--json", "runs", "show", "1k0aaaaaaaaaaaaaaaaa").out)
    assert [record["status"] for record in data["phases"]["verify"]["history"]] == ["no", "no"]
    assert (data["verdict"], data["evidence"]["exhausted"]) == ("fail", True)


def test_a_beginning_of_several_ids_is_refused(cli: Cli, with_runs: Path) -> None:
    """They are named, so that one can be chosen."""
    answer = cli("-C", with_runs, "runs", "show", "1k0")
    assert answer.code == 2
    assert "1k0aaaaaaaaaaaaaaaaa" in answer.err


def test_files_are_told_apart_from_what_is_on_disk(cli: Cli, with_runs: Path) -> None:
    """Same, changed, missing, and what nobody can read; a commit is named with the revision."""
    (with_runs / "picture.bin").write_bytes(b"\xff\x00")
    answer = cli("-C", with_runs, "runs", "show", RUN, "--files")
    header, picture, build = answer.out.splitlines()
    assert header.split() == ["FILE", "BYTES", "SHA256", "NOW"]
    assert (build.split()[0], build.split()[-1]) == ("workflows/build.yaml", "missing")
    assert (picture.split()[1], picture.split()[-1]) == ("2", "same")
    (with_runs / "picture.bin").chmod(0o666)
    (with_runs / "workflows/build.yaml").write_text("")
    files = json.loads(cli("-C", with_runs, "--json", "runs", "show", RUN, "--files").out)["files"]
    assert [file["now"] for file in files] == ["unreadable", "changed"]


def test_a_file_is_printed_byte_by_byte(cli: Cli, with_runs: Path, process: Callable[..., Any]) -> None:
    """Also one that is no text; as JSON that is base64."""
    with (with_runs / "copy").open("wb") as copy:
        one = process("-C", with_runs, "runs", "show", RUN, "--file", "picture.bin", stdout=copy)
        assert one.wait() == 0
    assert (with_runs / "copy").read_bytes() == b"\xff\x00"
    data = json.loads(cli("-C", with_runs, "--json", "runs", "show", RUN, "--file", "picture.bin").out)
    assert data["content"] == {"base64": "/wA="}


def test_a_file_that_the_run_had_not_is_refused(cli: Cli, with_runs: Path) -> None:
    """With the nearest name."""
    answer = cli("-C", with_runs, "runs", "show", RUN, "--file", "workflows/biuld.yaml")
    assert (answer.code, answer.out) == (2, "")
    assert "began with no file `workflows/biuld.yaml`" in answer.err
    assert "did you mean workflows/build.yaml?" in answer.err


def test_a_revision_that_is_gone_is_told(cli: Cli, with_runs: Path) -> None:
    """The run itself and its prompts can still be seen: they are in the journal."""
    with closing(sqlite3.connect(with_runs / ".runner/runner.db")) as database, database:
        database.execute("DELETE FROM revisions")
    for words in (("--files",), ("--file", "picture.bin")):
        answer = cli("-C", with_runs, "runs", "show", RUN, *words)
        assert (answer.code, answer.out) == (2, "")
        assert "the files of revision r1 are not kept here any more" in answer.err
    assert cli("-C", with_runs, "runs", "show", RUN).code == 0
    assert cli("-C", with_runs, "runs", "show", RUN, "--prompts").code == 0


def test_a_run_without_agents_had_no_prompts(cli: Cli, with_runs: Path) -> None:
    """That is talk, not data."""
    answer = cli("-C", with_runs, "runs", "show", RUN, "--prompts")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.endswith("no model was asked anything in this run\n")


def test_one_thing_is_shown_at_a_time(cli: Cli, with_runs: Path) -> None:
    """Two of the options are a mistake."""
    answer = cli("-C", with_runs, "runs", "show", RUN, "--files", "--prompts")
    assert answer.code == 2
    assert "one at a time" in answer.err


def test_a_conversation_that_goes_on_is_shown_once_with_what_came_before(
    cli: Cli, project: Callable[..., Path]
) -> None:
    """The first turn of a visit that continues another has the earlier messages; a turn repeats none of its own."""
    root = project(
        {
            "agents.d/talker.yaml": "description: Talks.\nprompt: Talk.\noutput: {word: str}\n",
            "replies.yaml": '- {when: {visit: 1, phase: first, turn: 1}, text: hm}\n- {text: \'{"word": "x"}\'}\n',
            "workflows/two.yaml": (
                "description: Two.\nphases:\n  first: {agent: talker, message: One}\n"
                "  second: {agent: talker, message: Two, continue: first}\n"
            ),
        }
    )
    assert cli("-C", root, "run", "two").code == 0
    (row,) = json.loads(cli("-C", root, "--json", "runs", "ls").out)
    shown = json.loads(cli("-C", root, "--json", "runs", "show", row["id"], "--prompts").out)
    roles = {
        turn["path"]: [message["role"] for message in turn["messages"]]
        for visit in shown["visits"]
        for turn in visit["turns"]
    }
    assert roles == {
        "first/1/turn-1": ["system", "user"],
        "first/1/turn-2": ["assistant", "user"],
        "second/1/turn-1": ["system", "user", "assistant", "user", "assistant", "user"],
    }
    assert shown["visits"][1]["continues"] == "first/1"
    assert (
        "# second/1: agent talker, goes on from first/1" in cli("-C", root, "runs", "show", row["id"], "--prompts").out
    )
