"""Where commands run: what every target takes and gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """A command to run: its words, folder, time in seconds, and the environment beyond PATH, HOME and LANG."""

    argv: Sequence[str]
    cwd: Path
    seconds: float
    env: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    """`<run>/<step path>`: set as RUNNER_STEP in the process, so that a sweep finds what a crash left alive."""
    sudo: bool = False
    """Whether it runs as root; a target where that cannot be refuses."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command left: its output (stdout and stderr as they came, head and tail kept), and its exit code."""

    text: str
    exit: int
    truncated: int = 0
    """Bytes left out between head and tail; 0 when all is there."""
    blob: str = ""
    """Digest of the whole output when it was spilled."""


class Target(Protocol):
    """A place where a command can run."""

    name: str

    async def run(self, command: Command) -> Completed:
        """Run to the end; raises ToolFailed (match `timeout`, or `unavailable` when the program is not there)."""
