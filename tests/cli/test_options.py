"""The options that every verb takes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("words", [("-C", "{}", "--json", "check"), ("check", "-C", "{}", "--json")])
def test_options_stand_before_or_after_the_verb(cli: Callable[..., Any], starter: Path, words: tuple[str, ...]) -> None:
    """Both orders give the same."""
    answer = cli(*(word.format(starter) for word in words))
    assert json.loads(answer.out)["ok"] is True


def test_quiet_leaves_only_data(cli: Callable[..., Any], starter: Path) -> None:
    """The answer is on stdout, and stderr is empty."""
    answer = cli("-C", starter, "-q", "run", "hello", "hi")
    assert answer.out.startswith("Hello!")
    assert answer.err == ""


@pytest.mark.parametrize("flag,variable", [("--no-color", {}), ("-q", {"NO_COLOR": "1"})])
def test_colours_can_be_turned_off(
    process: Callable[..., subprocess.Popen[str]],
    with_runs: Path,
    no_colors: dict[str, str],
    flag: str,
    variable: dict[str, str],
) -> None:
    """Also where they were forced: neither by the option nor by NO_COLOR is any escape printed."""
    environment = {**no_colors, "FORCE_COLOR": "1", **variable}
    out, _ = process(flag, "-C", with_runs, "runs", "ls", env=environment).communicate()
    assert "build" in out
    assert "\x1b" not in out


def test_a_folder_without_a_project_is_a_usage_error(cli: Callable[..., Any], tmp_path: Path) -> None:
    """The way out is named."""
    answer = cli("-C", tmp_path, "check")
    assert answer.code == 2
    assert f"no project in {tmp_path}" in answer.err
    assert "runner init" in answer.err
