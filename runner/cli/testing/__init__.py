"""`runner test`: run the project's cases and say which of them came to what they should."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.cli import options, place
from runner.cli.display import say
from runner.errors import ConfigInvalid, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.cli.testing.run import Ran
    from runner.project.cases import NamedCase
    from runner.project.project import Project

OUT = click.Path(path_type=Path, dir_okay=False)


class _Duration(click.ParamType):  # type: ignore[type-arg]  # a type by itself in older versions
    """A duration as the files write it."""

    name = "duration"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Its seconds."""
        from runner.spec import parse_duration

        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command
@click.argument("pattern", required=False)
@click.option("--live", is_flag=True, help="Ask the models, not the cassettes.")
@click.option("--record", is_flag=True, help="Ask the models, and make the cassettes anew.")
@click.option("--models", metavar="A,B,…", help="Run each case on each of these models of runner.yaml.")
@click.option("--junit", type=OUT, metavar="FILE", help="Write the results as JUnit XML.")
@click.option("--min-pass", type=click.FloatRange(0, 1), default=1.0, help="The part of the cases that has to pass.")
@click.option("--max-latency", type=_Duration(), metavar="5s", help="The longest that 95 of 100 model calls may take.")
def test(
    pattern: str | None,
    models: str | None,
    junit: Path | None,
    min_pass: float,
    max_latency: float | None,
    *,
    live: bool,
    record: bool,
) -> int:
    """Run the project's cases, tests/cases/*.yaml.

    PATTERN chooses among them: a part of a name, or a pattern such as `shop*`. Each runs in a copy of the project's
    folder that is thrown away. Models are answered for by cassettes, unless they are scripted.

    Exits with 0 when all is as it should be, 1 when not, 3 when a case cannot be read.
    """
    from runner.cli.testing import junit as xml
    from runner.cli.testing.report import Report

    if live and record:
        what = "only one of --live and --record can be given"
        raise UsageError(what, hint="both ask the models: --record keeps their answers, --live does not")
    project = place.project()
    cases = _chosen(_cases(project), pattern)
    ran = _run_all(project, cases, _models(project, models), live=live, record=record)
    report = Report(ran, min_pass, max_latency)
    if junit:
        xml.write(junit, ran)
    report.show()
    return 0 if report.is_good else 1


def _cases(project: Project) -> Sequence[NamedCase]:
    from runner.project.cases import FOLDER, load
    from runner.project.sources import Disk

    found = load(Disk(project.root), project)
    if found.problems:
        count = len(found.problems)
        raise ConfigInvalid(f"the cases have {count} problem{'s' * (count != 1)}", found.problems)
    if not found.cases:
        raise UsageError(
            f"there are no cases in {FOLDER}", hint=f"write one: {FOLDER}/NAME.yaml with `run:` and `text:`"
        )
    return found.cases


def _chosen(cases: Sequence[NamedCase], pattern: str | None) -> Sequence[NamedCase]:
    from fnmatch import fnmatch

    if pattern is None:
        return cases
    chosen = [case for case in cases if pattern in case.name or fnmatch(case.name, pattern)]
    if not chosen:
        raise UsageError(
            f"no case is called like {pattern!r}", hint=f"there are: {', '.join(one.name for one in cases)}"
        )
    return chosen


def _models(project: Project, names: str | None) -> list[str]:
    """The models to run on; an empty name stands for those that the agents name."""
    from runner.cli.names import pick

    if names is None:
        return [""]
    chosen = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    for name in chosen:
        pick("model", project.settings.models, name)
    if not chosen:
        raise UsageError("--models names no model")
    return chosen


def _run_all(
    project: Project, cases: Sequence[NamedCase], models: Sequence[str], *, live: bool, record: bool
) -> list[Ran]:
    from runner.cli.testing.run import run_case

    ran = []
    for model in models:
        for case in cases:
            one = run_case(project, case, model, live=live, record=record)
            ran.append(one)
            color = "green" if one.is_good else "red"
            say(f"{'ok' if one.is_good else 'FAIL':<5}{one.title}  {one.seconds:.1f} s", fg=color)
            if not options.current().json:
                for failure in one.failures:
                    say(f"     {failure}")
    return ran
