"""Where commands can run: `local`, `sandbox` and the hosts, as selectors find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.spec.selectors import Selectable, Selectables
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.project.memory import Recall
    from runner.project.project import AgentEntry, Project, ToolEntry
    from runner.project.settings import Settings
    from runner.targets.hosts.spec import HostSpec

LOCAL = "local"
SANDBOX = "sandbox"
HERE = (LOCAL, SANDBOX)
"""The targets that are on this machine."""
GROUP = "group:"
HOSTS = "hosts"
"""The group that every host is in."""
ALL_HOSTS = f"{GROUP}{HOSTS}"
PARAMETER = "target"
"""What a model says beside a tool's own parameters, where it may choose among targets."""


def known(hosts: Mapping[str, HostSpec]) -> Selectables:
    """All targets of a project."""
    named = (Selectable(name, groups=(HOSTS, *spec.groups)) for name, spec in hosts.items())
    return Selectables((Selectable(LOCAL), Selectable(SANDBOX), *named))


def grounds(project: Project, recall: Recall) -> object:
    """What all that is said of targets comes from: the same object as in the last load if nothing of it has changed."""
    groups = ((thing.name, thing.groups) for thing in project.targets.things) if project.hosts else ()
    return recall.same("targets", (project.settings.execute, *groups))


def default(settings: Settings) -> str:
    """Where a command runs when nobody says another place."""
    return SANDBOX if settings.execute == "sandbox" else LOCAL


def hint_for(word: str, things: Iterable[Selectable]) -> str:
    """What is meant by a word that finds no target: a group of that name, the nearest, or all that there are."""
    names = [thing.name for thing in things]
    groups = sorted({group for thing in things for group in thing.groups})
    if word in groups:
        return f"did you mean {GROUP}{word}?"
    known = [*names, *(f"{GROUP}{group}" for group in groups)]
    if "," in word or " " in word.strip():
        of_group = f"; groups, by a host's `groups`: {', '.join(known[len(names) :])}" if groups else ""
        return f"name one target, or one group{of_group}"
    return did_you_mean(word, known) or f"targets: {', '.join(known)}"


def in_force(name: str, settings: Settings) -> str:
    """The target that a name leads to: under `execute: sandbox` nothing runs on this machine outside of it."""
    return default(settings) if name == LOCAL else name


def is_moved(tool: ToolEntry) -> bool:
    """Whether a tool runs on the target of its call; the other kinds act from here."""
    return hasattr(tool.spec, "targets")


def may_be_many(target: str | None) -> bool:
    """Whether what a phase says may be more than one target: a group, all, or what only its run knows."""
    return target is not None and (target.startswith(GROUP) or target == "*" or "{" in target)


def offered(project: Project, agent: AgentEntry, tool: ToolEntry) -> tuple[str, ...]:
    """What an agent may say for the target of a tool: names, and the groups that it lists; the first is the default."""
    if not is_moved(tool):
        return ()
    groups = [selector for selector in agent.spec.targets if selector.startswith(GROUP)]
    may = set(places_of(project, tool))
    names = [name for name in agent.targets if name in may]
    return (
        *names,
        *(group for group in dict.fromkeys(groups) if len(may.intersection(project.targets.find(group))) > 1),
    )


def places_of(project: Project, tool: ToolEntry) -> tuple[str, ...]:
    """The targets where a tool may run at all."""
    selectors = getattr(tool.spec, "targets", None)
    return allowed(("*",) if selectors is None else selectors, project.targets, project.settings)


def allowed(selectors: Sequence[str], things: Selectables, settings: Settings) -> tuple[str, ...]:
    """The targets that selectors find, in their own order, so that the first is the default."""
    chosen: dict[str, None] = {}
    for selector in selectors:
        hits = things.select([selector.removeprefix("-")])[0]
        for name in hits:
            if selector.startswith("-"):
                chosen.pop(in_force(name, settings), None)
            else:
                chosen.setdefault(in_force(name, settings))
    return tuple(chosen)
