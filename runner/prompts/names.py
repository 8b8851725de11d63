"""What a template reads, found in its tree without running it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import nodes
from jinja2.visitor import NodeVisitor

PATH_NODES = (nodes.Name, nodes.Getattr, nodes.Getitem)


@dataclass(frozen=True, slots=True)
class NamePath:
    """A path read from a variable the template does not set; a list's index is its digits."""

    parts: tuple[str, ...]
    line: int
    guarded: bool
    """Read where it may be missing: under the filter `default` or the test `is defined`."""

    def __str__(self) -> str:
        return ".".join(self.parts)


def paths_read(tree: nodes.Node) -> tuple[NamePath, ...]:
    """List every path that is read from a free variable, in order; a computed key ends its path."""
    reader = _Reader()
    reader.visit(tree)
    return tuple(dict.fromkeys(reader.paths))


class _Reader(NodeVisitor):
    """Follows Jinja's scopes; each method is found by the visitor by the name of its node."""

    def __init__(self) -> None:
        self.paths: list[NamePath] = []
        self._scopes: list[set[str]] = [set()]

    def visit_Name(self, node: nodes.Name) -> None:
        self._read(node)

    def visit_Getattr(self, node: nodes.Getattr) -> None:
        self._read(node)

    def visit_Getitem(self, node: nodes.Getitem) -> None:
        self._read(node)

    def visit_Call(self, node: nodes.Call) -> None:
        self._visit_all(node.args)

    def visit_Filter(self, node: nodes.Filter) -> None:
        if node.name in {"default", "d"} and isinstance(node.node, PATH_NODES):
            self._read(node.node, guarded=True)
            self._visit_all([*node.args, *node.kwargs])
        else:
            self.generic_visit(node)

    def visit_Test(self, node: nodes.Test) -> None:
        if node.name in {"defined", "undefined"} and isinstance(node.node, PATH_NODES):
            self._read(node.node, guarded=True)
        else:
            self.generic_visit(node)

    def visit_Assign(self, node: nodes.Assign) -> None:
        self.visit(node.node)
        self._scopes[-1] |= _targets(node.target)

    def visit_For(self, node: nodes.For) -> None:
        self.visit(node.iter)
        inside = [*([node.test] if node.test else []), *node.body]
        self._visit_inside(inside, {"loop"} | _targets(node.target))
        self._visit_inside(node.else_, set())

    def visit_With(self, node: nodes.With) -> None:
        self._visit_all(node.values)
        self._visit_inside(node.body, set().union(*map(_targets, node.targets)))

    def visit_Scope(self, node: nodes.Scope) -> None:
        self._visit_inside(node.body, set())

    def _visit_inside(self, body: Iterable[nodes.Node], names: set[str]) -> None:
        self._scopes.append(names)
        self._visit_all(body)
        self._scopes.pop()

    def _visit_all(self, found: Iterable[nodes.Node]) -> None:
        for node in found:
            self.visit(node)

    def _read(self, node: nodes.Expr, *, guarded: bool = False) -> None:
        parts: list[str] = []
        while isinstance(node, nodes.Getattr | nodes.Getitem):
            key = _constant_key(node)
            if key is not None:
                parts.append(key)
            elif isinstance(node, nodes.Getitem):
                parts.clear()
                self.visit(node.arg)
            node = node.node
        if not isinstance(node, nodes.Name):
            self.visit(node)
        elif not any(node.name in scope for scope in self._scopes):
            self.paths.append(NamePath((node.name, *reversed(parts)), node.lineno, guarded))


def _constant_key(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str | int):
        return str(node.arg.value)
    return None


def _targets(node: nodes.Node) -> set[str]:
    names = {name.name for name in node.find_all(nodes.Name)}
    return names | {node.name} if isinstance(node, nodes.Name) else names
