"""What models are told: system prompts as they are rendered, the messages of phases, and the templates behind them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from runner.project.agents import NamedPrompt
from runner.project.compare.changes import TextChange
from runner.project.compare.plain import written
from runner.project.compare.steps import parts
from runner.project.phases import AgentBody
from runner.project.render import render_system
from runner.prompts import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.agents import Message, PromptText
    from runner.project.project import AgentEntry, Project

UNKNOWN = "(known when it runs)"
"""In the place of what a prompt says of its run."""


def text_changes(old: Project, new: Project) -> Iterator[TextChange]:
    """Each text that differs, once, with all who are given it."""
    yield from _grouped("system", _systems(old), _systems(new))
    yield from _grouped("message", _messages(old), _messages(new))
    uses = _uses(old) | _uses(new)
    for change in _grouped("template", _templates(old), _templates(new)):
        users = (user for name in change.users for user in (name, *sorted(who for used, who in uses if used == name)))
        yield replace(change, users=tuple(users))


def _grouped(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[TextChange]:
    users: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name in sorted(old.keys() | new.keys()):
        texts = (old.get(name, ""), new.get(name, ""))
        if texts[0] != texts[1]:
            users[texts].append(name)
    for (before, after), who in users.items():
        yield TextChange(kind, tuple(who), before, after)  # type: ignore[arg-type]  # given above


def _systems(project: Project) -> dict[str, str]:
    return {f"agent {name}": _rendered(project, entry) for name, entry in project.agents.items()}


def _rendered(project: Project, entry: AgentEntry) -> str:
    run = dict.fromkeys(("id", "revision", "workspace", "started_at"), UNKNOWN)
    try:
        return render_system(project, entry, entry.spec.output, {**run, "name": entry.name})
    except RenderError as error:
        return f"{UNKNOWN[1:-1]}: it cannot be rendered before ({error})\n{_source(entry.spec.prompt)}"


def _messages(project: Project) -> dict[str, str]:
    return {where: _source(step.message) for where, step in _asking(project)}


def _templates(project: Project) -> dict[str, str]:
    """What decides over a text is a text too: a condition hides from a rendering what it holds for another run."""
    named = {f"prompt {name}": spec.template for name, spec in project.prompts.items()}
    own = {f"agent {name}": _source(entry.spec.prompt) for name, entry in project.agents.items()}
    return {name: text for name, text in {**named, **own}.items() if name in named or "{{" in text or "{%" in text}


def _uses(project: Project) -> set[tuple[str, str]]:
    """Each named prompt with who names it."""
    told = {f"agent {name}": entry.spec.prompt for name, entry in project.agents.items()}
    asked = {where: step.message for where, step in _asking(project)}
    return {(f"prompt {text.use}", who) for who, text in {**told, **asked}.items() if isinstance(text, NamedPrompt)}


def _asking(project: Project) -> Iterator[tuple[str, AgentBody]]:
    for name, entry in project.declared_workflows.items():
        for where, step in parts(name, entry.spec).items():
            if isinstance(step, AgentBody):
                yield where, step


def _source(text: Message | PromptText) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, NamedPrompt):
        given = "".join(f"\n{key}: {value}" for key, value in text.with_.items())
        return f"use: {text.use}{given}"
    return yaml.safe_dump(written(text), allow_unicode=True, sort_keys=False, width=120)
