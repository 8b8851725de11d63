"""`runner models`: the models of the project, and whether their keys are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.cli.sheet import fact, heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.project import Project

models = LazyGroup(
    "models",
    {
        "ls": ("runner.cli.models:ls", "List the models."),
        "show": ("runner.cli.models:show_model", "Show a model: who serves it, whether its key is here."),
    },
    help="The project's models, and whether their keys are here.",
)
SHOWN_APART = ("name", "file", "line", "key", "agents")


@click.command
def ls() -> None:
    """List the models."""
    project = place.project()
    found = list(_about(project, project.settings.models))
    if options.current().json:
        show_json(found)
        return
    rows = [
        (one["name"], one["provider"], one.get("model", one.get("replies")), one.get("base_url", ""), _key(one))
        for one in found
    ]
    table(("NAME", "PROVIDER", "MODEL", "ADDRESS", "KEY"), rows)


@click.command
@click.argument("name")
def show_model(name: str) -> None:
    """Show a model: who serves it, whether its key is here, which agents run on it. No key is ever shown."""
    project = place.project()
    pick("model", project.settings.models, name)
    (about,) = _about(project, [name])
    if options.current().json:
        show_json(about)
        return
    heading(about)
    for key, value in about.items():
        if key not in SHOWN_APART:
            fact(key, value if isinstance(value, str) else as_json(value))
    fact("key", _key(about))
    fact("agents", ", ".join(about["agents"]))


def _key(about: dict[str, Any]) -> str:
    if not about["key"]:
        return "none needed"
    found = about["key"]["found"]
    return f"{about['key']['name']}: {f'found in {found}' if found else 'not set (looked in the environment and .env)'}"


def _about(project: Project, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    from runner.project.about.models import about_model
    from runner.project.about.places import Places

    places = Places(project)
    for name in names:
        yield about_model(project, name, places)
