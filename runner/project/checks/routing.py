"""The check of `router:` in runner.yaml: the agents that it chooses among, its fallback, its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.spec.layout import SETTINGS
from runner.spec.selectors import Selectable, Selectables
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runner.project.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Every name under `router` that leads nowhere."""
    router = project.settings.router
    if "agents" in router.model_fields_set:
        yield from _selectors(project, router.agents)
    if router.fallback is not None and router.fallback not in project.agents:
        yield _unknown("agent", "fallback", router.fallback, project.agents)
    if router.model is not None and router.model not in project.settings.models:
        yield _unknown("model", "model", router.model, project.settings.models)


def _selectors(project: Project, selectors: tuple[str, ...]) -> Iterator[Finding]:
    things = Selectables(Selectable(name) for name in project.agents)
    found, idle = things.select(selectors)
    for selector in idle:
        hint = did_you_mean(selector.removeprefix("-"), project.agents) or _there_are("agents", project.agents)
        loc = ("router", "agents", selectors.index(selector))
        yield Finding("unknown-selector", SETTINGS, loc, f"`{selector}` finds no agent", hint)
    if not found and not idle:
        what = "no agent is left to choose among"
        yield Finding("unknown-selector", SETTINGS, ("router", "agents"), what, 'begin with "*" or with a name')


def _unknown(kind: str, key: str, name: str, known: Collection[str]) -> Finding:
    hint = did_you_mean(name, known) or _there_are(f"{kind}s", known)
    return Finding(f"unknown-{kind}", SETTINGS, ("router", key), f"there is no {kind} `{name}`", hint)


def _there_are(kind: str, known: Collection[str]) -> str:
    return f"{kind}: {', '.join(known) or 'none'}"
