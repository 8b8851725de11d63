"""The steps of a workflow, each with its place in the file: phases, branches, items and `finally`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.project.phases import (
    AgentBody,
    ApprovalBody,
    ForeachPhase,
    ParallelPhase,
    ToolBody,
    WaitBody,
    WorkflowBody,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc
    from runner.project.workflows import WorkflowSpec

AnySpec = AgentBody | ToolBody | WorkflowBody | ApprovalBody | WaitBody | ParallelPhase


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a workflow does."""

    phase: str
    """The phase it belongs to; empty for `finally`."""
    loc: Loc
    spec: AnySpec
    branch: str = ""
    """The branch it is, if it is one."""
    item: str = ""
    """The name of the item it works on, inside a foreach."""

    @property
    def words(self) -> str:
        """What messages call it."""
        if not self.phase:
            return "finally"
        return f"branch `{self.phase}.{self.branch}`" if self.branch else f"phase `{self.phase}`"

    @property
    def is_part(self) -> bool:
        """Whether it is a branch or an item, inside a phase."""
        return bool(self.branch or self.item)


def steps(workflow: WorkflowSpec) -> Iterator[Step]:
    """Every step, in the order of the file; a block of branches comes before its branches."""
    for name, phase in workflow.phases.items():
        loc = ("phases", name)
        if isinstance(phase, ForeachPhase):
            yield Step(name, loc, phase.body, item=phase.foreach.as_)
            continue
        yield Step(name, loc, phase)
        if isinstance(phase, ParallelPhase):
            for branch, body in phase.parallel.items():
                yield Step(name, (*loc, "parallel", branch), body, branch=branch)
    if workflow.finally_ is not None:
        yield Step("", ("finally",), workflow.finally_)
