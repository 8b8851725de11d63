"""Read files one by one: bytes, YAML, fields; whatever is wrong is kept with its place, and the rest is read on."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from runner.errors import Unreadable
from runner.project.checks import twice
from runner.project.files.literals import check_literals, may_hold_any
from runner.project.files.odd_files import odd_file
from runner.project.files.other_kind import stray
from runner.project.findings import Finding
from runner.project.meant import edges, told_once
from runner.project.parsing.parse import Parsed, parse
from runner.project.problems import Problem, from_validation, problem_of
from runner.project.slips import doubts, prose
from runner.spec import NAME
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from runner.project.memory import Recall
    from runner.project.sources import Source

SpecT = TypeVar("SpecT")
_PLAIN = re.compile(rf"(?P<stem>{NAME[1:-1]})\.yaml")
"""A file as it should be called."""


class Reading:
    """The files of one load: every byte that was read, and every fault that was found."""

    def __init__(self, source: Source, recall: Recall) -> None:
        self.source = source
        self.recall = recall
        self.files: dict[str, bytes] = {}
        self.findings: list[Finding] = []
        self.hollow: list[Finding] = []
        """Keys without a value; where another finding stands at the same place, that one says more."""
        self.faults: list[Problem] = []
        self.broken: set[str] = set()
        """Files, and names of tools, that could not be used: what names them is not at fault too."""
        self._read: dict[str, _Read] = {}
        self._places: dict[str, Parsed] = {}

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, which then belong to the revision; None when there are none to be had."""
        content = self._content(name)
        if content is not None and name not in self.files:
            content = self.files[name] = self.recall.same(("bytes", name), content)
        return content

    def spec(self, name: str, model: type[SpecT]) -> SpecT | None:
        """What a file says, None when it is missing or wrong."""
        return self.specs([name], model).get(name)

    def specs(self, names: Sequence[str], model: type[SpecT]) -> dict[str, SpecT]:
        """What each file says; those that are missing or wrong are left out."""
        there = {name: content for name in names if (content := self._content(name)) is not None}
        contents = self.recall.alike(("read", model), there)
        reads = self.recall.each(("read", model), lambda name: _read(name, model, contents[name]), contents)
        self.files |= contents
        self._read |= zip(contents, reads, strict=True)
        for name, read in zip(contents, reads, strict=True):
            if read.value is None or read.faults or read.findings or read.hollow:
                self._tell(name, model, read)
        return {name: read.value for name, read in zip(contents, reads, strict=True) if read.value is not None}

    def _content(self, name: str) -> bytes | None:
        try:
            return self.files[name] if name in self.files else self.source.read(name)
        except Unreadable as why:
            self._refuse(name, "unreadable", str(why), why.hint)
            return None

    def _tell(self, name: str, model: type[Any], read: _Read) -> None:
        """Take over what is wrong with a file."""
        if read.value is None:
            self.broken.add(name)
            if found := stray(name, model, read.data, self._is_there):
                self.broken.add(found.belongs)
                self._refuse(name, "wrong-folder", found.what, found.hint)
                self._read[name] = replace(read, data=None)
                return
        self.faults += read.faults
        self.findings += read.findings
        self.hollow += read.hollow

    def raw(self, name: str) -> Any:
        """The plain data of a file that was read; None when it has none."""
        return self._read[name].data if name in self._read else None

    def digest(self, name: str, content: bytes) -> bytes:
        """The digest of what is in a file."""
        if name in self._read:
            return self._read[name].digest
        return self.recall.result(("digest", name), partial(_digest, content), content)

    def stems(self, folder: str) -> Iterator[tuple[str, str]]:
        """(stem, name) of the YAML files of a folder; names that no file may have are refused."""
        try:
            names = self.source.names(folder)
        except Unreadable as why:
            self._refuse(folder, "unreadable", str(why), why.hint)
            return
        for name in names:
            if found := _PLAIN.fullmatch(name, len(folder) + 1):
                yield found["stem"], name
            else:
                self._odd_file(name, names)

    def problem(self, finding: Finding) -> Problem:
        """A finding with its line and column."""
        place = partial(self._place, finding)
        return self.recall.result(("place", finding), place, self.files.get(finding.file))

    def _place(self, finding: Finding) -> Problem:
        """Places are not kept with what was read: few files have faults, and those are read again."""
        name = finding.file
        if name not in self._places:
            content = self.files[name] if name in self._read else b""
            self._places[name] = parse(name, content, top=type(self.raw(name)), empty=True)
        return problem_of(finding, self._places[name])

    def _is_there(self, name: str) -> bool:
        try:
            return name in self.files or name in self.source.names(name.rpartition("/")[0])
        except Unreadable:  # reading the folder says so
            return False

    def _odd_file(self, name: str, beside: Collection[str]) -> None:
        """Refuse a file that was meant to be read; of one that may only seem so it is a warning."""
        found = odd_file(name, beside)
        if found and found.is_sure:
            self._refuse(name, "bad-name", found.what, found.hint)
        elif found:
            self.findings.append(Finding("folder-name", name, (), found.what, found.hint, "warning"))

    def _refuse(self, name: str, code: str, what: str, hint: str) -> None:
        self.broken.add(name)
        self.faults.append(Problem(code, name, 1, 1, "", what, hint))


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file says; None when it says nothing that can be used."""

    data: Any
    value: Any
    faults: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    hollow: tuple[Finding, ...] = ()
    digest: bytes = b""


def _read(name: str, model: Any, content: bytes) -> _Read:
    is_list = not (isinstance(model, type) and issubclass(model, BaseModel))
    parsed = parse(name, content, top=list if is_list else dict, empty=name == SETTINGS)
    digest = _digest(content)
    if parsed.faults:
        return _Read(None, None, parsed.faults, digest=digest)
    hollow = tuple(doubts.without_value(name, parsed.hollow))
    texts = (
        *prose.check(parsed),
        *doubts.several_in_one(parsed),
        *twice.check(name, parsed.data),
        *(check_literals(name, parsed.data) if may_hold_any(name, content) else ()),
    )
    try:
        value = TypeAdapter(model).validate_python(parsed.data) if is_list else model.model_validate(parsed.data)
    except ValidationError as error:
        told = edges.told(from_validation(error, name, model), parsed.data)
        found = told_once.gathered(told, name, parsed.data)
        return _Read(parsed.data, None, (), (*found, *texts), hollow, digest)
    return _Read(parsed.data, value, (), texts, hollow, digest)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
