"""The fields of `sandboxes:` in runner.yaml: how many there are at a time, and how long they are kept."""

from __future__ import annotations

from runner.spec import Duration, Positive, Spec


class SandboxesSpec(Spec):
    """Workspaces of runs' own: how many there are at a time, and how long they are kept."""

    max: Positive = 10
    """How many there are at a time; archives do not count."""
    idle: Duration = 3600.0
    """How long one is left as it is when its last run has ended; then it is archived."""
    keep: Duration = 604_800.0
    """How long an archive is kept."""
