"""Read files one by one: bytes, YAML, fields; whatever is wrong is kept with its place, and the rest is read on."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from runner.project import doubts
from runner.project.findings import Finding
from runner.project.literals import check_literals
from runner.project.parse import Parsed, parse
from runner.project.problems import Problem, from_validation, problem_of
from runner.project.sources import Unreadable
from runner.spec import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.sources import Source

SETTINGS = "runner.yaml"
SpecT = TypeVar("SpecT")
_STEM = re.compile(NAME)
_PASSED_OVER = re.compile(r"^(\..*|.*~|#.*#|.*\.(swp|swx|tmp|bak|orig|md|txt|py|pyc|lock))$|^\d+$")
"""Editors' and people's own files beside the YAML."""


class Reading:
    """The files of one load: every byte that was read, and every fault that was found."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.files: dict[str, bytes] = {}
        self.findings: list[Finding] = []
        self.hollow: list[Finding] = []
        """Keys without a value; where another finding stands at the same place, that one says more."""
        self.faults: list[Problem] = []
        self.broken: set[str] = set()
        """Files, and names of tools, that could not be used: what names them is not at fault too."""
        self._parsed: dict[str, Parsed] = {}

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, which then belong to the revision; None when there are none to be had."""
        if name in self.files:
            return self.files[name]
        try:
            content = self.source.read(name)
        except Unreadable as why:
            self._refuse(name, "unreadable", str(why), why.hint)
            return None
        if content is not None:
            self.files[name] = content
        return content

    def spec(self, name: str, model: type[SpecT]) -> SpecT | None:
        """What a file says, None when it is missing or wrong."""
        content = self.read(name)
        if content is None:
            return None
        parsed, value, findings = _read(name, model, content)  # type: ignore[arg-type]  # a class is hashable
        self._parsed[name] = parsed
        self.faults += parsed.faults
        self.findings += findings
        self.hollow += doubts.without_value(name, parsed.hollow)
        if value is None:
            self.broken.add(name)
        return cast("SpecT | None", value)

    def raw(self, name: str) -> Any:
        """The plain data of a file that was read; None when it has none."""
        return self._parsed[name].data if name in self._parsed else None

    def stems(self, folder: str) -> Iterator[tuple[str, str]]:
        """(stem, name) of the YAML files of a folder; names that no file may have are refused."""
        try:
            names = self.source.names(folder)
        except Unreadable as why:
            self._refuse(folder, "unreadable", str(why), why.hint)
            return
        for name in names:
            path = PurePosixPath(name)
            if _PASSED_OVER.match(path.name):
                continue
            if path.suffix != ".yaml":
                self._odd_file(name, path)
            elif not _STEM.match(path.stem):
                what = f"`{path.stem}` is no name: use small letters, digits, - and _, beginning with a letter"
                self._refuse(name, "bad-name", what, "rename the file")
            else:
                yield path.stem, name

    def problem(self, finding: Finding) -> Problem:
        """A finding with its line and column."""
        parsed = self._parsed.get(finding.file)
        return problem_of(finding, parsed or parse(finding.file, b"", empty=True))

    def _odd_file(self, name: str, path: PurePosixPath) -> None:
        if path.suffix == ".yml":
            self._refuse(name, "bad-name", "files here end in .yaml", f"rename it to {path.stem}.yaml")
        elif path.suffix in (".json", ".yam", ".ymal"):
            self._refuse(name, "bad-name", f"{path.suffix} files are not read", f"write it as {path.stem}.yaml")

    def _refuse(self, name: str, code: str, what: str, hint: str) -> None:
        self.broken.add(name)
        self.faults.append(Problem(code, name, 1, 1, "", what, hint))


@lru_cache(maxsize=8192)
def _read(name: str, model: Any, content: bytes) -> tuple[Parsed, Any, tuple[Finding, ...]]:
    """A file parsed and checked; kept by content, so that a reload reads only what has changed."""
    is_list = not (isinstance(model, type) and issubclass(model, BaseModel))
    parsed = parse(name, content, top=list if is_list else dict, empty=name == SETTINGS)
    if parsed.faults:
        return parsed, None, ()
    literals = tuple(check_literals(name, parsed.data))
    try:
        value = TypeAdapter(model).validate_python(parsed.data) if is_list else model.model_validate(parsed.data)
    except ValidationError as error:
        return parsed, None, (*from_validation(error, name, model), *literals)
    return parsed, value, literals
