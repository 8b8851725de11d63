"""The bytes of a file as data, with the place of each value, or with all that is wrong with them.

Marks and columns count characters, lines and columns from 1. A byte order mark, which some editors write, says nothing
that UTF-8 does not say and is dropped; line ends may be CRLF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from runner.project.parsing import nodes
from runner.project.parsing.block_text import column_of, place_in_block
from runner.project.parsing.build import Fault, build
from runner.project.problems import Problem
from runner.project.slips import doubts, syntax, unbarred
from runner.project.words import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.findings import Loc

LARGEST = 1_000_000
"""Bytes of a file."""
_UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u200a\u200c-\u2027\u202f-\u205f\u2070-\ud7ff\ue000-\ufefe\uff00-\ufff8\ufffc\ufffd"
    "\U00010000-\U000dffff\U000e0200-\U0010ffff]"
)
"""All that a reader of the file does not see: controls, further line ends, directions, tags, blanks without a width."""
_FIRST_HIDDEN = 0x2000
_EACH: dict[type, str] = {dict: "write `key: value`, from the first line on", list: "begin each entry with `- `"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's data, None when there are faults, and where in the file each value stands."""

    name: str
    data: Any
    faults: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False)
    root: Node | None = field(default=None, repr=False)
    hollow: tuple[Loc, ...] = ()
    """The ways to keys and entries behind which nothing stands, which reads as null."""

    def locate(self, loc: Loc, *, at_key: bool = False, line: int | None = None, near: str = "") -> tuple[int, int]:
        """Line and column of the value at `loc`, or of its nearest holder that the file has.

        `line` counts the lines of a text value from 1; in a block text its template is pointed at, of several the one
        that holds `near`, in a text of one row `near` itself. A block is else pointed at by its key, as it begins below
        it.
        """
        if self.root is None:
            return 1, 1
        steps = _follow(self.root, loc)
        node, key = (steps[-1].node, steps[-1].key) if steps else (self.root, None)
        found = bool(steps) and steps[-1].index == len(loc) - 1
        if line and isinstance(node, ScalarNode) and node.style in ("|", ">"):
            return place_in_block(self.text.splitlines(), node, line - 1, near)
        if near and isinstance(node, ScalarNode) and (column := column_of(near, self.text, node)):
            return node.start_mark.line + 1, column
        if key is not None and (at_key or not found or _is_block(node)):
            node = key
        return node.start_mark.line + 1, node.start_mark.column + 1

    def shown(self, loc: Loc) -> Loc:
        """`loc` without the parts that the file does not have, such as names of union members; its end stays."""
        if self.root is None:
            return loc
        known = {step.index for step in _follow(self.root, loc)} | {len(loc) - 1}
        return tuple(part for index, part in enumerate(loc) if index in known)


def parse(name: str, content: bytes, *, top: type[dict[Any, Any] | list[Any]] = dict, empty: bool = False) -> Parsed:
    """The data of a file whose top is a mapping (or a list); with `empty` a file may also say nothing."""
    text, fault = _decoded(name, content)
    if fault:
        return Parsed(name, None, (fault,))
    try:
        root = nodes.compose(text)
    except yaml.YAMLError as error:
        return Parsed(name, None, (syntax.problem_of(name, text, error),))
    if root is None or _says_nothing(root):
        hint = "" if empty else f"write a {'mapping' if top is dict else 'list'}"
        faults = () if empty else (Problem("empty", name, 1, 1, "", "the file is empty", hint),)
        return Parsed(name, top() if empty else None, faults)
    return _built(name, text, root, top)


def _built(name: str, text: str, root: Node, top: type) -> Parsed:
    data, faults, doubtful = build(root)
    if not faults and not isinstance(data, top):
        wanted = "a mapping (lines of `key: value`)" if top is dict else "a list (lines of `- entry`)"
        found = "a mapping" if isinstance(data, dict) else "a list" if isinstance(data, list) else "one value"
        faults = [Fault(root, "wrong-type", f"the file has to be {wanted}; this is {found}", _EACH[top])]
    problems = (*(_problem(name, root, fault) for fault in faults), *_swallowed(name, text, root, doubtful))
    if problems:
        return Parsed(name, None, problems)
    hollow = tuple(_way(root, node, set()) or () for node in doubtful if not node.value)
    return Parsed(name, data, (), text, root, hollow)


