"""Where in its files a project says what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.parsing.parse import parse

if TYPE_CHECKING:
    from runner.project.findings import Loc
    from runner.project.parsing.parse import Parsed
    from runner.project.project import Project


class Places:
    """Lines in the files of one project; each file is read once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._parsed: dict[str, Parsed] = {}

    def line(self, file: str, loc: Loc, inside: int | None = None, near: str = "") -> int:
        """The line of a key, or the one `inside` the text behind it that is meant by `near`."""
        if file not in self._parsed:
            self._parsed[file] = parse(file, self._project.files.get(file, b""), empty=True)
        return self._parsed[file].locate(loc, at_key=inside is None, line=inside, near=near)[0]

    def prompt_file(self, name: str) -> str:
        """The file of a named prompt."""
        usual = f"agents.d/prompts/{name}.yaml"
        return next((file for file in (usual, f"std/{usual}") if file in self._project.files), usual)
