"""Where the time of a step's model calls is written down, for whoever wants to give them more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.settings import BUILT_IN_TIMEOUTS
from runner.spec import format_duration
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.project import AgentEntry


def longer(step: Step, entry: AgentEntry) -> str:
    """How model calls of a step get more time: the file and the key that say how much they have."""
    project, name = step.ctx.project, step.timeout or entry.spec.timeout
    least, most = project.timeout(name).model
    now = format_duration(most) if least == most else f"{format_duration(least)}..{format_duration(most)}"
    if name in project.settings.timeouts:
        return f"`timeouts.{name}.model` of {SETTINGS} is {now}: a longer one gives it more time"
    place = f"phase {step.phase} of {step.walk.entry.file}" if step.timeout else entry.file
    if name in BUILT_IN_TIMEOUTS:
        own = f"`timeouts: {{{name}: {{model: …, tool: …}}}}` in {SETTINGS}"
        return f"`timeout: {name}` is {now}: name a longer one in {place}, or make this one longer by {own}"
    return f"`timeout: {name}` of {place} is all that it gets: write a longer one"
