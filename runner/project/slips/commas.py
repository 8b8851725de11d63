"""Commas in braces: one in a number or in a text without quotes ends it there, and the rest is read as a key."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode

from runner.project.parsing import numbers
from runner.project.parsing.nodes import Kind
from runner.project.words import flow, in_quotes
from runner.spec import other_types
from runner.spec.plain import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KEYS = (
    " type schema default pattern description when to max match exhausted agent tool workflow message with output next"
    " errors in as action risk target model provider prompt command params python use "
)
"""Words behind which a colon is missing rather than a quote around them."""


_LISTS = frozenset({"agents", "by", "command", "delay", "on", "rules", "tags", "tools"})
"""Keys of lists."""
_ONES = frozenset(
    (
        "continue",
        "deadline",
        "enabled",
        "for",
        "interrupted",
        "json",
        "same_call",
        "time",
        "timeout",
        "visits",
        "workspace",
    )
)
"""Keys of one value that is neither a list nor a text of several words."""
_TEXTS = frozenset({"ask", "description", "message", "prompt", "show"})


class Cut(NamedTuple):
    """A value that a comma cut."""

    node: Node
    """What to point at."""
    code: str
    what: str
    hint: str
    rest: Sequence[Node]
    """The keys that are the value's rest."""


def cut_in(node: MappingNode) -> Iterator[Cut]:
    """The values of a mapping that a comma cut."""
    for number, (key, value) in enumerate(node.value[:-1]):
        after = node.value[number + 1][0]
        if not (isinstance(key, ScalarNode) and _is_one(value) and _is_bare(*node.value[number + 1])):
            continue
        if key.value in _LISTS and not _is_key(after.value):
            yield _list(key.value, value, node.value[number + 1 :])
        elif not _is_plain(value) or not _is_plain(after):
            continue
        elif value.value.isdigit() and after.start_mark.index == value.end_mark.index + 1:
            what = f"in braces a comma ends a value: {value.value} ends before this"
            hint = f"write {numbers.meant(f'{value.value},{after.value}', whole=False)}"
            yield Cut(after, "bad-number", what, hint, [after])
        elif _is_prose(key.value, value, after):
            yield _text(key.value, value, node.value[number + 1 :])
        elif _is_several(key.value, value, after):
            yield _several(key.value, value, node.value[number + 1 :])


def _list(key: str, value: ScalarNode, more: Sequence[tuple[Node, Node]]) -> Cut:
    """The entries of a list without its brackets."""
    rest = _rest(more)
    written = ", ".join(one.value if _is_plain(one) else flow(one.value) for one in (value, *rest))
    return _no_value(key, rest, f"write `{key}: [{written}]`")


def _several(key: str, value: ScalarNode, more: Sequence[tuple[Node, Node]]) -> Cut:
    """Words that may be a text or the entries of a list."""
    rest = _rest(more)
    written = ", ".join(one.value for one in (value, *rest))
    if key == "in":
        entries = [one.value if "." in one.value else json.dumps(one.value) for one in (value, *rest)]
        expression = in_quotes(f"[{', '.join(entries)}]")
        return _no_value(key, rest, f"write the list in quotes, as an expression: `in: {expression}`")
    hint = f"quote the text: `{key}: {in_quotes(written)}`"
    return _no_value(key, rest, hint if key in _TEXTS else f"{hint}; for a list write `{key}: [{written}]`")


def _no_value(key: str, rest: Sequence[Node], hint: str) -> Cut:
    return Cut(rest[0], "yaml-syntax", f"`{rest[0].value}` has no value: the comma ended `{key}`", hint, rest)


def _rest(more: Sequence[tuple[Node, Node]]) -> list[Node]:
    """The keys without a value that come first, up to one that is surely meant as a key."""
    is_rest = takewhile(lambda pair: _is_bare(*pair) and not _is_key(pair[0].value), more)
    return [name for name, _ in is_rest]


def _text(key: str, value: ScalarNode, more: Sequence[tuple[Node, Node]]) -> Cut:
    """A text, and all keys without a value right behind it."""
    rest = _rest(more)
    text = ", ".join([value.value, *(name.value for name in rest)])
    what = f'in braces a comma ends a text without quotes: it is only "{value.value}"'
    return Cut(value, "yaml-syntax", what, f"quote the text: `{key}: {in_quotes(text)}`", rest)


def _is_one(node: Node) -> bool:
    return isinstance(node, ScalarNode) and bool(node.value)


def _is_plain(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.style and bool(node.value)


def _is_bare(key: Node, value: Node) -> bool:
    """Whether a key stands without a colon and without a value."""
    is_nothing = isinstance(value, ScalarNode) and not value.style and not value.value
    return _is_one(key) and is_nothing and value.start_mark.index == key.end_mark.index


def _is_prose(key: str, value: ScalarNode, after: ScalarNode) -> bool:
    kind: object = value.tag
    has_words = " " in value.value or " " in after.value
    return kind is Kind.TEXT and key != "type" and has_words and not _is_key(after.value)


def _is_several(key: str, value: ScalarNode, after: ScalarNode) -> bool:
    """Whether these are surely no type and no key that was left without its value."""
    is_type = (
        value.value in PLAIN or value.value in other_types.WORDS or value.value.endswith("?") or "|" in value.value
    )
    is_open = key in _TEXTS or key == "in" or not (key in _ONES or _is_key(key))
    return is_open and not value.value[0].isdigit() and not is_type and not _is_key(after.value)


def _is_key(text: str) -> bool:
    """Whether a text begins as a key does, here or elsewhere."""
    first = text.split(maxsplit=1)[0]
    return f" {first} " in _KEYS or (first == text and bool(other_types.of_long(text, None)))
