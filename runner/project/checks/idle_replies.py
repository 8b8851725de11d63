"""Scripted replies that wait for an agent or a phase that is not there: each name is told once in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.settings import ROUTER
from runner.project.std import PREFIX
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from runner.models.scripted import ReplySpec
    from runner.project.findings import Loc
    from runner.project.project import Project


def check(project: Project, replies: Mapping[str, Sequence[ReplySpec]]) -> Iterator[Finding]:
    """A finding for each such name, with the agent that probably bears another name by now."""
    phases = {phase for workflow in project.workflows.values() for phase in workflow.spec.phases} if replies else set()
    asked = {entry.when.agent or "" for entries in replies.values() for entry in entries} - {""}
    own = {name for name, agent in project.agents.items() if not agent.file.startswith(PREFIX)}
    callers = {*project.agents, *([ROUTER] if project.settings.router.model else [])}
    for file, entries in replies.items():
        renamed = _only(own - asked) if _only(asked - callers) else ""
        yield from _unknown(file, entries, "agent", callers, renamed)
        yield from _unknown(file, entries, "phase", phases)


def _unknown(
    file: str, entries: Sequence[ReplySpec], word: str, known: Collection[str], renamed: str = ""
) -> Iterator[Finding]:
    places: dict[str, list[Loc]] = {}
    for index, entry in enumerate(entries):
        name = getattr(entry.when, word)
        if name is not None and name not in known:
            places.setdefault(name, []).append((index, "when", word))
    for name, (first, *others) in places.items():
        hint = f"did you mean {renamed}?" if renamed else did_you_mean(name, known)
        yield Finding("idle-reply", file, first, f"there is no {word} `{name}`", hint, also=tuple(others))


def _only(names: Collection[str]) -> str:
    """The name, where there is exactly one."""
    return next(iter(names)) if len(names) == 1 else ""
