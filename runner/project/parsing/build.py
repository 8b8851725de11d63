"""Plain data from the nodes of a file, in one pass; aliases and sizes are bounded, and every fault is kept."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from runner.project.parsing.nodes import DEEPEST, Kind
from runner.project.slips import commas, repeats
from runner.project.words import BARE_TEMPLATE, in_quotes

MOST_ALIASES = 100
MOST_FAULTS = 100
"""Faults of a file that are told one by one: each is looked for from the top."""
MOST_VALUES = 100_000
"""Values of a file, each as often as an alias brings it in."""
_MOST_DIGITS = 300
_NO_KEY = object()
_NO_TEXT = "a key is a text; this one is a mapping or a list"
_TEXT, _COLLECTION, _MERGE, _INT = Kind.TEXT, Kind.COLLECTION, Kind.MERGE, Kind.INT
_NULL, _TRUE, _FALSE = Kind.NULL, Kind.TRUE, Kind.FALSE


class Fault(NamedTuple):
    """What is wrong with a node."""

    node: Node
    code: str
    what: str
    hint: str = ""


class _TooMuch(Exception):
    """Reading on would cost more than a file may; `fault` says what of."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


def build(node: Node) -> tuple[Any, list[Fault], list[ScalarNode]]:
    """The data of nodes, all that is wrong with them, and the values that may be meant otherwise (see `doubts`)."""
    builder = _Builder(node)
    try:
        return builder.build(node), builder.faults, builder.doubtful
    except _TooMuch as much:
        return None, [*builder.faults, much.fault], builder.doubtful


