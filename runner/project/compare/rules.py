"""Lists of permissions: which rules came and went, and whether that can only allow more or only less."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runner.project.compare.changes import Change
from runner.project.compare.plain import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.policy import Rule
    from runner.project.compare.changes import Effect
    from runner.project.project import Project

_ADDED: dict[str, Effect] = {"allow": "gained", "ask": "changed", "deny": "lost"}
"""What one more rule does, wherever it stands: an `ask` is stricter than an `allow` and looser than a `deny`."""
_REMOVED: dict[str, Effect] = {"allow": "lost", "ask": "changed", "deny": "gained"}


def changes(old: Project, new: Project) -> Iterator[Change]:
    """What differs in the lists of runner.yaml, and of the agents and workflows of both sides."""
    yield from _list("runner.yaml", old.settings.permissions, new.settings.permissions)
    for name in sorted(old.agents.keys() & new.agents.keys()):
        yield from _list(f"agent {name}", old.agents[name].spec.permissions, new.agents[name].spec.permissions)
    for name in sorted(old.workflows.keys() & new.workflows.keys()):
        yield from _list(f"workflow {name}", old.workflows[name].spec.permissions, new.workflows[name].spec.permissions)


def _list(where: str, old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Change]:
    added, removed = Counter(new) - Counter(old), Counter(old) - Counter(new)
    for rule in removed.elements():
        yield Change(_REMOVED[rule.action], where, "permissions", written(rule), None)
    for rule in added.elements():
        yield Change(_ADDED[rule.action], where, "permissions", None, written(rule))
    kept = (_without(old, removed), _without(new, added))
    if kept[0] != kept[1]:
        yield Change("changed", where, "order of permissions", *([written(rule) for rule in rules] for rules in kept))


def _without(rules: Iterable[Rule], gone: Counter[Rule]) -> list[Rule]:
    left = gone.copy()
    kept = []
    for rule in rules:
        if left[rule]:
            left[rule] -= 1
        else:
            kept.append(rule)
    return kept
