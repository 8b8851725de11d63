"""Phase kind `approval`: a person is asked; yes is ok, no is no, no answer in time is failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runner.engine.calls import asking
from runner.engine.calls.asking import ask
from runner.engine.calls.dry import NOTE, foresee
from runner.runs.events import StepForeseen
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.phases import ApprovalBody, Question


async def run(step: Step) -> Record:
    """Ask, and wait as long as it takes; the output is who decided, and the note."""
    spec = cast("ApprovalBody", step.spec).approval
    if step.ctx.is_dry:
        return _passed(step, spec)
    found = step.ctx.state.approval(step.path, "phase")
    question = asking.Question(
        reason="phase",
        ask=found.question.ask if found else step.render(spec.ask),
        show=found.question.show if found else step.render(spec.show or ""),
        by=spec.by,
        seconds=spec.deadline,
    )
    answer = await ask(step.ctx, step.path, question, step.budgets)
    output = {"by": answer.by, "note": answer.note}
    if answer.decision == "expired":
        return Record.of("failed", output, Fault(match="timeout", message="nobody answered before the deadline"))
    return Record.of("ok" if answer.decision == "approve" else "no", output)


def _passed(step: Step, spec: Question) -> Record:
    """In a dry run: on as if somebody had said yes at once."""
    would = "\n".join(filter(None, (step.render(spec.ask), step.render(spec.show or ""))))
    foresee(step.ctx, StepForeseen(path=step.path, kind="approval", would=would, decision="ask"))
    return Record.of("ok", {"by": "", "note": NOTE})
