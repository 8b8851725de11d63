"""`runner check`: read all files, report every problem, start nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place, upgrades
from runner.cli.display import as_json, one_line, say, show, show_json
from runner.cli.problems import print_problems
from runner.errors import ConfigInvalid, UsageError
from runner.spec.layout import short

if TYPE_CHECKING:
    from runner.project.cases import Found
    from runner.project.load import Loaded
    from runner.project.project import Project
    from runner.project.upgrades import Upgrade

FORMATS = ("text", "concise", "json", "github", "sarif")


@click.command
@click.argument("files", nargs=-1, metavar="")
@click.option("--format", "wanted", type=click.Choice(FORMATS), help="How problems are printed; text by default.")
@click.option("--secrets", is_flag=True, help="Also look for every secret that the files name.")
@click.option("--explain", metavar="CODE", help="Say what a problem's code means, and how it is mended.")
def check(files: tuple[str, ...], wanted: str | None, secrets: bool, explain: str | None) -> int:  # noqa: FBT001 - click's way to pass a flag
    """Check the project's files; nothing is started.

    Prints every problem of every file with its place, or the worst case of each workflow of the project's own
    (`runner workflows show NAME` tells that of any). Exits with 3 when there is a problem.
    """
    if files:
        raise _of_files(files[0])
    if explain is not None:
        return _explain(explain)
    chosen = options.output_format(wanted) or "text"
    loaded = _load(secrets=secrets)
    changed = upgrades.find(loaded.project) if loaded.project else ()
    if chosen == "text":
        _print(loaded)
        upgrades.print_upgrades(changed)
    else:
        _print_for_programs(chosen, loaded, changed)
    return 0 if loaded.project else ConfigInvalid.exit_code


def _of_files(file: str) -> UsageError:
    """Why there is no check of a single file, and what is written instead."""
    path, folder = Path(file).resolve(), options.current().directory.resolve()
    if path.is_dir():
        return UsageError("check takes no folder behind its name", hint=f"write `runner -C {file} check`")
    hint = "the whole project is checked, as files name each other: `runner check`"
    if not path.exists():
        return UsageError(f"{file} is not there, and check takes no file", hint=hint)
    if not path.is_relative_to(folder):
        return UsageError(f"{file} is no file of the project in {folder}", hint="write `runner -C DIR check`")
    return UsageError("check takes no file", hint=hint)


def _explain(code: str) -> int:
    from runner.cli.checking import pages
    from runner.project.codes import TITLES

    page = pages.read(code)
    if options.current().json:
        show_json({"code": code, "title": TITLES[code], "page": page})
    else:
        show(pages.plain(page).rstrip())
    return 0


def _load(*, secrets: bool) -> Loaded:
    """What the files say, and what this machine has of what they ask for."""
    from runner.project import cases
    from runner.project.here import machine
    from runner.project.here import secrets as secrets_here
    from runner.project.load import load
    from runner.project.sources import Disk

    root = place.root()
    loaded = load(Disk(root), root)
    found = cases.load(Disk(root), loaded.project)
    if loaded.project:
        warnings = machine.warnings(loaded.project, keys=not secrets)
        loaded = replace(loaded, warnings=(*loaded.warnings, *warnings))
    return _with_cases(secrets_here.added(loaded, root, missing=secrets), found)


def _with_cases(loaded: Loaded, found: Found) -> Loaded:
    """With what is wrong with the cases: a project is loaded without them, as only `runner test` needs them."""
    project = None if found.problems else loaded.project
    problems, warnings = (*loaded.problems, *found.problems), (*loaded.warnings, *found.warnings)
    return replace(loaded, project=project, problems=problems, warnings=warnings)


def _print_for_programs(chosen: str, loaded: Loaded, changed: tuple[Upgrade, ...]) -> None:
    from runner.cli.checking import lines, sarif

    found = (*loaded.problems, *loaded.warnings)
    if chosen == "json":
        click.echo(as_json({**_report(loaded), "upgrades": [one.to_dict() for one in changed]}))
    elif chosen == "sarif":
        show_json(sarif.log(found))
    else:
        for problem in found:
            click.echo(lines.github(problem) if chosen == "github" else lines.concise(problem))
        say(_verdict(loaded))


def _report(loaded: Loaded) -> dict[str, Any]:
    project = loaded.project
    return {
        "ok": project is not None,
        "revision": project.revision if project else None,
        "problems": [problem.to_dict() for problem in loaded.problems],
        "warnings": [warning.to_dict() for warning in loaded.warnings],
        "worst_case": dict(project.worst_cases) if project else {},
    }


def _print(loaded: Loaded) -> None:
    print_problems(loaded.problems)
    if loaded.warnings:
        say("warnings:", bold=True)
        print_problems(loaded.warnings, color="yellow")
    if loaded.project is None:
        say(_verdict(loaded), fg="red", bold=True)
    else:
        show(_verdict(loaded))
        _print_worst_cases(loaded.project)


def _verdict(loaded: Loaded) -> str:
    project = loaded.project
    if project is None:
        return f"not ok: {_counted(len(loaded.problems), 'problem')}"
    counts = ", ".join(f"{count} {name if count != 1 else name[:-1]}" for name, count in project.describe().items())
    warnings = f"; {_counted(len(loaded.warnings), 'warning')}" if loaded.warnings else ""
    return f"ok: {counts}, revision {short(project.revision)}; execute: {project.settings.execute}{warnings}"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _print_worst_cases(project: Project) -> None:
    if options.current().quiet:
        return
    from runner.project import std

    for name, entry in project.declared_workflows.items():
        if not entry.file.startswith(std.PREFIX):
            show(f"  workflow {name}: {one_line(project.worst_cases.get(name, 'unknown'))}")
