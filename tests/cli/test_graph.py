"""`runner workflows graph`: text, picture and data, on stdout or in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_a_workflow_is_drawn_as_mermaid(cli: Cli, starter: Path) -> None:
    """Text on stdout that can be put into a document."""
    out = cli("-C", starter, "workflows", "graph", "report").out
    assert out.startswith("flowchart TD\n  start(( )) --> phase_look\n")
    assert "  phase_look --> phase_write\n" in out


def test_a_workflow_is_drawn_as_a_picture_and_as_data(cli: Cli, starter: Path) -> None:
    """The picture's source on stdout; --json is the same as --format json."""
    assert cli("-C", starter, "workflows", "graph", "report", "--format", "svg").out.startswith("<svg ")
    out = cli("-C", starter, "workflows", "graph", "report", "--format", "json").out
    assert cli("-C", starter, "--json", "workflows", "graph", "report").out == out
    data = json.loads(out)
    assert data["phases"][0] == {
        "name": "look",
        "kind": "tool",
        "words": ["tool disk_space"],
        "each": [],
        "branches": [],
    }
    assert data["edges"][-1] == {"from": "keep", "to": "pass", "via": "next", "words": []}
    assert data["finally"] is None


@pytest.mark.parametrize(
    "name, start", [("a.svg", "<svg "), ("a.mmd", "flowchart"), ("a.json", "{"), ("a.md", "flowchart")]
)
def test_the_name_of_the_file_says_the_format(cli: Cli, starter: Path, tmp_path: Path, name: str, start: str) -> None:
    """Nothing is printed as data then."""
    answer = cli("-C", starter, "workflows", "graph", "report", "-o", tmp_path / name)
    assert (answer.code, answer.out) == (0, "")
    assert (tmp_path / name).read_text().startswith(start)


@pytest.mark.parametrize(
    "words, error",
    [
        (("reprt",), "did you mean report?"),
        (("hello",), "hello is an agent: it has no phases to draw"),
        (("report", "-o", "a.png"), "does not say in which format it is to be"),
        (("report", "--format", "png"), "'png' is not one of"),
        (("report", "-o", "/proc/none/a.svg"), "/proc/none/a.svg cannot be written: "),
        (("--json", "report", "--format", "svg"), "--json and --format svg are two formats"),
    ],
)
def test_what_cannot_be_drawn_is_refused(cli: Cli, starter: Path, words: tuple[str, ...], error: str) -> None:
    """As a usage error."""
    answer = cli("-C", starter, "workflows", "graph", *words)
    assert answer.code == 2
    assert error in answer.err
