"""What all events share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

VERSION = 1


class Event(BaseModel):
    """What all events share; `run`, `seq` and `time` are given by the journal as it is appended."""

    model_config = ConfigDict(frozen=True)

    v: int = VERSION
    run: str = ""
    seq: int = -1
    time: float = 0.0
    path: str = ""
