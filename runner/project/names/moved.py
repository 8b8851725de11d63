"""Ways that were right before a step was moved: in or out of a block of branches, or out of a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.names.shapes import Fault
from runner.project.phases import ForeachPhase, ParallelPhase
from runner.project.words import flow, listed
from runner.prompts import ITEM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.project.names.reads import PhaseReads
    from runner.project.workflows import WorkflowSpec


def to_branch(workflow: WorkflowSpec, parts: tuple[str, ...]) -> str:
    """The hint for a way to a phase that is a branch by now; nothing for other ones."""
    _, name, *rest = parts
    blocks = [
        block for block, phase in workflow.phases.items() if isinstance(phase, ParallelPhase) and name in phase.parallel
    ]
    if not blocks:
        return ""
    ways = listed(_written("phases", block, name, *rest) for block in blocks)
    return f"`{name}` is a branch of {listed(f'`{block}`' for block in blocks)}: write {ways}"


def to_phase(parts: tuple[str, ...]) -> str:
    """The hint for a way to a branch that is a phase by now."""
    return f"`{parts[2]}` is a phase: write {_written('phases', *parts[2:])}"


def item(name: str, reads: PhaseReads, *, is_bare: bool) -> Fault | None:
    """The fault of a name that is the item of a loop elsewhere in the workflow; None when there is none."""
    phases = reads.workflow.phases
    loops = [loop for loop, phase in phases.items() if isinstance(phase, ForeachPhase) and phase.foreach.as_ == name]
    if not loops or (reads.here in loops and not reads.has_run):
        return None
    where = f"loop in phase `{loops[0]}`" if not loops[1:] else f"loops in phases {_named(loops)}"
    what = f"`{name}` is the item of the {where}, known there alone"
    done = [loop for loop in loops if reads.possible(loop)]
    hint = _given(done[-1], reads, is_bare=is_bare) if done else _own_loop(name, loops[0], reads)
    return Fault("unknown-name", what, hint)


def _given(loop: str, reads: PhaseReads, *, is_bare: bool) -> str:
    """How to read what a loop gave for its items, and the list that it went over."""
    items, over = f"phases.{loop}.items", f"the list it went over is {_over(loop, reads)}"
    if is_bare:
        given = f"phases.{loop}.output, a list, or {items} (each has output, status, …)"
        return f"read what that phase gave: {given}; {over}"
    is_text_inside = "text" in reads.known(("phases", loop, "items", ITEM, "output")).get("properties", ())
    one = "one.output.text" if is_text_inside else "one.output"
    return f"read what that phase gave: {{% for one in {items} %}}{{{{ {one} }}}} {{% endfor %}}; {over}"


def _own_loop(name: str, loop: str, reads: PhaseReads) -> str:
    """How a step that comes before the loop goes over the list itself, if it is one that may."""
    here = reads.workflow.phases.get(reads.here)
    if here is None or isinstance(here, ForeachPhase | ParallelPhase):
        return f"the list it goes over is {_over(loop, reads)}"
    return f"a loop of its own gives it one: foreach: {flow({'in': _over(loop, reads), 'as': name})}"


def _over(loop: str, reads: PhaseReads) -> str:
    phase = reads.workflow.phases[loop]
    return phase.foreach.in_ if isinstance(phase, ForeachPhase) else ""


def _written(*parts: str) -> str:
    """A way as it is written, up to the first index."""
    names = list(parts)
    end = next((place for place, part in enumerate(names) if not part.isidentifier()), len(names))
    return ".".join(names[:end])


def _named(names: Iterable[str]) -> str:
    return listed(f"`{name}`" for name in names).replace(" or ", " and ")
