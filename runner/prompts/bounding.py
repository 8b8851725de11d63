"""Putting the sandbox's account into a template's tree, wherever the language itself can loop or grow."""

from __future__ import annotations

from typing import TypeVar

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

N = TypeVar("N", bound=nodes.Node)


def bounded(tree: N) -> N:
    """Give the tree with its loops, literals, `~` and `range()` on account; the tree given is used up."""
    result: N = _Bounding().visit(tree)
    return result


class _Bounding(NodeTransformer):
    """Each method is found by the visitor by the name of its node."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        self.generic_visit(node)
        count = _through("_iterate", nodes.Const(True, lineno=node.lineno))
        node.body.insert(0, nodes.ExprStmt(count, lineno=node.lineno))
        if node.test is not None:  # what the test drops costs time as well
            node.test = nodes.And(count, node.test, lineno=node.lineno)
        return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.CondExpr:
        self.generic_visit(node)
        if node.expr2 is None:
            node.expr2 = nodes.Const("", lineno=node.lineno)
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Filter:
        self.generic_visit(node)
        return _through("_range", nodes.List(node.args, lineno=node.lineno))

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:
        self.generic_visit(node)
        return _through("_concatenate", nodes.List(node.nodes, lineno=node.lineno))

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Expr:
        if node.ctx != "load":
            return node
        return self.visit_List(nodes.List(node.items, lineno=node.lineno))

    def visit_List(self, node: nodes.List) -> nodes.Expr:
        self.generic_visit(node)
        if all(isinstance(item, nodes.Const) for item in node.items):
            return node
        return _through("_charge", node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Filter:
        self.generic_visit(node)
        return _through("_charge", node)


def _through(name: str, node: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
