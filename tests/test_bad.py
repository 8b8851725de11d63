"""Every folder of tests/bad is a small project with one mistake; expected.txt is what `runner check` says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli import runner
from runner.cli.edge import execute

MISTAKES = sorted(folder for folder in (Path(__file__).parent / "bad").iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", MISTAKES, ids=lambda folder: folder.name)
def test_a_mistake_is_answered_by_its_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message is held word by word; a new mistake fails and shows what is said, to be read and then kept."""
    code = execute(runner, ["-C", str(folder), "--no-color", "check"])
    said = capsys.readouterr().err
    kept = folder / "expected.txt"
    assert kept.exists(), f"write {kept} after reading this:\n{said}"
    assert said == kept.read_text(encoding="utf-8")
    assert code == (3 if "\nnot ok: " in said else 0)


def test_no_two_mistakes_say_the_same() -> None:
    """A message that stands for two mistakes explains neither."""
    messages: dict[str, str] = {}
    for folder in MISTAKES:
        said = (folder / "expected.txt").read_text(encoding="utf-8")
        assert said not in messages, f"{folder.name} and {messages[said]}"
        messages[said] = folder.name
