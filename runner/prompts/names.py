"""What a template reads, found in its tree without running it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jinja2 import nodes
from jinja2.visitor import NodeVisitor

from runner.prompts import comparisons
from runner.prompts.comparisons import ITEM, Comparison, Side

PATH_NODES = (nodes.Name, nodes.Getattr, nodes.Getitem)


@dataclass(frozen=True, slots=True)
class NamePath:
    """A path read from a variable the template does not set, or from a name set to one; an index is its digits."""

    parts: tuple[str, ...]
    line: int
    guarded: bool
    """Read where it may be missing: under the filter `default` or the test `is defined`."""
    written: str = field(default="", compare=False)
    """The way it begins in the text, where the name may be one that the template sets."""
    conditional: bool = False
    """Read only where a condition of the template holds."""

    def __str__(self) -> str:
        return ".".join(self.parts)


def read(tree: nodes.Node) -> tuple[tuple[NamePath, ...], tuple[Comparison, ...]]:
    """Find every path that is read from a free variable, in order, and all that is compared.

    A computed key ends its path.
    """
    reader = _Reader()
    reader.visit(tree)
    return tuple(dict.fromkeys(reader.paths)), tuple(dict.fromkeys(reader.comparisons))


def whole(expression: nodes.Expr) -> Side:
    """Say what an expression is as a whole."""
    return comparisons.side_of(expression, _Reader().path)


class _Reader(NodeVisitor):
    """Follows Jinja's scopes; each method is found by the visitor by the name of its node.

    A scope has the names that the template sets, each with the free path it stands for, or None when that is not one.
    """

    def __init__(self) -> None:
        self.paths: list[NamePath] = []
        self.comparisons: list[Comparison] = []
        self._scopes: list[dict[str, tuple[str, ...] | None]] = [{}]
        self._conditions = 0

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
            self.comparisons += comparisons.of_test(node, self.path)
            self.generic_visit(node)

    def visit_Compare(self, node: nodes.Compare) -> None:
        self.comparisons += comparisons.of_compare(node, self.path)
        self.generic_visit(node)

    def visit_And(self, node: nodes.And) -> None:
        self._visit_choice(node)

    def visit_Or(self, node: nodes.Or) -> None:
        self._visit_choice(node)

    def _visit_choice(self, node: nodes.And | nodes.Or) -> None:
        self.comparisons += comparisons.of_choice(node, self.path)
        self.visit(node.left)
        self._visit_perhaps([node.right])

    def visit_CondExpr(self, node: nodes.CondExpr) -> None:
        self.visit(node.test)
        self._visit_perhaps(filter(None, [node.expr1, node.expr2]))

    def visit_Not(self, node: nodes.Not) -> None:
        self.comparisons += comparisons.of_truth(node.node, self.path)
        self.generic_visit(node)

    def visit_Assign(self, node: nodes.Assign) -> None:
        self.visit(node.node)
        self._scopes[-1].update(self._bound(node.target, node.node))

    def visit_If(self, node: nodes.If) -> None:
        self.comparisons += comparisons.of_truth(node.test, self.path)
        self.visit(node.test)
        before = self._scopes[-1]
        set_here: set[str] = set()
        for branch in (node.body, node.elif_, node.else_):
            self._scopes[-1] = dict(before)
            self._visit_perhaps(branch)
            set_here |= {name for name, path in self._scopes[-1].items() if before.get(name, ()) != path}
        self._scopes[-1] = {**before, **dict.fromkeys(set_here)}  # behind it, who knows which branch was taken

    def visit_For(self, node: nodes.For) -> None:
        self.visit(node.iter)
        names: dict[str, tuple[str, ...] | None] = dict.fromkeys({"loop"} | _targets(node.target))
        if isinstance(node.target, nodes.Name) and (listed := self.path(node.iter)):
            names[node.target.name] = (*listed, ITEM)
        self._scopes.append(names)
        self._visit_all(filter(None, [node.test]))
        (self._visit_perhaps if node.test else self._visit_all)(node.body)
        self._scopes.pop()
        self._visit_inside(node.else_, {})

    def visit_With(self, node: nodes.With) -> None:
        self._visit_all(node.values)
        names: dict[str, tuple[str, ...] | None] = {}
        for target, value in zip(node.targets, node.values, strict=True):
            names.update(self._bound(target, value))
        self._visit_inside(node.body, names)

    def visit_Scope(self, node: nodes.Scope) -> None:
        self._visit_inside(node.body, {})

    def _visit_inside(self, body: Iterable[nodes.Node], names: dict[str, tuple[str, ...] | None]) -> None:
        self._scopes.append(names)
        self._visit_all(body)
        self._scopes.pop()

    def _bound(self, target: nodes.Node, value: nodes.Node) -> dict[str, tuple[str, ...] | None]:
        """The names that are set, with the paths they stand for from here on."""
        if isinstance(target, nodes.Tuple) and isinstance(value, nodes.Tuple) and len(target.items) == len(value.items):
            bound: dict[str, tuple[str, ...] | None] = {}
            for one, its_value in zip(target.items, value.items, strict=True):
                bound.update(self._bound(one, its_value))
            return bound
        if isinstance(target, nodes.Name):
            return {target.name: self.path(value)}
        return dict.fromkeys(_targets(target))

    def path(self, node: nodes.Node) -> tuple[str, ...] | None:
        """The free path that a value is, None when it is anything else."""
        parts: list[str] = []
        while isinstance(node, nodes.Getattr | nodes.Getitem):
            key = _constant_key(node)
            if key is None:
                return None
            parts.append(key)
            node = node.node
        origin = self._origin(node.name) if isinstance(node, nodes.Name) else None
        return (*origin, *reversed(parts)) if origin else None

    def _origin(self, name: str) -> tuple[str, ...] | None:
        """What a name stands for: itself, unless the template sets it."""
        return next((scope[name] for scope in reversed(self._scopes) if name in scope), (name,))

    def _visit_all(self, found: Iterable[nodes.Node]) -> None:
        for node in found:
            self.visit(node)

    def _visit_perhaps(self, found: Iterable[nodes.Node]) -> None:
        self._conditions += 1
        self._visit_all(found)
        self._conditions -= 1

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
        elif origin := self._origin(node.name):
            written = "".join([node.name, *(f"[{part}]" if part.isdigit() else f".{part}" for part in reversed(parts))])
            path = (*origin, *reversed(parts))
            self.paths.append(NamePath(path, node.lineno, guarded, written, conditional=self._conditions > 0))


def _constant_key(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str | int):
        return str(node.arg.value)
    return None


def _targets(node: nodes.Node) -> set[str]:
    names = {name.name for name in node.find_all(nodes.Name)}
    return names | {node.name} if isinstance(node, nodes.Name) else names
