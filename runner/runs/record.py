"""The record that every phase, branch, item and tool call leaves (rule R4), and the fault inside a failed one."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from runner.errors import Match, StepFailed

Status = Literal["ok", "no", "failed", "skipped", "cancelled"]
"""ok: done, yes · no: done, and the answer is no · failed: could not be done · skipped: its `when` was false."""


class Fault(BaseModel):
    """Why something failed: `match` is the word that `errors` routes by, `hint` what to try instead."""

    model_config = ConfigDict(frozen=True)

    match: Match
    message: str
    hint: str = ""

    @classmethod
    def of(cls, error: StepFailed) -> Fault:
        """The fault that an exception stands for."""
        return cls(match=error.match, message=error.message, hint=error.hint)


class Record(BaseModel):
    """What something that ran left behind; `output` is plain JSON data."""

    model_config = ConfigDict(frozen=True)

    status: Status
    ok: bool
    output: Any = None
    error: Fault | None = None
    visits: int = 1

    @classmethod
    def of(cls, status: Status, output: Any = None, error: Fault | None = None, visits: int = 1) -> Record:
        """A record whose `ok` follows from its status."""
        return cls(status=status, ok=status in ("ok", "skipped"), output=output, error=error, visits=visits)
