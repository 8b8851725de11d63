"""A step of a walk: a phase's visit, a branch or an item, with all that its action needs; and how it is performed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.steps import budget
from runner.engine.steps.budget import Budget
from runner.engine.steps.housing import house
from runner.errors import BudgetSpent, OutputInvalid, PolicyDenied, StepFailed
from runner.project.render import render_data
from runner.prompts import RenderError, expression, template
from runner.runs.paths import TRY
from runner.runs.record import Fault, Record
from runner.runs.sandboxes.places import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from runner.engine.steps.context import RunContext
    from runner.engine.walk.walk import Walk
    from runner.project.phases import Body, ForeachPhase
    from runner.project.project import Project
    from runner.tools.base import Retry

    Action = Callable[["Step"], Awaitable[Record]]


@dataclass(frozen=True, slots=True)
class Step:
    """What an action is given."""

    walk: Walk
    spec: Body | ForeachPhase
    phase: str
    visit: int
    path: str
    budgets: tuple[Budget, ...]
    workspace: Path
    extra: Mapping[str, Any]
    """The item of a foreach under its `as` name."""

    @property
    def ctx(self) -> RunContext:
        """The run."""
        return self.walk.ctx

    def values(self) -> dict[str, Any]:
        """What templates and expressions see."""
        return {**self.walk.values(), **self.extra}

    def render(self, text: str) -> str:
        """A template's text."""
        return str(self.rendering(lambda: template(text).render(self.values())))

    def data(self, data: Any) -> Any:
        """Data of the file with its texts rendered."""
        return self.rendering(lambda: render_data(data, self.values()))

    def evaluate(self, source: str) -> Any:
        """An expression's value."""
        return self.rendering(lambda: expression(source).evaluate(self.values()))

    def rendering(self, render: Callable[[], Any]) -> Any:
        """What a template of this step gives; one that cannot be rendered is told with its file and phase."""
        try:
            return rendering(render)
        except OutputInvalid as error:
            error.hint = error.hint or f"see {self.walk.entry.file}, phases.{self.phase}"
            raise

    @property
    def is_housed(self) -> bool:
        """Whether it works in the run's own sandbox: then its commands run in the sandbox, too."""
        return self.workspace == self.ctx.sandbox

    @property
    def timeout(self) -> str | None:
        """The timeout class or duration that the step sets for its calls."""
        return getattr(self.spec, "timeout", None)

    def seconds(self, most: float) -> float:
        """The time one call may take: `most`, or what the limits leave; raises `BudgetSpent` when that is nothing."""
        left = self.seconds_left()
        return most if left is None else min(most, left)

    def seconds_left(self) -> float | None:
        """What the limits leave of all time, None without any; raises `BudgetSpent` when that is nothing."""
        now = self.ctx.clock()
        budget.check_clocks(self.ctx.state, self.budgets, now)
        return budget.seconds_left(self.ctx.state, self.budgets, now)

    def part(self, key: str, spec: Body, extra: Mapping[str, Any] | None = None) -> Step:
        """A branch or item of this step."""
        path = f"{self.path}/{key}"
        return replace(self, spec=spec, path=path, extra={**self.extra, **(extra or {})})


def rendering(render: Callable[[], Any]) -> Any:
    """What a template gives; one that cannot be rendered is a failure of the step, with match `output`."""
    try:
        return render()
    except RenderError as error:
        raise OutputInvalid(f"a template cannot be rendered: {error}") from error
    except ValueError as error:
        raise OutputInvalid(str(error)) from error


async def perform(step: Step, action: Action) -> Record:
    """Do a step: its condition, its limits, its tries; whatever goes wrong in it becomes a failed record."""
    try:
        if step.spec.limits.model_fields_set:
            place = f"phase {step.phase} of {step.walk.entry.file}"
            own = Budget(step.path, step.spec.limits, f"`{step.path}`", place)
            step = replace(step, budgets=(*step.budgets, own))
        step = replace(step, workspace=await _workspace(step))
        return await _tries(step, action)
    except BudgetSpent as spent:
        if not _inside(spent.owner, step.path):
            raise
        return Record.of("failed", error=Fault.of(spent))
    except StepFailed as failure:
        return Record.of("failed", error=Fault.of(failure))


def _inside(path: str, holder: str) -> bool:
    return path == holder or path.startswith(f"{holder}/")


