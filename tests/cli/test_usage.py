"""Wrong command lines: what is wrong, and what is written instead; the exit code is that of usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TYPED = """
description: Takes typed inputs.
inputs: {count: int, kind: {type: a|b, default: a}}
phases: {look: {tool: look}}
"""


@pytest.fixture
def typed(project: Callable[..., Path]) -> Path:
    """A project with an agent, and a workflow whose inputs are no texts."""
    return project(
        {
            "agents.d/helper.yaml": "description: Helps.\nprompt: Help.\n",
            "tools.d/own.yaml": "description: Own.\ntools: {look: {description: Looks., command: ['true']}}\n",
            "workflows/typed.yaml": TYPED,
        }
    )


@pytest.mark.parametrize(
    "words, what, hint",
    [
        (["run"], "missing argument 'NAME'", "NAME [TEXT]`; there are: helper, typed"),
        (["run", "hlper"], "there is no agent or workflow `hlper`", "did you mean helper?"),
        (["run", "workflows/typed.yaml"], "no agent or workflow `workflows/typed.yaml`", "did you mean typed?"),
        (["run", "std/helper"], "there is no agent or workflow `std/helper`", "did you mean helper?"),
        (["run", "how is the disk?"], "workflow `how is the disk?`", "`runner agents route 'how is the disk?'` tells"),
        (["run", "help er"], "there is no agent or workflow `help er`", "did you mean helper?"),
        (["run", "typed"], "inputs of typed: count: is missing", "write `-i count=…`"),
        (["run", "typed", "count=3"], "typed has no input that TEXT could be for", "write -i count=3"),
        (["run", "typed", "-i", "count=x"], 'inputs of typed: count: expected a whole number, got "x"', ""),
        (["run", "typed", "-i", "cuont=1", "-i", "count=1"], "cuont: there is no such field; did you mean count?", ""),
        (["run", "typed", "-i", "count"], "-i count is no input", "write -i NAME=VALUE"),
        (["run", "typed", "-i", "count=1", "-i", "kind=c"], "kind: expected one of a, b", ""),
        (["run", "helper", "hi", "--at", "nosuch"], "no kept revision begins with `nosuch`", ""),
        (["helper"], "there is no verb `helper`", "did you mean `runner run helper`?"),
        (["history"], "there is no verb `history`", "did you mean `runner reload --history`?"),
        (["status"], "there is no verb `status`", "did you mean `runner ps`?"),
        (["logs"], "there is no verb `logs`", "did you mean `runner runs logs`?"),
        (["../etc/passwd"], "there is no verb `../etc/passwd`", "there are: init"),
        (["--project", "x", "ps"], "no such option '--project'", "did you mean -C DIR?"),
        (["check", "agents.d/helper.yaml"], "agents.d/helper.yaml is not there, and check takes no file", "the whole"),
        (["check", "/etc/hostname"], "/etc/hostname is no file of the project in ", "write `runner -C DIR check`"),
        (["check", "/etc"], "check takes no folder behind its name", "write `runner -C /etc check`"),
    ],
)
def test_a_wrong_command_line_leads_to_the_right_one(
    cli: Any, typed: Path, words: list[str], what: str, hint: str
) -> None:
    """In two lines, without a traceback."""
    answer = cli("-C", typed, *words)
    lines = answer.err.splitlines()
    assert (answer.code, answer.out) == (2, "")
    assert lines[0].startswith("error: ")
    assert what in lines[0]
    assert hint in "".join(lines[1:])


def test_a_file_of_the_project_is_not_checked_alone(cli: Any, typed: Path) -> None:
    """Nor is it somebody else's."""
    answer = cli("-C", typed, "check", typed / "agents.d/helper.yaml")
    assert (answer.code, answer.err.splitlines()[0]) == (2, "error: check takes no file")


def test_a_place_that_can_hold_no_project_says_why(cli: Any, typed: Path) -> None:
    """One that is not there, and one that is a file, are not just without a project."""
    assert cli("-C", typed / "gone", "ps").err == (
        f"error: {typed}/gone is not there\nhint: `runner init {typed}/gone` makes a project there\n"
    )
    assert cli("-C", typed / "runner.yaml", "check").err == (
        f"error: {typed}/runner.yaml is a file, not a project's folder\nhint: write `runner -C {typed} …`\n"
    )