class _Builder:
    """Data from nodes, in one pass."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self.faults: list[Fault] = []
        self.doubtful: list[ScalarNode] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._values = 0
        self._aliases = 0
        self._in_alias = False

    def build(self, node: Node) -> Any:
        """The data of one node."""
        self._values += 1
        if self._values > MOST_VALUES:
            raise _TooMuch(Fault(node, "too-big", f"the file holds more than {MOST_VALUES:,} values, aliases included"))
        place = id(node)
        if place in self._seen:
            return self._again(node)
        self._seen.add(place)
        kind: Any = node.tag
        return self._text(node) if kind is _TEXT else self._fresh(node)

    def _fresh(self, node: Node) -> Any:
        kind: Any = node.tag
        if isinstance(node, ScalarNode):
            return self._text(node) if kind is _TEXT else self._scalar(node, kind)
        if kind is not _COLLECTION:
            self._tagged(node)
        if len(self._open) >= DEEPEST:
            raise _TooMuch(Fault(node, "too-deep", f"more than {DEEPEST} collections inside one another"))
        self._open.add(id(node))
        data = self._mapping(node) if isinstance(node, MappingNode) else [self.build(item) for item in node.value]
        self._open.discard(id(node))
        return data

    def _text(self, node: Any) -> Any:
        if "- " in node.value and not node.style and len(self.doubtful) < MOST_FAULTS:
            self.doubtful.append(node)
        return node.value

    def _again(self, node: Node) -> Any:
        """The data of an alias, or of what is inside one."""
        if id(node) in self._open:
            self._fault(node, "alias", "the value holds an alias of itself")
            return None
        if self._in_alias:
            return self._fresh(node)
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise _TooMuch(
                Fault(node, "too-big", f"the file uses more than {MOST_ALIASES} aliases; this one too often")
            )
        self._in_alias = True
        data = self._fresh(node)
        self._in_alias = False
        return data

    def _mapping(self, node: MappingNode) -> dict[str | int, Any]:
        data: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        again: dict[ScalarNode, str | int] = {}
        rests = self._cut(node) if node.flow_style else ()
        for key_node, value_node in node.value:
            kind = key_node.tag
            if kind is _MERGE:
                merged = {**self._merged(key_node, value_node), **merged}
                continue
            if key_node in rests:
                continue
            key = key_node.value if kind is _TEXT else self._key(key_node)
            value = self.build(value_node)
            if key in data:
                again[key_node] = key
            elif key is not _NO_KEY:
                data[key] = value
        for repeat in repeats.told(self._root, node, again) if again else ():
            self._fault(repeat.node, "duplicate-key", repeat.what, repeat.hint)
        return {**merged, **data} if merged and not data.keys() >= merged.keys() else data

    def _cut(self, node: MappingNode) -> list[Node]:
        """The keys that are no keys, but the rest of a value that a comma cut."""
        rests: list[Node] = []
        for cut in commas.cut_in(node):
            self._fault(cut.node, cut.code, cut.what, cut.hint)
            rests += cut.rest
        return rests

    def _merged(self, key: Node, node: Node) -> dict[Any, Any]:
        """What `<<` brings in; of several mappings the first that has a key gives its value."""
        value = self.build(node)
        merged: dict[Any, Any] = {}
        for source in value if isinstance(value, list) else [value]:
            if isinstance(source, dict):
                merged = {**source, **merged}
            elif not self.faults:
                self._fault(key, "merge", "`<<` takes a mapping, or a list of mappings", "name an anchor: <<: *name")
        return merged

    def _key(self, node: Any) -> Any:
        """The key that a node other than a plain text is; whole numbers are keys of exit codes."""
        if isinstance(node, CollectionNode):
            self._fault(node, "bad-key", *_bare_template(node) or (_NO_TEXT, "write it in one line, in quotes"))
            return _NO_KEY
        kind: Any = node.tag
        if kind is _INT:
            return self._scalar(node, _INT)
        before = len(self.faults)
        key = self._scalar(node, kind)
        if len(self.faults) > before or isinstance(key, str):
            return key if isinstance(key, str) else _NO_KEY
        self._fault(
            node, "bad-key", f"a key is a text; {node.value or 'nothing'} is none", f'quote it: "{node.value}":'
        )
        return _NO_KEY

    def _scalar(self, node: ScalarNode, kind: Any) -> Any:
        if kind is _NULL or kind is _TRUE or kind is _FALSE:
            if not node.value and len(self.doubtful) < MOST_FAULTS:
                self.doubtful.append(node)
            return None if kind is _NULL else kind is _TRUE
        if kind is _MERGE:
            return node.value
        return self._tagged(node) if isinstance(kind, str) else self._number(node, kind)

    def _number(self, node: ScalarNode, kind: Kind) -> Any:
        text: str = node.value
        if kind is Kind.ZEROS:
            what = f"{text} begins with 0: some programs read it as octal, some as decimal"
            return self._fault(
                node, "bad-number", what, f'quote it for a text: "{text}"; octal is 0o{text.lstrip("-+0")}'
            )
        if len(text) > _MOST_DIGITS or kind is Kind.ENDLESS:
            return self._fault(node, "bad-number", f"{text[:40]} is no number that can be kept", "quote it for a text")
        if kind is not Kind.FLOAT:
            return int(text, 16 if kind is Kind.HEX else 8 if kind is Kind.OCTAL else 10)
        number = float(text)
        if math.isinf(number):
            return self._fault(node, "bad-number", f"{text} is no number that can be kept", "quote it for a text")
        return number

    def _tagged(self, node: Node) -> Any:
        if node.tag == "tag:yaml.org,2002:str" and isinstance(node, ScalarNode):
            return node.value
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        return self._fault(node, "tag", f"the tag {tag} means nothing here", "write the value without it, or quote it")

    def _fault(self, node: Node, code: str, what: str, hint: str = "") -> None:
        if len(self.faults) >= MOST_FAULTS:
            raise _TooMuch(Fault(node, "too-many", f"the file has more than {MOST_FAULTS} faults; this is one of them"))
        self.faults.append(Fault(node, code, what, hint))


def _bare_template(node: CollectionNode) -> tuple[str, str] | None:
    """What and hint of a key that is the inside of `{{ … }}`, where no quotes stand around it."""
    if not (isinstance(node, MappingNode) and node.flow_style):
        return None
    inside = [part.value for pair in node.value for part in pair if isinstance(part, ScalarNode) and not part.style]
    is_one = len(node.value) == 1 and len(inside) == 2 and not inside[1]  # noqa: PLR2004 - a key without a value
    meant = in_quotes(f"{{{{ {inside[0]} }}}}") if is_one else 'them around the whole text: "{{ … }}"'
    return BARE_TEMPLATE, f"write {meant}"
