"""What ships with runner: the packs, agents and workflows that a project takes by `use: [std/NAME]`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from runner.spec.layout import SHIPPED as PREFIX

__all__ = ["PREFIX", "demo", "folder"]


@lru_cache(maxsize=1)
def folder() -> Path:
    """The folder with the shipped agents.d, tools.d and workflows: in the wheel `runner/std`, else the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "std"
    return installed if installed.is_dir() else package.parent


def place(root: Path, name: str) -> Path:
    """Where a file of a project is: shipped ones are not below its root."""
    return folder() / name.removeprefix(PREFIX) if name.startswith(PREFIX) else root / name


def problems() -> Path:
    """The folder with a page of each problem: in the wheel `runner/problems`, else that of the checkout's documents."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "problems"
    return installed if installed.is_dir() else package.parent / "docs" / "problems"


def demo() -> Path:
    """The folder with the demo's small project and its replies."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "demo"
    return installed if installed.is_dir() else package.parent / "demo"
