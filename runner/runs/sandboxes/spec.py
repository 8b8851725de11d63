"""The fields of `sandboxes:` in runner.yaml: how many there are, how large they may be, how long they are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from runner.spec import Duration, Positive, Spec
from runner.spec.sizes import Size

_LEAST = 1 << 20


def _roomy(size: int) -> int:
    if size < _LEAST:
        raise ValueError("no work fits in so little; write 1MiB or more")
    return size


class SandboxesSpec(Spec):
    """Workspaces of runs' own: how many there are at a time, how large they may be, and how long they are kept."""

    max: Positive = 10
    """How many there are at a time; archives do not count."""
    size: Annotated[Size, AfterValidator(_roomy)] = 2 << 30
    """What one may hold on the disk: beyond it, nothing that could write there is begun."""
    idle: Duration = 3600.0
    """How long one is left as it is when its last run has ended; then it is archived."""
    keep: Duration = 604_800.0
    """How long an archive is kept."""
