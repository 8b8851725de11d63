"""Cassettes: what models answered, written down in a file of git, and given again without key or network.

A tape stands around each open model of a workbench: a `Recorder` asks it and writes down, a `Player` answers in its
place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from runner.models.cassettes.player import Player
from runner.models.cassettes.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.models.port import Model

__all__ = ["Player", "Recorder", "Tape"]


class Tape(Protocol):
    """What stands around the models of an engine."""

    is_replay: bool
    """Whether it answers in their place: then nothing is learned from how fast an answer comes."""

    def around(self, name: str, served: str, opened: Callable[[], Model]) -> Model:
        """The model `name` of runner.yaml, which its provider knows as `served`; `opened` opens it."""
