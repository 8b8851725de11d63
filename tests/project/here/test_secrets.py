"""What `runner check` says of the secrets on this machine, without any value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.here.secrets import added
from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = "models: {default: {provider: openrouter, model: m, key: '${OWN_KEY}'}}\n"


def warned(root: Path, env: str, mode: int = 0o600) -> list[str]:
    """The warnings of a project whose only model takes its key from this `.env`."""
    (root / "runner.yaml").write_text(SETTINGS)
    (root / ".env").write_text(env)
    (root / ".env").chmod(mode)
    loaded = added(load(Disk(root), root), root, missing=False)
    assert loaded.problems == ()
    return [f"{one.file}:{one.line} {one.what}" for one in loaded.warnings]


@pytest.mark.parametrize(
    "value", ["sk-xxxx", "sk-or-v1-xxxxxxxx", "your-key-here", "changeme", "<key>", "sk-...", "YOUR_API_KEY", "***"]
)
def test_a_placeholder_is_told_without_being_asked_for_secrets(tmp_path: Path, value: str) -> None:
    """At the place that takes it, with the line of `.env` in the hint."""
    assert warned(tmp_path, f"# mine\nOWN_KEY={value}\n") == ["runner.yaml:1 the value of OWN_KEY is a placeholder"]


@pytest.mark.parametrize("value", ["sk-or-v1-0aXxxB9", "xx", "mykey-1", "theodor-key1x"])
def test_what_may_be_a_secret_is_left_alone(tmp_path: Path, value: str) -> None:
    """Nothing is said of it."""
    assert warned(tmp_path, f"OWN_KEY={value}\n") == []


def test_a_file_with_secrets_that_everybody_may_read_is_told(tmp_path: Path) -> None:
    """Once one of them is used; the group is the owner's business."""
    open_to_all = [".env:1 every user of this machine may read the secrets in it"]
    assert warned(tmp_path, "OWN_KEY=abcdef\n", 0o644) == open_to_all
    assert warned(tmp_path, "OWN_KEY=abcdef\n", 0o640) == []
    assert warned(tmp_path, "OTHER=abcdef\n", 0o644) == []


def test_a_line_that_sets_nothing_is_told_at_its_place(tmp_path: Path) -> None:
    """In `.env` itself."""
    assert warned(tmp_path, "A=1\nOWN_KEY: abcdef\n") == [".env:2 `:` stands behind OWN_KEY, not `=`"]
