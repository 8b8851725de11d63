"""`runner models`: the models of the project, and whether their keys are here."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import as_json, seconds, show_json, table
from runner.cli.lazy import LazyGroup
from runner.cli.names import pick
from runner.cli.sheet import fact, heading
from runner.spec import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.project import Project

models = LazyGroup(
    "models",
    {
        "ls": ("runner.cli.models:ls", "List the models."),
        "usage": ("runner.cli.usage:usage", "Sum up what model calls took, in tokens and money."),
        "show": ("runner.cli.models:show_model", "Show a model: who serves it, its key, how its calls went."),
    },
    help="The project's models, and whether their keys are here.",
)
SHOWN_APART = ("name", "file", "line", "key", "agents", "calls", "latency", "deadlines", "online", "notes")
OUTCOMES = {
    "connect": "without a connection",
    "first": "never begun",
    "idle": "standing still",
    "total": "too slow",
    "reset": "broken off",
    "limited": "refused as too many",
    "overloaded": "failed by the server",
    "broken": "without a whole answer",
    "key": "whose key was refused",
    "quota": "without money on the account",
    "missing": "for a model or address that is not there",
    "overflow": "too long for the model",
    "filtered": "stopped by a filter",
    "other": "failed otherwise",
    "interrupted": "given up",
    "open": "still open",
}
"""What befell calls, in the words of people; what is not here is its own word."""


_online = click.option("--online", is_flag=True, help="Ask their servers, too: one cheap call each, with the keys.")


@click.command
@_online
def ls(*, online: bool) -> None:
    """List the models."""
    project = place.project()
    found = list(_about(project, project.settings.models, online=online))
    if options.current().json:
        show_json(found)
        return
    rows = [(*_row(one), *([_says(one["online"])] if online else [])) for one in found]
    table(("NAME", "PROVIDER", "MODEL", "ADDRESS", "CONTEXT", "KEY", *(["ONLINE"] if online else [])), rows)


@click.command
@click.argument("name")
@_online
def show_model(name: str, *, online: bool) -> None:
    """Show a model: who serves it and how, whether its key is here, how its calls went. No key is ever shown."""
    project = place.project()
    pick("model", project.settings.models, name)
    (about,) = _about(project, [name], online=online)
    if options.current().json:
        show_json(about)
        return
    heading(about)
    for key, value in about.items():
        if key not in SHOWN_APART:
            fact(key, value if isinstance(value, str) else as_json(value))
    fact("key", _key(about))
    fact("agents", ", ".join(about["agents"]))
    _show_calls(about)
    if online:
        fact("online", _says(about["online"]))
        fact("hint", about["online"]["hint"])
    for note in about.get("notes", ()):
        fact("note", note)


def _show_calls(about: dict[str, Any]) -> None:
    """How its calls went, how long answers took, and the time that the next one gets."""
    total = sum(about["calls"].values())
    most_first = sorted(about["calls"].items(), key=lambda item: (item[0] != "answered", -item[1]))
    shares = ", ".join(f"{count:,} {OUTCOMES.get(name, name)} ({count / total:.1%})" for name, count in most_first)
    fact("calls", shares or "none yet")
    latency = about["latency"]
    if latency:
        first, whole = (
            f"half within {seconds(latency[part]['p50'])}, 95 of 100 within {seconds(latency[part]['p95'])}"
            for part in ("first", "whole")
        )
        fact("begins", f"{first} ({_which(about)})")
        fact("answers", whole)
    for name, deadline in about["deadlines"].items():
        fact("next call", f"may take {format_duration(deadline['seconds'])} with `timeout: {name}`: {deadline['why']}")


def _which(about: dict[str, Any]) -> str:
    """Of which answers the times are: of all entries, former ones too, that have the same model and server."""
    latency = about["latency"]
    last = "last answer" if latency["calls"] == 1 else f"last {latency['calls']} answers"
    if len(latency["entries"]) == 1 and latency["calls"] <= about["calls"].get("answered", 0):
        return last
    server = f" at {about['base_url']}" if "base_url" in about else ""
    return f"{last} of {about.get('model', about.get('replies'))}{server}, all entries"


def _row(about: dict[str, Any]) -> tuple[object, ...]:
    told = about.get("context") or about.get("online", {}).get("context") or ""
    return (
        about["name"],
        about["provider"],
        about.get("model", about.get("replies")),
        about.get("base_url", ""),
        told,
        _key(about),
    )


def _says(online: dict[str, Any]) -> str:
    """What its server said, in a few words."""
    if online["says"]:
        return str(online["says"])
    if not online["has"]:
        return "there, and has no such model"
    return f"has it, with a context of {online['context']} tokens" if online["context"] else "has it"


def _key(about: dict[str, Any]) -> str:
    if not about["key"]:
        return "none is sent"
    found = about["key"]["found"]
    where = f"found in {found}" if found else "not set (looked in the environment, .env and .runner/secrets)"
    return f"{about['key']['name']}: {where}"


def _about(project: Project, names: Iterable[str], *, online: bool) -> Iterator[dict[str, Any]]:
    from runner.cli import standing
    from runner.project.about.models import about_model
    from runner.project.about.places import Places

    listings = None
    if online:
        from runner.models.probing import Listings

        listings = Listings()
    places = Places(project)
    with place.store() if place.has_run() else nullcontext() as store:
        calls = standing.outcomes(store) if store else {}
        for name in names:
            about = {**about_model(project, name, places), **standing.spoken_to(project.settings.models[name])}
            about |= {"calls": calls.get(name, {}), **standing.pace(project, name, store)}
            yield about | ({"online": standing.online(project, name, listings)} if listings else {})
