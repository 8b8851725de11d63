"""A dry run: what would change something is planned, judged and told in place of being done; nobody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.calls.judging import is_harmless, judged
from runner.runs.events import StepForeseen
from runner.runs.record import Record

if TYPE_CHECKING:
    from runner.engine.calls.planning import Planned
    from runner.engine.steps.context import RunContext
    from runner.policy import Judgement

NOTE = "dry run: nobody was asked"
"""The note of an approval that is passed."""


def withheld(planned: Planned) -> Record | None:
    """The record of a call that a dry run does not make; None for a call that is made.

    That is one that only reads and is allowed without a person, one that will be denied, and one of a workflow or an
    agent: what they call is withheld in its turn.
    """
    if not planned.step.ctx.is_dry:
        return None
    judgement = judged(planned)
    if judgement.action == "allow" and not planned.entry.child and is_harmless(planned):
        return None
    foresee(planned.step.ctx, _foreseen(planned, judgement))
    if judgement.action == "deny" or planned.entry.child:
        return None
    told = {"dry": True, "would": planned.shown, "decision": judgement.action, "rule": judgement.rule}
    return Record.of("ok", told)


def foresee(ctx: RunContext, event: StepForeseen) -> None:
    """Write once what would happen at a step."""
    if event.path not in ctx.state.foreseen:
        ctx.append(event)


def is_foreseen(ctx: RunContext, path: str) -> bool:
    """Whether the call at a path was told and not made."""
    told = ctx.state.foreseen.get(path)
    return told is not None and (told.kind == "tool" or told.decision == "deny")


def is_walked(planned: Planned) -> bool:
    """Whether a call needs no person's consent because all that it does is withheld in its turn."""
    return planned.step.ctx.is_dry and bool(planned.entry.child)


def _foreseen(planned: Planned, judgement: Judgement) -> StepForeseen:
    return StepForeseen(
        path=planned.call.path,
        kind="child" if planned.entry.child else "tool",
        would=planned.shown,
        decision=judgement.action,
        rule=judgement.rule,
        tool=planned.call.tool,
        arguments=dict(planned.call.arguments),
        targets=list(planned.targets),
    )
