"""YAML nodes and the plain data they stand for: the core schema of YAML 1.2, with every excess refused."""

from __future__ import annotations

import math
import re
from enum import Enum, auto
from typing import Any, NamedTuple

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

DEEPEST = 50
"""Collections inside one another."""
MOST_ALIASES = 100
MOST_VALUES = 100_000
"""Values of a file, each as often as an alias brings it in."""


class Fault(NamedTuple):
    """What is wrong with a node."""

    node: Node
    code: str
    what: str
    hint: str = ""


class TooMuch(Exception):
    """Reading on would cost more than a file may; `fault` says what of."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


class TooDeep(yaml.MarkedYAMLError):
    """Collections inside collections, without end."""


class _Kind(Enum):
    """What a node is by its look; a tag that a file writes out stays a text and can never be one of these."""

    TEXT = auto()
    NULL = auto()
    TRUE = auto()
    FALSE = auto()
    INT = auto()
    HEX = auto()
    OCTAL = auto()
    ZEROS = auto()
    FLOAT = auto()
    ENDLESS = auto()
    MERGE = auto()
    COLLECTION = auto()


_TEXT, _COLLECTION, _MERGE, _INT = _Kind.TEXT, _Kind.COLLECTION, _Kind.MERGE, _Kind.INT
_KINDS = {kind.name: kind for kind in _Kind}
_FIRST = frozenset("nN~tTfF+-.0123456789<")
_CORE = re.compile(
    r"(?P<NULL>null|Null|NULL|~|)|(?P<TRUE>true|True|TRUE)|(?P<FALSE>false|False|FALSE)|(?P<ZEROS>[-+]?0[0-9]+)"
    r"|(?P<INT>[-+]?[0-9]+)|(?P<OCTAL>0o[0-7]+)|(?P<HEX>0x[0-9a-fA-F]+)"
    r"|(?P<FLOAT>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<ENDLESS>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))|(?P<MERGE><<)"
)
_EXACT = {_Kind.NULL: None, _Kind.TRUE: True, _Kind.FALSE: False}
_MOST_DIGITS = 300
_NO_KEY = object()
_TEMPLATE = 'a text that begins with {{ needs quotes: "{{ … }}"'
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str) -> Node | None:
    """The nodes of the only document of a text, None when it holds none; raises yaml.YAMLError."""
    loader = _Loader(text)
    try:
        node: Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def build(node: Node) -> tuple[Any, list[Fault]]:
    """The data of nodes, and all that is wrong with them."""
    builder = _Builder()
    try:
        return builder.build(node), builder.faults
    except TooMuch as much:
        return None, [*builder.faults, much.fault]


def is_merge(node: Node) -> bool:
    """Whether a key is `<<`."""
    kind: Any = node.tag
    return kind is _MERGE


class _Loader(_BASE):  # type: ignore[misc] # whichever of the two there is
    """Says of each node what it is by its look, and goes no deeper than a file may."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        """Called before each node."""
        self._depth += 1
        if self._depth > DEEPEST and parent is not None:
            raise TooDeep(None, None, f"more than {DEEPEST} collections inside one another", parent.start_mark)

    def ascend_resolver(self) -> None:
        """Called after each node."""
        self._depth -= 1

    def resolve(self, kind: type[Node], value: str | None, implicit: Any) -> _Kind:
        """What a node without a written tag is."""
        if kind is not ScalarNode:
            return _COLLECTION
        if implicit[0] and (not value or value[0] in _FIRST):
            found = _CORE.fullmatch(value or "")
            return _KINDS[found.lastgroup or "NULL"] if found else _TEXT
        return _TEXT


class _Builder:
    """Data from nodes, in one pass."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._values = 0
        self._aliases = 0
        self._in_alias = False

    def build(self, node: Node) -> Any:
        """The data of one node."""
        self._values += 1
        if self._values > MOST_VALUES:
            raise TooMuch(Fault(node, "too-big", f"the file holds more than {MOST_VALUES:,} values, aliases included"))
        if id(node) in self._seen:
            return self._again(node)
        self._seen.add(id(node))
        return self._fresh(node)

    def _fresh(self, node: Node) -> Any:
        kind: Any = node.tag
        if isinstance(node, ScalarNode):
            return node.value if kind is _TEXT else self._scalar(node, kind)
        if kind is not _COLLECTION:
            self._tagged(node)
        if len(self._open) >= DEEPEST:
            raise TooMuch(Fault(node, "too-deep", f"more than {DEEPEST} collections inside one another"))
        self._open.add(id(node))
        data = self._mapping(node) if isinstance(node, MappingNode) else [self.build(item) for item in node.value]
        self._open.discard(id(node))
        return data

    def _again(self, node: Node) -> Any:
        """The data of an alias, or of what is inside one."""
        if id(node) in self._open:
            self._fault(node, "alias", "the value holds an alias of itself")
            return None
        if self._in_alias:
            return self._fresh(node)
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise TooMuch(Fault(node, "too-big", f"the file uses more than {MOST_ALIASES} aliases; this one too often"))
        self._in_alias = True
        data = self._fresh(node)
        self._in_alias = False
        return data

    def _mapping(self, node: MappingNode) -> dict[str | int, Any]:
        data: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            kind = key_node.tag
            if kind is _MERGE:
                merged = {**self._merged(value_node), **merged}
                continue
            key = key_node.value if kind is _TEXT else self._key(key_node)
            value = self.build(value_node)
            if key in data:
                self._duplicate(node, key_node, key)
            elif key is not _NO_KEY:
                data[key] = value
        return {**merged, **data} if merged and not data.keys() >= merged.keys() else data

    def _merged(self, node: Node) -> dict[Any, Any]:
        """What `<<` brings in; of several mappings the first that has a key gives its value."""
        value = self.build(node)
        merged: dict[Any, Any] = {}
        for source in value if isinstance(value, list) else [value]:
            if isinstance(source, dict):
                merged = {**source, **merged}
            elif not self.faults:
                self._fault(node, "merge", "`<<` takes a mapping, or a list of mappings", "name an anchor: <<: *name")
        return merged

    def _key(self, node: Any) -> Any:
        """The key that a node other than a plain text is; whole numbers are keys of exit codes."""
        if isinstance(node, CollectionNode):
            what = "a key is a text; this one is a mapping or a list"
            self._fault(node, "bad-key", what, _TEMPLATE if node.flow_style else "write it in one line, in quotes")
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

    def _duplicate(self, holder: MappingNode, node: ScalarNode, key: object) -> None:
        same = (k for k, _ in holder.value if isinstance(k, ScalarNode) and k.value == node.value)
        first = next(same, node).start_mark.line + 1
        self._fault(node, "duplicate-key", f"the key {key!r} stands here a second time; first in line {first}")

    def _scalar(self, node: ScalarNode, kind: Any) -> Any:
        if kind in _EXACT:
            return _EXACT[kind]
        if kind is _MERGE:
            return node.value
        return self._tagged(node) if isinstance(kind, str) else self._number(node, kind)

    def _number(self, node: ScalarNode, kind: _Kind) -> Any:
        text: str = node.value
        if kind is _Kind.ZEROS:
            what = f"{text} begins with 0: some programs read it as octal, some as decimal"
            return self._fault(
                node, "bad-number", what, f'quote it for a text: "{text}"; octal is 0o{text.lstrip("-+0")}'
            )
        if len(text) > _MOST_DIGITS or kind is _Kind.ENDLESS:
            return self._fault(node, "bad-number", f"{text[:40]} is no number that can be kept", "quote it for a text")
        if kind is not _Kind.FLOAT:
            return int(text, {_Kind.HEX: 16, _Kind.OCTAL: 8}.get(kind, 10))
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
        self.faults.append(Fault(node, code, what, hint))
