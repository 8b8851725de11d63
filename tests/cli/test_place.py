"""Where the command line works."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.mark.parametrize("kind", ["pipe", "huge", "link to nowhere"])
@pytest.mark.parametrize("words", [("runs", "ls"), ("ps",), ("approve",)])
def test_settings_that_cannot_be_read_hold_no_verb_up(
    cli: Cli, tmp_path: Path, kind: str, words: tuple[str, ...]
) -> None:
    """Only where the journal lies is asked of them, and that has a default."""
    settings = tmp_path / "runner.yaml"
    (tmp_path / "agents.d").mkdir()
    if kind == "pipe":
        os.mkfifo(settings)
    elif kind == "huge":
        settings.touch()
        os.truncate(settings, 100_000_000_000)
    else:
        settings.symlink_to("nowhere")
    answer = cli("-C", tmp_path, *words)
    assert answer.code in (2, 4)
    assert answer.err.startswith(("error: nothing has run here yet", "error: no daemon runs on this project"))
