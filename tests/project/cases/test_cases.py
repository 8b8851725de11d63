"""The files of cases: read as strictly as all others, every fault with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.project import load as projects
from runner.project.cases import load
from runner.project.sources import Disk

FILES = {
    "runner.yaml": "models:\n  default: {provider: scripted, replies: replies.yaml}\n",
    "replies.yaml": "- text: Done.\n",
    "agents.d/teller.yaml": "description: Tells.\nprompt: Tell.\n",
    "workflows/job.yaml": (
        "description: Works.\ninputs: {what: str, count: {type: int, default: 1}}\n"
        "phases:\n  work: {agent: teller, message: '{{ inputs.what }}'}\n"
    ),
    "workflows/two.yaml": (
        "description: Works.\ninputs: {one: str, other: str}\nphases:\n  work: {agent: teller, message: go}\n"
    ),
    "workflows/bare.yaml": "description: Works.\nphases:\n  work: {agent: teller, message: go}\n",
    "tools.d/own.yaml": "description: Own.\ntools:\n  look: {description: Looks., command: [ls], risk: read}\n",
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Any]:
    """Read cases of a project by file name."""

    def read(**cases: str) -> Any:
        files = {**FILES, **{f"tests/cases/{name}.yaml": text for name, text in cases.items()}}
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        loaded = projects.load(Disk(tmp_path), tmp_path)
        assert loaded.project is not None
        found = load(Disk(tmp_path), loaded.project)
        return found.cases, found.problems

    return read


def test_a_file_holds_one_case_or_several(read: Callable[..., Any]) -> None:
    """One is called like its file, each of several has the file's name before its own or its number."""
    cases, problems = read(
        one="run: teller\ntext: hi\n",
        several="cases:\n  - {name: first, run: job, text: x}\n  - {run: job, inputs: {what: y, count: 2}}\n",
    )
    assert problems == ()
    assert [case.name for case in cases] == ["one", "several/first", "several/2"]
    assert cases[0].spec.expect.verdict == "pass"


@pytest.mark.parametrize(
    "text,place,what,hint",
    [
        ("run: teler\ntext: x\n", (1, 6), "there is no agent or workflow `teler`", "did you mean teller?"),
        ("run: teller\ntext: x\nexpct: {}\n", (3, 1), "expct", "did you mean expect?"),
        ("run: teller\ntext: x\nexpect: {verdikt: pass}\n", (3, 10), "verdikt", "did you mean verdict?"),
        ("run: teller\ntext: x\nexpect: {verdict: passed}\n", (3, 19), "passed", ""),
        ("run: teller\ntext: x\nexpect: {calls: [{tool: lok}]}\n", (3, 25), "there is no tool `lok`", "look"),
        ("run: teller\ntext: x\nexpect: {not_calls: [lok]}\n", (3, 22), "there is no tool `lok`", "look"),
        ("run: job\ntext: x\nexpect: {phases: [wrk]}\n", (3, 19), "there is no phase `wrk`", "did you mean work?"),
        ("run: job\n", (1, 1), "what: is missing", "its inputs: what, count"),
        ("run: job\ninputs: {what: x, count: many}\n", (2, 26), "expected a whole number", ""),
        ("run: job\ninputs: {what: x, cout: 2}\n", (2, 19), "did you mean count?", ""),
        ("run: job\ntext: x\ninputs: {what: y}\n", (2, 1), "what is given twice", ""),
        ("run: two\ntext: x\n", (2, 1), "two has no input that `text` could be for", "its inputs: one, other"),
        ("run: bare\ninputs: {x: 1}\n", (2, 1), "bare takes no inputs", ""),
        ("run: teller\ntext: x\nexpect: {output: {matches: '('}}\n", (3, 28), "is no regular expression", ""),
        ("run: teller\ntext: x\nexpect: {output: {schema: {type: 3}}}\n", (3, 27), "it is no JSON Schema", ""),
        ("run: bare\nexpect: {output: {schema: {$ref: 'http://x/'}}}\n", (2, 27), "refers to no other", ""),
        ("run: teller\ntext: x\nexpect: {output: {}}\n", (3, 18), "say what the output has to be like", ""),
        ("cases: []\n", (1, 8), "", ""),
        ("cases:\n  - {name: a, run: bare}\n  - {name: a, run: bare}\n", (3, 12), "another case of this file", ""),
        ("run: [\n", (1, 6), "this [ is never closed", "close it with ]"),
        ("", (1, 1), "the file is empty", ""),
    ],
)
def test_a_fault_has_its_place(
    read: Callable[..., Any], text: str, place: tuple[int, int], what: str, hint: str
) -> None:
    """File, line and column, what, and what to do."""
    _, problems = read(case=text)
    found = [(one.file, (one.line, one.column)) for one in problems]
    assert ("tests/cases/case.yaml", place) in found, problems
    told = next(one for one in problems if (one.line, one.column) == place)
    assert what in told.what
    assert hint in told.hint


def test_a_file_with_an_odd_name_is_refused(read: Callable[..., Any], tmp_path: Path) -> None:
    """It would be passed over in silence."""
    (tmp_path / "tests/cases").mkdir(parents=True)
    (tmp_path / "tests/cases/Shop.yaml").write_text("run: teller\n")
    (tmp_path / "tests/cases/old.yml").write_text("run: teller\n")
    _, problems = read()
    assert [one.file for one in problems] == ["tests/cases/Shop.yaml", "tests/cases/old.yml"]


def test_one_bad_case_does_not_hide_the_others(read: Callable[..., Any]) -> None:
    """All problems are told at once."""
    _, problems = read(a="run: teler\ntext: x\n", b="run: teller\ntext: 3\n")
    assert [one.file for one in problems] == ["tests/cases/a.yaml", "tests/cases/b.yaml"]


def test_of_a_project_that_cannot_be_used_the_fields_of_cases_are_checked(tmp_path: Path) -> None:
    """What a case names may stand in a file that cannot be read."""
    (tmp_path / "tests/cases").mkdir(parents=True)
    (tmp_path / "tests/cases/one.yaml").write_text("run: nobody\ntext: x\nexpct: {}\n")
    found = load(Disk(tmp_path), None)
    assert [(one.code, one.line, one.column) for one in found.problems] == [("unknown-key", 3, 1)]


def test_a_file_that_may_be_none_of_ours_is_a_warning(tmp_path: Path) -> None:
    """It keeps nobody from testing."""
    (tmp_path / "tests/cases").mkdir(parents=True)
    (tmp_path / "tests/cases/notes.yaml.bak").write_text("run: nobody\n")
    (tmp_path / "tests/cases/.swap.yaml").write_text("x")
    found = load(Disk(tmp_path), None)
    assert (found.cases, found.problems) == ((), ())
