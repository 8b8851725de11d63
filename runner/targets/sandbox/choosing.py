"""Which sandbox a project has: the one that its files name, and no other where that one cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.targets.output import Spill
    from runner.targets.sandbox.container import Container
    from runner.targets.sandbox.sandbox import Sandbox
    from runner.targets.sandbox.spec import SandboxSpec


def sandbox_of(
    spec: SandboxSpec, owner: str, spill: Spill, *, closed: Sequence[str] = (), fixed: Sequence[str] = ()
) -> Sandbox | Container:
    """The sandbox that `driver` names; nothing is started."""
    if spec.driver == "bubblewrap":
        from runner.targets.sandbox.sandbox import Sandbox

        return Sandbox(owner, spill, spec, closed=closed, fixed=fixed)
    from runner.targets.sandbox.container import Container

    return Container(owner, spill, spec, closed=closed, fixed=fixed)