def _swallowed(name: str, text: str, root: Node, doubtful: Iterable[ScalarNode]) -> Iterator[Problem]:
    """Lines that were meant as entries of a list and go on with a text above them."""
    hint = "begin each entry on its own line, all in one column; a text with such lines is written below `|`"
    for node in doubtful:
        place = doubts.swallowed(text, node)
        if place:
            where = dotted(_way(root, node, set()) or ())
            line, column, why = place
            if bar := unbarred.of_row(text.splitlines(), line):
                yield Problem("yaml-syntax", name, bar[0] + 1, bar[1] + 1, where, *bar[2:])
                continue
            yield Problem("yaml-syntax", name, line + 1, column + 1, where, f"this is no entry of a list: {why}", hint)


# --------------------------------------------------------------------------------------------------------- bytes


def _decoded(name: str, content: bytes) -> tuple[str, Problem | None]:
    if len(content) > LARGEST:
        what = f"the file has {len(content):,} bytes; at most {LARGEST:,} are read"
        return "", Problem("too-big", name, 1, 1, "", what, "split it, or move data out of it")
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        what = f"the byte 0x{content[error.start]:02x} is no UTF-8"
        return before, _at(name, before, len(before), "encoding", what, "save the file as UTF-8")
    odd = _UNSEEN.search(text)
    return text, _unseen(name, text, odd.start()) if odd else None


def _unseen(name: str, text: str, index: int) -> Problem:
    number = ord(text[index])
    why = "may not stand in YAML; is this a text file?" if number < _FIRST_HIDDEN else "cannot be seen"
    written = f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - what four digits hold
    hint = f'in double quotes it is written "{written}"'
    return _at(name, text, index, "encoding", f"the character U+{number:04X} {why}", hint)


def _at(name: str, text: str, index: int, code: str, what: str, hint: str) -> Problem:
    line = text.count("\n", 0, index) + 1
    return Problem(code, name, line, index - text.rfind("\n", 0, index), "", what, hint)


def _says_nothing(root: Node) -> bool:
    return isinstance(root, ScalarNode) and root.value == "" and not root.style


# --------------------------------------------------------------------------------------------------------- places


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of a way that the file has: its index in the way, the key (None in a list) and the value."""

    index: int
    key: Node | None
    node: Node


def _follow(node: Node, loc: Loc, start: int = 0) -> list[_Step]:
    """The steps of a way that the file has; a part may be skipped, so that the way's end or most of it is found."""
    best: list[_Step] = []
    for index in range(start, len(loc)):
        step = _child(node, loc[index], index)
        if step is None:
            continue
        steps = [step, *_follow(step.node, loc, index + 1)]
        if not best or _worth(steps, loc) > _worth(best, loc):
            best = steps
    return best


def _worth(steps: list[_Step], loc: Loc) -> tuple[bool, int]:
    return steps[-1].index == len(loc) - 1, len(steps)


def _child(node: Node, part: str | int, index: int) -> _Step | None:
    if isinstance(node, SequenceNode):
        inside = isinstance(part, int) and 0 <= part < len(node.value)
        return _Step(index, None, node.value[part]) if inside else None
    if not isinstance(node, MappingNode):
        return None
    for key, value in node.value:
        if isinstance(key, ScalarNode) and key.value == str(part):
            return _Step(index, key, value)
    return next((found for source in _sources(node) if (found := _child(source, part, index))), None)


def _sources(node: MappingNode) -> list[Node]:
    """The mappings that `<<` brings in."""
    merged = [value for key, value in node.value if nodes.is_merge(key)]
    return [source for value in merged for source in (value.value if isinstance(value, SequenceNode) else [value])]


def _is_block(node: Node) -> bool:
    return isinstance(node, CollectionNode) and not node.flow_style


def _problem(name: str, root: Node, fault: Fault) -> Problem:
    mark = fault.node.start_mark
    where = dotted(_way(root, fault.node, set()) or ())
    return Problem(fault.code, name, mark.line + 1, mark.column + 1, where, fault.what, fault.hint)


def _way(node: Node, wanted: Node, seen: set[int]) -> Loc | None:
    """The way from a node to a node inside it; of a key it is the way to its value."""
    if node is wanted:
        return ()
    if id(node) in seen or isinstance(node, ScalarNode):
        return None
    seen.add(id(node))
    pairs = node.value if isinstance(node, MappingNode) else enumerate(node.value)
    for key, child in pairs:
        part = (key,) if isinstance(key, int) else (key.value,) if isinstance(key, ScalarNode) else ()
        way = () if key is wanted else _way(child, wanted, seen)
        if way is not None:
            return (*part, *way)
    return None
