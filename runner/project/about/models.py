"""A model: who serves it, and whether its key is here; never the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner import secrets
from runner.models import ScriptedModel, address_of, needs_key
from runner.project.compare.plain import written
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from runner.project.about.places import Places
    from runner.project.project import Project


def about_model(project: Project, name: str, places: Places) -> dict[str, Any]:
    """All that runner.yaml says of a model, where it is served, the variable of its key and where that was found."""
    spec = project.settings.models[name]
    variable = needs_key(spec)
    return {
        "name": name,
        "file": SETTINGS,
        "line": places.line(SETTINGS, ("models", name)),
        **written(spec),
        **({} if isinstance(spec, ScriptedModel) else {"base_url": address_of(spec)}),
        "key": variable and {"name": variable, "found": _found(project, variable)},
        "agents": sorted(agent.name for agent in project.agents.values() if agent.spec.model == name),
    }


def _found(project: Project, variable: str) -> str | None:
    """Where the value of a variable is; None: nowhere."""
    return secrets.find([variable], project.root).found.get(variable)
