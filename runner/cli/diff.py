"""`runner diff`: what a change of the files lets agents do, tells them, and makes them go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runner.cli import options
from runner.cli.display import safe, say, show, show_json
from runner.cli.problems import print_problems
from runner.errors import ConfigInvalid
from runner.spec.layout import short

if TYPE_CHECKING:
    from runner.cli.review.sides import Side
    from runner.project.compare import Comparison

DIFFERS = 1
"""The exit code of a comparison that was asked to fail."""


@click.command
@click.argument("revisions", metavar="[A..B]", default="HEAD")
@click.option("--format", "wanted", type=click.Choice(["text", "markdown", "json"]), help="How; text by default.")
@click.option("--exit-code", "any_fails", is_flag=True, help="Exit with 1 when anything differs.")
@click.option("--fail-on", type=click.Choice(["gained"]), help="Exit with 1 when more may be possible than before.")
def diff(revisions: str, wanted: str | None, fail_on: str | None, *, any_fails: bool) -> int:
    """Compare two revisions: capabilities gained and lost, prompts as rendered, phases and edges, files.

    A and B are commits, branches or tags; `A..` and `A` compare with the files on disk, nothing at all HEAD with them.
    """
    from runner.cli.review.sides import sides

    form = options.output_format(wanted) or "text"
    old, new = sides(revisions)
    compared = _compared(old, new)
    _show(old, new, compared, form)
    if compared is None:
        return ConfigInvalid.exit_code
    why = _failure(compared, fail_on=fail_on, any_fails=any_fails)
    if why:
        say(f"exit code {DIFFERS}: {why}", fg="red")
    return DIFFERS if why else 0


def _failure(compared: Comparison, *, fail_on: str | None, any_fails: bool) -> str:
    """Why the comparison fails as it was asked to; empty when it does not."""
    if fail_on and compared.widens:
        powers = sum(change.widens for change in compared.capabilities)
        ways = sum(change.widens for graph in compared.graphs for change in graph.changes)
        counted = ((powers, "capability" if powers == 1 else "capabilities"), (ways, "way" if ways == 1 else "ways"))
        found = " and ".join(f"{count} {name}" for count, name in counted if count)
        return f"--fail-on {fail_on}: {found} gained or changed"
    return "--exit-code: something differs" if any_fails and not compared.is_empty else ""


def _compared(old: Side, new: Side) -> Comparison | None:
    """The comparison; None when the files of a side have problems."""
    from runner.project.compare import compare

    before, after = old.loaded.project, new.loaded.project
    return None if before is None or after is None else compare(before, after)


def _show(old: Side, new: Side, compared: Comparison | None, form: str) -> None:
    match form:
        case "json":
            show_json(_data(old, new, compared))
        case "markdown":
            show(_markdown(old, new, compared))
        case _:
            _print(old, new, compared)


def _data(old: Side, new: Side, compared: Comparison | None) -> dict[str, Any]:
    sides = {"old": old.to_dict(), "new": new.to_dict()}
    return {**sides, "comparison": None if compared is None else compared.to_dict()}


def _markdown(old: Side, new: Side, compared: Comparison | None) -> str:
    from runner.cli.review import markdown

    if compared is not None:
        return markdown.markdown(compared, old.name, new.name)
    wrong = [
        safe(f"{side.name}: {problem.file}:{problem.line}:{problem.column} {problem.what}").replace("\n", " ")
        for side in (old, new)
        for problem in side.loaded.problems
    ]
    return markdown.problems(wrong, old.name, new.name)


def _print(old: Side, new: Side, compared: Comparison | None) -> None:
    from runner.cli.review.text import files, print_comparison

    if compared is not None:
        say(f"{old.name} → {new.name}")
        print_comparison(compared)
        if compared.is_empty:
            show("nothing differs")
        return
    for side in (old, new):
        _print_problems(side)
    from runner.project.compare import file_changes

    click.secho("files", bold=True)
    for line in files(file_changes(old.loaded.files, new.loaded.files)):
        line.print()


def _print_problems(side: Side) -> None:
    project, problems = side.loaded.project, side.loaded.problems
    if project is not None:
        say(f"{side.name}: ok, revision {short(project.revision)}")
        return
    print_problems(problems, files=side.loaded.files)
    say(f"{side.name}: {len(problems)} problem{'s' * (len(problems) != 1)}, so that nothing can be compared", fg="red")
