"""The databases of runner.yaml: the SQL that makes one is there, and every name that a function asks for is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.findings import Finding
from runner.project.std import PREFIX
from runner.project.words import flow
from runner.spec.layout import SETTINGS
from runner.spec.words import did_you_mean
from runner.tools import signature
from runner.tools.python import PythonTool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project, ToolEntry
    from runner.project.reading import Reading
    from runner.project.settings import Settings


def read(reading: Reading, settings: Settings) -> Iterator[Finding]:
    """Take the SQL that makes databases into the revision; a problem for each file that is not there."""
    for name, database in settings.resources.items():
        if database.init and reading.read(database.init) is None and database.init not in reading.broken:
            what = f"{database.init} is not there"
            yield Finding("no-file", SETTINGS, ("resources", name, "init"), what, "write it, or mend the path")


def check(project: Project) -> Iterator[Finding]:
    """A problem for each name that is not under `resources`, where it is asked for; of shipped files, at `use`."""
    lacking: dict[str, list[str]] = {}
    for tool in [tool for tool in project.tools.values() if tool.kind == "python"]:
        file, asked = _asked(project, tool)
        for name, line, column in asked:
            if name in project.settings.resources:
                continue
            if file.startswith(PREFIX):
                lacking.setdefault(name, []).append(tool.name)
            else:
                what = f"`{tool.name}` asks for the resource `{name}`, and runner.yaml has none of that name"
                hint = did_you_mean(name, project.settings.resources) or _written(name)
                yield Finding("unknown-resource", file, (), what, hint, place=(line, column))
    for name, tools in lacking.items():
        which = ", ".join(f"`{tool}`" for tool in tools)
        what = f"{which} ask{'s' * (len(tools) == 1)} for the resource `{name}`, and this file has none of that name"
        yield Finding("unknown-resource", SETTINGS, ("use",), what, _written(name), at_key=True)


def _written(name: str) -> str:
    return f"add `resources: {flow({name: {'sqlite': f'data/{name}.db'}})}` to {SETTINGS}"


def _asked(project: Project, tool: ToolEntry) -> tuple[str, list[signature.NamedResource]]:
    """The Python file of a tool, and the resources that its function asks for there."""
    if not isinstance(tool.spec, PythonTool):
        return "", []
    module, _, function = tool.spec.python.partition(":")
    file = f"{tool.file.rpartition('/')[0]}/{module}.py"
    source = project.files.get(file, b"")
    if b"Resource" not in source:
        return file, []
    try:
        return file, signature.resources(source.decode("utf-8-sig"), function)
    except ValueError:  # told by whoever reads what the function takes
        return file, []
