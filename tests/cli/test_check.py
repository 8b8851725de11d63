"""`runner check`: every problem with its place, or what was understood."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def broken(starter: Path) -> Path:
    """A project with a mistake in each of two files."""
    agent = starter / "agents.d" / "hello.yaml"
    agent.write_text(agent.read_text().replace("tools:", "tols:"))
    workflow = starter / "workflows" / "report.yaml"
    workflow.write_text(workflow.read_text().replace("tool: disk_space", "tool: disk_spase"))
    return starter


def test_every_problem_is_shown_with_its_line_and_a_caret(cli: Cli, broken: Path) -> None:
    """Place, line, caret under the word, hint; and the exit code of invalid files."""
    answer = cli("-C", broken, "check")
    assert answer.code == 3
    assert answer.out == ""
    lines = answer.err.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("agents.d/hello.yaml:8:1"))
    source, caret = (line.partition(" | ")[2] for line in lines[place + 2 : place + 4])
    assert source.startswith("tols: [machine/*]")
    assert caret == "^"
    assert "did you mean tools?" in answer.err
    assert "did you mean disk_space?" in answer.err
    assert lines[-1].startswith("not ok: ")


def test_problems_as_json_have_the_documented_shape(cli: Cli, broken: Path) -> None:
    """For editors and CI."""
    answer = cli("-C", broken, "--json", "check")
    report = json.loads(answer.out)
    assert answer.code == 3
    assert set(report) == {"ok", "revision", "problems", "warnings", "worst_case", "upgrades"}
    assert (report["ok"], report["revision"]) == (False, None)
    assert {tuple(problem) for problem in report["problems"]} == {
        ("code", "file", "line", "column", "where", "what", "hint")
    }


def test_a_good_project_as_json_has_its_revision_and_worst_cases(cli: Cli, starter: Path) -> None:
    """The revision is the digest that runs are kept under."""
    report = json.loads(cli("-C", starter, "--json", "check").out)
    assert report["ok"] is True
    assert len(report["revision"]) == 64
    assert report["worst_case"]["report"].startswith("at most 20 model calls")


def test_the_worst_case_is_told_of_the_projects_own_workflows_and_not_when_quiet(
    cli: Cli, project: Callable[..., Path]
) -> None:
    """What ships with runner is told of by JSON and by `workflows show`."""
    own = "description: Waits.\nphases:\n  rest: {wait: {for: 1s}}\n"
    models = "models:\n  default: {provider: scripted, replies: replies.yaml}\n"
    root = project({"runner.yaml": f"use: [std/build]\n{models}", "workflows/own.yaml": own})
    out = cli("-C", root, "check").out
    assert out.count("  workflow ") == 1
    assert "  workflow own: no model calls, " in out
    assert {"own", "build"} <= set(json.loads(cli("-C", root, "--json", "check").out)["worst_case"])
    assert cli("-C", root, "-q", "check").out.count("\n") == 1


def test_warnings_are_told_apart_and_do_not_fail(cli: Cli, project: Callable[..., Path]) -> None:
    """Two branches with writing agents in one workspace may disturb each other, and may be meant."""
    agent = "description: Writes.\nprompt: Write.\ntools: [files/*]\n"
    branches = "{a: {agent: one, message: x}, b: {agent: two, message: x}}"
    root = project(
        {
            "runner.yaml": "use: [std/files]\nmodels: {default: {provider: scripted, replies: replies.yaml}}\n",
            "agents.d/one.yaml": agent,
            "agents.d/two.yaml": agent,
            "workflows/both.yaml": f"description: Both.\nphases:\n  go:\n    parallel: {branches}\n",
        }
    )
    answer = cli("-C", root, "check")
    assert answer.code == 0
    assert "warnings:" in answer.err
    assert answer.out.startswith("ok: 2 agents")
    assert answer.out.splitlines()[0].endswith("; 1 warning")


def test_a_problem_in_an_odd_file_cannot_act_on_the_terminal(cli: Cli, project: Callable[..., Path]) -> None:
    """The line of the file is shown with its escapes written out, and the caret still points."""
    root = project({"agents.d/odd.yaml": 'description: "x"\nprompt: hi\n"\\e[2Jtools": [] # \u202e\n'})
    answer = cli("-C", root, "check")
    assert answer.code == 3
    assert "\x1b" not in answer.err
    assert "\u202e" not in answer.err


def test_cases_are_checked_as_all_files_are(cli: Cli, starter: Path) -> None:
    """With their place, in every format; what is right is told as before."""
    folder = starter / "tests" / "cases"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "disk.yaml").write_text("run: hello\ntext: hi\nexpect: {verdict: pass}\n")
    assert cli("-C", starter, "check").code == 0
    (folder / "disk.yaml").write_text("run: helo\ntext: hi\n")
    (folder / "late.yaml").write_text("run: hello\ntext: 3\nexpct: {}\n")
    answer = cli("-C", starter, "check")
    assert answer.code == 3
    assert "tests/cases/disk.yaml:1:6  run  [unknown-workflow]" in answer.err
    assert answer.err.endswith("not ok: 3 problems\n")
    report = json.loads(cli("-C", starter, "check", "--json").out)
    assert [(one["file"], one["line"], one["code"]) for one in report["problems"]] == [
        ("tests/cases/disk.yaml", 1, "unknown-workflow"),
        ("tests/cases/late.yaml", 2, "wrong-type"),
        ("tests/cases/late.yaml", 3, "unknown-key"),
    ]


def test_cases_are_no_part_of_what_runs(cli: Cli, project: Callable[..., Path]) -> None:
    """A case that is half written keeps no run from working, and changes no revision."""
    root = project({"agents.d/teller.yaml": "description: Tells.\nprompt: Tell.\n"})
    before = json.loads(cli("-C", root, "--json", "check").out)["revision"]
    (root / "tests/cases").mkdir(parents=True)
    (root / "tests/cases/half.yaml").write_text("run: [\n")
    assert cli("-C", root, "run", "teller", "hi").code == 0
    (root / "tests/cases/half.yaml").write_text("run: teller\ntext: hi\n")
    assert json.loads(cli("-C", root, "--json", "check").out)["revision"] == before
