"""Keys that stand in a mapping twice: a single one, or several where the line that gave them a name is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_REMOVE = "or remove these lines"


class Repeat(NamedTuple):
    """What to say of keys that stand in a mapping a second time, at the first of them."""

    node: Node
    what: str
    hint: str


def told(root: Node, holder: MappingNode, again: Mapping[ScalarNode, str | int]) -> Iterator[Repeat]:
    """What to say of the keys of a mapping, somewhere below the root, that stood there before."""
    keys = [key for key, _ in holder.value]
    for part in _parts(keys, again):
        if not holder.flow_style and _begins_anew(keys, part):
            *most, last = (key.value for key in part)
            hint = _empty_above(holder, part[0]) or _name_above(root, holder)
            yield Repeat(part[0], f"{', '.join(most)} and {last} begin anew here", hint)
            continue
        for key in part:
            first = next(one for one in keys if isinstance(one, ScalarNode) and one.value == key.value)
            what = f"the key {again[key]!r} stands here a second time; first in line {first.start_mark.line + 1}"
            yield Repeat(key, what, _empty_above(holder, key))


def _parts(keys: Sequence[Node], again: Mapping[ScalarNode, str | int]) -> Iterator[list[ScalarNode]]:
    """The keys that stood there before, parted where one stands again that the part has already."""
    part: list[ScalarNode] = []
    seen: set[str] = set()
    for key in keys:
        if not isinstance(key, ScalarNode):
            continue
        if key in again and key.value in seen:
            yield from [part] if part else []
            part, seen = [], set()
        seen.add(key.value)
        part += [key] if key in again else []
    yield part


def _begins_anew(keys: Sequence[Node], part: Sequence[ScalarNode]) -> bool:
    """Whether they stand in a row, or their mapping begins with the first of them too."""
    if not part[1:]:
        return False
    return keys[0].value == part[0].value or keys.index(part[1]) == keys.index(part[0]) + 1


def _empty_above(holder: MappingNode, second: ScalarNode) -> str:
    """For a key that belongs below another one, which has no value and stands in the same column."""
    names = []
    for key, value in holder.value:
        if key is second:
            break
        names += [key.value] if isinstance(value, ScalarNode) and not value.value and not value.style else []
    return f"`{names[-1]}:` above it has nothing below it: indent it less, or this further" if names else ""


def _name_above(root: Node, holder: MappingNode) -> str:
    """The line that is missing above keys that begin anew."""
    way = _way(root, holder)
    if not way:
        return f"each is a file of its own: move these lines into one; {_REMOVE}"
    key = way[-1]
    if key is None:
        return f"begin this line with `- `, as far to the left as the dash above; {_REMOVE}"
    if len(way) == 1:
        return f"below `{key.value}:` each stands once: give these another name; {_REMOVE}"
    return f"a line with a name is missing above: write `NAME:` as far to the left as `{key.value}:`; {_REMOVE}"


def _way(root: Node, wanted: Node) -> list[ScalarNode | None]:
    """The keys that lead to a node, None for an entry of a list."""
    open_: list[tuple[Node, list[ScalarNode | None]]] = [(root, [])]
    seen: set[int] = set()
    while open_:
        node, way = open_.pop()
        if node is wanted:
            return way
        if id(node) in seen or isinstance(node, ScalarNode):
            continue
        seen.add(id(node))
        pairs = node.value if isinstance(node, MappingNode) else [(None, item) for item in node.value]
        open_ += [(value, [*way, key if isinstance(key, ScalarNode) else None]) for key, value in pairs]
    return []
