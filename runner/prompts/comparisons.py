"""What a template compares, found in its tree without running it; whoever knows the types says what can come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jinja2 import nodes

Follow = Callable[[nodes.Node], tuple[str, ...] | None]
"""Gives the free path that a node stands for, if it is one."""
ITEM = "[…]"
"""The part of a path that any item of a list is."""
_KEEPING = frozenset({"list", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "unique"})
"""Filters that give a list of the items that they are given, or of some of them."""
_MADE = {
    **dict.fromkeys(("length", "count", "int", "round"), "number"),
    **dict.fromkeys(("string", "trim", "join", "tojson", "replace", "lower", "upper", "title", "capitalize"), "string"),
}
"""What filters give, whatever they are given."""
_TESTS = {
    **dict.fromkeys(("==", "eq", "equalto"), "eq"),
    **dict.fromkeys(("!=", "ne"), "ne"),
    **dict.fromkeys((">", "gt", "greaterthan"), "gt"),
    **dict.fromkeys(("<", "lt", "lessthan"), "lt"),
    **dict.fromkeys((">=", "ge"), "gteq"),
    **dict.fromkeys(("<=", "le"), "lteq"),
    "in": "in",
}
"""Tests that compare, with the operator that means the same."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a path, written-out values, or what a filter makes; else nothing is known of it."""

    path: tuple[str, ...] | None = None
    values: tuple[object, ...] = ()
    """The value that is written out, or those of a list."""
    is_list: bool = False
    made: str = ""
    """The JSON type of what a filter gives."""
    items: tuple[Side, ...] = ()
    """What is in a list that is neither a name nor all written out."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values that are compared; `is` asks whether the left one is true, which a written-out text always is."""

    left: Side
    operator: str
    right: Side
    line: int


def side_of(node: nodes.Node, follow: Follow) -> Side:
    """What is known of a value from the way it is written."""
    if isinstance(node, nodes.Const):
        return Side(values=(node.value,))
    if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
        return Side(values=(-node.node.value,))
    if isinstance(node, nodes.List | nodes.Tuple):
        items = [item.value for item in node.items if isinstance(item, nodes.Const)]
        if len(items) == len(node.items):
            return Side(values=tuple(items), is_list=True)
        return Side(items=tuple(side_of(item, follow) for item in node.items))
    if isinstance(node, nodes.Filter):
        return Side(made=_MADE.get(node.name, ""), items=_kept(node, follow))
    return Side(follow(node))


def of_compare(node: nodes.Compare, follow: Follow) -> list[Comparison]:
    """The comparisons of `a < b < c`, one by one."""
    found, left = [], side_of(node.expr, follow)
    for operand in node.ops:
        right = side_of(operand.expr, follow)
        found.append(Comparison(left, operand.op, right, node.lineno))
        left = right
    return found


def of_test(node: nodes.Test, follow: Follow) -> list[Comparison]:
    """The comparison that `a is eq b` is."""
    if node.name not in _TESTS or not node.args:
        return []
    return [Comparison(side_of(node.node, follow), _TESTS[node.name], side_of(node.args[0], follow), node.lineno)]


def of_choice(node: nodes.And | nodes.Or, follow: Follow) -> list[Comparison]:
    """The parts of `a and b` that are asked whether they are true: names, and a text beside a comparison."""
    beside = any(isinstance(part, nodes.Compare | nodes.Not) for part in _parts(node))
    parts = [part for part in (node.left, node.right) if beside or not isinstance(part, nodes.Const)]
    return [found for part in parts for found in of_truth(part, follow)]


def of_truth(node: nodes.Node, follow: Follow) -> list[Comparison]:
    """The question whether a name or a text is true; nothing for what else is asked."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return [Comparison(Side(values=(node.value,)), "is", Side(), node.lineno)]
    path = follow(node)
    return [Comparison(Side(path), "is", Side(), node.lineno)] if path else []


def _kept(node: nodes.Filter, follow: Follow) -> tuple[Side, ...]:
    """The items of the list that filters keep, whatever else they do to it."""
    kept: nodes.Node | None = node
    while isinstance(kept, nodes.Filter) and (kept.name in _KEEPING or _falls_back_on_a_list(kept)):
        kept = kept.node
    path = follow(kept) if kept is not None and kept is not node else None
    return (Side((*path, ITEM)),) if path else ()


def _falls_back_on_a_list(node: nodes.Filter) -> bool:
    return node.name in ("default", "d") and bool(node.args) and isinstance(node.args[0], nodes.List)


def _parts(node: nodes.Node) -> list[nodes.Node]:
    """The operands of `a or b or c`."""
    if isinstance(node, nodes.And | nodes.Or):
        return [*_parts(node.left), *_parts(node.right)]
    return [node]
