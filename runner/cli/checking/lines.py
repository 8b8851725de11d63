"""Problems one a line: for editors and `grep`, and as the commands that GitHub makes annotations of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runner.cli import options
from runner.cli.display import safe
from runner.project.std import PREFIX

if TYPE_CHECKING:
    from runner.project.problems import Problem


def concise(problem: Problem) -> str:
    """`file:line:column: code what (hint)`; of a warning it says so before the code."""
    severity = "warning: " if problem.severity == "warning" else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    place = f"{seen_from_here(problem.file)}:{problem.line}:{problem.column}"
    return safe(" ".join(f"{place}: {severity}{problem.code} {problem.what}{hint}".split()))


def github(problem: Problem) -> str:
    """A workflow command, by which the line is marked in a pull request."""
    command = "warning" if problem.severity == "warning" else "error"
    place = {
        "file": seen_from_here(problem.file),
        "line": problem.line,
        "col": problem.column,
        "title": f"runner {problem.code}",
    }
    values = ",".join(f"{name}={_of_property(str(value))}" for name, value in place.items())
    message = problem.what if not problem.hint else f"{problem.what}\nhint: {problem.hint}"
    return safe(f"::{command} {values}::{_of_data(message)}")


def seen_from_here(file: str) -> str:
    """The path of a project's file from the folder that the command was typed in; shipped files keep their names."""
    return file if file.startswith(PREFIX) else os.path.relpath(options.current().directory / file).replace(os.sep, "/")


def _of_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _of_property(text: str) -> str:
    return _of_data(text).replace(":", "%3A").replace(",", "%2C")
