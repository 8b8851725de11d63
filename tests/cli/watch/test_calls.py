"""Tool calls and outputs in a few words."""

from __future__ import annotations

import pytest

from runner.cli.watch.calls import call, summary
from runner.runs.events import ToolCalled
from runner.runs.state import RunState


@pytest.mark.parametrize(
    "output,text",
    [
        (
            {"passed": 8, "failed": 1, "failures": [{}], "text": "long", "exit": 1, "truncated": 0},
            "passed=8  failed=1  failures=[1]",
        ),
        ({"text": "only\nthis", "exit": 0}, "only this"),
        ({"text": "head and tail", "exit": 0, "truncated": 9, "blob": "ab12"}, "head and tail"),
        ("plain", "plain"),
        (None, ""),
    ],
)
def test_an_output_is_told_by_its_figures(output: object, text: str) -> None:
    """Else by the beginning of its text."""
    assert summary(output) == text


def test_the_words_of_a_command_are_quoted_as_a_shell_takes_them() -> None:
    """What stands in one word cannot pass for a command of its own; a script of many lines is left out."""
    argv = ["sh", "-c", 'echo "$1"', "sh", "a b; $(id)", "one\ntwo"]
    event = ToolCalled(path="a/1", tool="backup", arguments={}, risk="write", target="nas", cwd="/", rule="", argv=argv)
    assert call(event, RunState()) == "backup: sh -c 'echo \"$1\"' sh 'a b; $(id)' …  on nas"
