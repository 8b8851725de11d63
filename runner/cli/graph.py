"""`runner workflows graph`: a workflow as Mermaid text, as an SVG picture, or as data."""

from __future__ import annotations

from pathlib import Path

import click

from runner.cli import options, place
from runner.cli.display import as_json, say
from runner.cli.names import pick
from runner.errors import UsageError
from runner.project.drawing.chart import Chart, chart_of
from runner.project.drawing.mermaid import mermaid
from runner.project.drawing.svg import svg


def data(chart: Chart) -> str:
    """The boxes and lines of a chart as JSON."""
    return f"{as_json(chart.to_dict(), indent=2)}\n"


FORMATS = {"mermaid": mermaid, "svg": svg, "json": data}


@click.command
@click.argument("name")
@click.option("--format", "form", type=click.Choice([*FORMATS]), help="mermaid (the default), svg or json.")
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
def graph(name: str, form: str | None, file: Path | None) -> None:
    """Draw a workflow: as Mermaid, SVG or JSON.

    Mermaid is text that code hosts show as a picture when it stands in a ```mermaid block. Without --format the name
    of FILE says which it is.
    """
    project = place.project()
    if name in project.agents:
        raise UsageError(f"{name} is an agent: it has no phases to draw", hint=f"`runner agents show {name}`")
    chart = chart_of(pick("workflow", project.declared_workflows, name))
    text = FORMATS[_format(form, file)](chart)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from error
    say(f"wrote {file}")


def _format(form: str | None, file: Path | None) -> str:
    """What is asked for, by the option, by --json, or by the ending of the file's name."""
    form = options.output_format(form)
    if form is not None or file is None:
        return form or "mermaid"
    endings = {".svg": "svg", ".json": "json", ".md": "mermaid", ".mmd": "mermaid", ".mermaid": "mermaid"}
    if file.suffix not in endings:
        known = ", ".join(endings)
        raise UsageError(
            f"{file} does not say in which format it is to be", hint=f"end it in {known}, or give --format"
        )
    return endings[file.suffix]
