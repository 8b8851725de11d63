"""A project as its checks see it: what they ask it for is noted, so that each is done again only when that changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runner.project.settings import Settings

if TYPE_CHECKING:
    from runner.project.memory import Recall
    from runner.project.project import Project


def view_of(project: Project, recall: Recall) -> Project:
    """The project with noted mappings; all else is left empty, lest a check rests on what nobody notes.

    Only targets are as they are: a check that looks at them names their `grounds` as a source.
    """
    timeouts = {name: recall.same(("timeout", name), value) for name, value in project.settings.timeouts.items()}
    noted = {
        "models": recall.noted("models", project.settings.models),
        "timeouts": recall.noted("timeouts", timeouts),
        "execute": project.settings.execute,
    }
    return replace(
        project,
        root=Path(),
        revision="",
        files=recall.noted("files", project.files),
        settings=Settings().model_copy(update=noted),
        agents=recall.noted("agents", project.agents),
        prompts=recall.noted("prompts", project.prompts),
        packs=recall.noted("packs", project.packs),
        tools=recall.noted("tools", project.tools),
        workflows=recall.noted("workflows", project.workflows),
        secrets=frozenset(),
    )
