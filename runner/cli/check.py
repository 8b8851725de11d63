"""`runner check`: read all files, report every problem, start nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place, upgrades
from runner.cli.display import as_json, one_line, say, show
from runner.cli.problems import print_problems
from runner.errors import ConfigInvalid
from runner.spec.layout import short

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.project.load import Loaded
    from runner.project.problems import Problem
    from runner.project.project import Project


@click.command
def check() -> int:
    """Check the project's files; nothing is started.

    Prints every problem of every file with its place, or the worst case of each workflow of the project's own
    (`runner workflows show NAME` tells that of any). Exits with 3 when there is a problem.
    """
    from runner.project import machine
    from runner.project.load import load
    from runner.project.sources import Disk

    root = place.root()
    loaded = load(Disk(root), root)
    if loaded.project:
        loaded = replace(loaded, warnings=(*loaded.warnings, *machine.warnings(loaded.project)))
    changed = upgrades.find(loaded.project) if loaded.project else ()
    if options.current().json:
        click.echo(as_json({**_report(loaded), "upgrades": [one.to_dict() for one in changed]}))
    else:
        _print(loaded)
        upgrades.print_upgrades(changed)
    return 0 if loaded.project else ConfigInvalid.exit_code


def _report(loaded: Loaded) -> dict[str, Any]:
    project = loaded.project
    return {
        "ok": project is not None,
        "revision": project.revision if project else None,
        "problems": _as_data(loaded.problems),
        "warnings": _as_data(loaded.warnings),
        "worst_case": dict(project.worst_cases) if project else {},
    }


def _as_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    fields = ("code", "file", "line", "column", "where", "what", "hint")
    return [{name: getattr(problem, name) for name in fields} for problem in problems]


def _print(loaded: Loaded) -> None:
    print_problems(loaded.problems)
    if loaded.warnings:
        say("warnings:", bold=True)
        print_problems(loaded.warnings, color="yellow")
    if loaded.project is None:
        count = len(loaded.problems)
        say(f"not ok: {count} problem{'s' * (count != 1)}", fg="red", bold=True)
    else:
        _print_summary(loaded.project)


def _print_summary(project: Project) -> None:
    counts = ", ".join(f"{count} {name if count != 1 else name[:-1]}" for name, count in project.describe().items())
    show(f"ok: {counts}, revision {short(project.revision)}; execute: {project.settings.execute}")
    if options.current().quiet:
        return
    from runner.project import std

    for name, entry in project.workflows.items():
        if not entry.agent and not entry.file.startswith(std.PREFIX):
            show(f"  workflow {name}: {one_line(project.worst_cases.get(name, 'unknown'))}")