async def _workspace(step: Step) -> Path:
    wanted = getattr(step.spec, "workspace", None)
    if wanted is None:
        return step.workspace
    folder = chosen(step.ctx, wanted, lambda: step.render(wanted))
    return await house(step.ctx, step.path, step.budgets) if folder == step.ctx.sandbox else folder


def chosen(ctx: RunContext, wanted: str, render: Callable[[], str]) -> Path:
    """The folder that a `workspace` of the files means; the run's own sandbox may also be said by its whole path."""
    rendered = wanted if wanted == SANDBOX else render()
    if wanted == SANDBOX or rendered == str(ctx.sandbox):
        return ctx.sandbox
    return workspace(ctx.project, ctx.current(), rendered)


def workspace(project: Project, now: Project, wanted: str) -> Path:
    """The folder a run may touch; raises `PolicyDenied` unless the run's own files and those in force allow it."""
    if wanted == SANDBOX:
        hint = "write `workspace: sandbox` for a workspace of the run's own, ./sandbox for the folder"
        raise StepFailed("a template may not give the word `sandbox` for a workspace", match="unavailable", hint=hint)
    try:
        said = project.root / Path(wanted).expanduser()
        path = said.resolve()
    except (ValueError, RuntimeError) as error:  # a NUL, or the home of nobody
        raise StepFailed(f"the workspace {wanted!r} is no name of a folder: {error}", match="unavailable") from error
    _check_no_store(project, said)
    _check_allowed(project, path, wanted)
    if now.revision != project.revision:
        _check_no_store(now, said)
        _check_allowed(now, path, wanted, "now ")
    if not path.is_dir():
        hint = f"`workspace: {SANDBOX}` gives a run one of its own" if wanted.lower() == SANDBOX else ""
        raise StepFailed(f"the workspace {path} is no folder", match="unavailable", hint=hint)
    return path


def _check_no_store(project: Project, said: Path) -> None:
    """Refuse the store, and what is reached through it: a command may have made the link in its sandbox."""
    store = (project.root / project.settings.storage.path).resolve()
    for path in (said, *said.parents):
        if path.resolve().is_relative_to(store):
            raise PolicyDenied(f"the workspace {said} is in runner's own store")


def _check_allowed(project: Project, path: Path, wanted: str, when: str = "") -> None:
    """Refuse what is outside the `workspaces` of runner.yaml."""
    root, allowed = project.root, project.settings.workspaces
    if wanted not in allowed:
        _check_inside(path, [(root / Path(folder).expanduser()).resolve() for folder in allowed], when)


def _check_inside(path: Path, roots: list[Path], when: str) -> None:
    if not any(path == folder or folder in path.parents for folder in roots):
        listed = ", ".join(str(folder) for folder in roots)
        raise PolicyDenied(
            f"the workspace {path} is outside the folders that runs may {when}work in ({listed})",
            hint="add it to `workspaces` in runner.yaml",
        )


async def _tries(step: Step, action: Action) -> Record:
    tool = step.ctx.project.tools.get(getattr(step.spec, "tool", ""))
    retry = getattr(step.spec, "retry", None) or (tool.spec.retry if tool else None)
    return await tries(retry, lambda end: _try(replace(step, path=step.path + end), action))


async def tries(retry: Retry | None, attempt: Callable[[str], Awaitable[Record]]) -> Record:
    """The record of the first try that did not fail so that `retry` takes another; `attempt` gets its path's end."""
    record = await attempt("")
    for number in range(2, (retry.max if retry else 0) + 2):
        if retry is None or not _worth_another(record, retry):
            break
        await asyncio.sleep(min(retry.delay[0] * 2 ** (number - 2), retry.delay[1]))
        record = await attempt(f"/{TRY}{number}")
    return record


async def _try(step: Step, action: Action) -> Record:
    try:
        return await action(step)
    except BudgetSpent:
        raise
    except StepFailed as failure:
        return Record.of("failed", error=Fault.of(failure))


def _worth_another(record: Record, retry: Retry) -> bool:
    """A person's or a rule's no, and a limit, are no accidents: `any` does not mean them."""
    fault = record.error
    if record.status != "failed" or fault is None or fault.match in ("policy", "budget"):
        return False
    return "any" in retry.on or fault.match in retry.on
