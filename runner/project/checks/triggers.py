"""The check of triggers and alerts: runs begin with inputs that the workflow takes, and each alert has its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.checks.arguments import check_arguments, has_template
from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project, WorkflowEntry


def check(project: Project) -> Iterator[Finding]:
    """What is wrong with the triggers and the names of the alerts of all workflows."""
    for entry in project.workflows.values():
        if entry.spec.triggers:
            yield from _triggers(entry)
        if entry.spec.alerts:
            yield from _names(entry)


def _triggers(entry: WorkflowEntry) -> Iterator[Finding]:
    for index, trigger in enumerate(entry.spec.triggers):
        loc, owner = ("triggers", index), f"workflow `{entry.name}`"
        yield from check_arguments(entry.file, loc, trigger.inputs, entry.spec.inputs, owner, "input", "inputs")
        for name, value in trigger.inputs.items():
            if has_template(value):
                what = f"`{name}` is a template, and a trigger has nothing to fill it in with"
                hint = "write the value out; the workflow's own texts may be templates"
                yield Finding("wrong-argument", entry.file, (*loc, "inputs", name), what, hint)


def _names(entry: WorkflowEntry) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, alert in enumerate(entry.spec.alerts):
        if alert.name in seen:
            what = f"there is another alert `{alert.name}` above"
            yield Finding("duplicate-name", entry.file, ("alerts", index, "name"), what, "choose another name")
        seen.add(alert.name)
