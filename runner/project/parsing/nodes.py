"""The nodes of a YAML text, each with what it is by its look: the core schema of YAML 1.2."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any

import yaml
from yaml.nodes import Node, ScalarNode

DEEPEST = 50
"""Collections inside one another."""


class TooDeep(yaml.MarkedYAMLError):
    """Collections inside collections, without end."""


class Kind(Enum):
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


_FIRST = frozenset("nN~tTfF+-.0123456789<")
_CORE = re.compile(
    r"(?P<NULL>null|Null|NULL|~|)|(?P<TRUE>true|True|TRUE)|(?P<FALSE>false|False|FALSE)|(?P<ZEROS>[-+]?0[0-9]+)"
    r"|(?P<INT>[-+]?[0-9]+)|(?P<OCTAL>0o[0-7]+)|(?P<HEX>0x[0-9a-fA-F]+)"
    r"|(?P<FLOAT>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<ENDLESS>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))|(?P<MERGE><<)"
)
_TEXT, _COLLECTION, _NAMED = Kind.TEXT, Kind.COLLECTION, {kind.name: kind for kind in Kind}
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str) -> Node | None:
    """The nodes of the only document of a text, None when it holds none; raises yaml.YAMLError."""
    loader = _Loader(text)
    try:
        node: Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def is_merge(node: Node) -> bool:
    """Whether a key is `<<`."""
    kind: Any = node.tag
    return kind is Kind.MERGE


class _Loader(_BASE):  # type: ignore[misc]  # whichever of the two there is
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

    def resolve(self, kind: type[Node], value: str | None, implicit: Any) -> Kind:
        """What a node without a written tag is."""
        if kind is not ScalarNode:
            return _COLLECTION
        if implicit[0] and (not value or value[0] in _FIRST):
            found = _CORE.fullmatch(value or "")
            return _NAMED[found.lastgroup or "NULL"] if found else _TEXT
        return _TEXT
