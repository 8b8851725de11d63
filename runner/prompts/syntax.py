"""Reading a template: its tree with all includes put in, held to the part of Jinja that can be bounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from runner.prompts import habits, slips, worded
from runner.prompts.checks import TESTS
from runner.prompts.failures import TemplateError
from runner.prompts.filters import NAMES_OF_FILTERS
from runner.prompts.sandbox import LOOP_ITEMS, Sandbox
from runner.spec.words import did_you_mean, nearest

SANDBOX = Sandbox()
LONGEST_SOURCE = 256 * 1024
DEEPEST_NESTING = 50
DEEPEST_LOOPS = 8
MOST_INCLUDES = 100

ALLOWED: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Assign, nodes.With, nodes.Scope),
    *(nodes.Name, nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Keyword, nodes.CondExpr),
    *(nodes.Filter, nodes.Test, nodes.Call, nodes.Getitem, nodes.Getattr, nodes.Slice, nodes.Concat, nodes.Compare),
    *(nodes.Operand, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Add, nodes.Sub, nodes.Mod, nodes.Pow, nodes.Not),
    *(nodes.And, nodes.Or, nodes.Neg, nodes.Pos),
)
REFUSED: dict[type[nodes.Node], str] = {
    nodes.AssignBlock: "{% set x %}…{% endset %} is not allowed; write {% set x = … %}",
    nodes.Block: "{% block %} is not allowed; write {% include %}",
    nodes.CallBlock: "{% call %} is not allowed; write {% include %}",
    nodes.Extends: "{% extends %} is not allowed; write {% include %}",
    nodes.FilterBlock: "{% filter %} is not allowed; write {{ … | the_filter }}",
    nodes.FromImport: "{% from %} is not allowed; write {% include %}",
    nodes.Import: "{% import %} is not allowed; write {% include %}",
    nodes.Macro: "{% macro %} is not allowed; write {% include %} of a named prompt",
    nodes.NSRef: "a variable is set whole: write {% set x = … %}",
    nodes.ScopedEvalContextModifier: "{% autoescape %} is not allowed; prompts are plain text",
}
# Filters that take the name of a filter or test: which argument it is, and what it may be.
NAMED_BY_ARGUMENT: dict[str, tuple[int, Iterable[str]]] = {
    "map": (0, NAMES_OF_FILTERS),
    "select": (0, TESTS),
    "reject": (0, TESTS),
    "selectattr": (1, TESTS),
    "rejectattr": (1, TESTS),
}


def parse_template(source: str, includes: Mapping[str, str]) -> nodes.Template:
    """Read a text template; raises TemplateError."""
    return _Including(includes).read(source)


def parse_expression(source: str) -> nodes.Expr:
    """Read a bare expression; raises TemplateError."""
    bare = source.strip()
    if bare.startswith("{{") and bare.endswith("}}"):
        raise TemplateError("an expression stands bare here; leave out {{ and }}", 1)
    if not bare:
        raise TemplateError("the expression is empty", 1)
    _check_length(source)
    try:
        parser = Parser(SANDBOX, source, state="variable")
        expression = parser.parse_expression()
        if not parser.stream.eos:
            rest = parser.stream.current
            parser.fail(f"there is no `and`, `or` or `==` before {rest.value!r}", rest.lineno)
    except TemplateSyntaxError as error:
        raise _failure(error, slips.in_expression(source, error.message or "")) from None
    except RecursionError:
        raise TemplateError("the expression is nested too deeply") from None
    _check(expression)
    for choice in [expression, *expression.find_all(nodes.CondExpr)]:
        if isinstance(choice, nodes.CondExpr) and choice.expr2 is None:
            raise TemplateError("an if inside an expression needs an else", choice.lineno)
    return expression


class _Including(NodeTransformer):
    """Puts the text of each include in its place, so that it sees the names around it."""

    def __init__(self, includes: Mapping[str, str]) -> None:
        self._includes = includes
        self._chain: list[str] = []
        self._count = 0

    def read(self, source: str) -> nodes.Template:
        _check_length(source)
        try:
            tree = SANDBOX.parse(source)
        except TemplateSyntaxError as error:
            raise _failure(error, slips.in_template(source, error.message or "")) from None
        except RecursionError:
            raise TemplateError("the template is nested too deeply") from None
        if "include" in source:
            self.visit(tree)
        _check(tree)
        return tree

    def visit_Include(self, node: nodes.Include) -> nodes.Scope:
        name = self._name(node)
        self._count += 1
        if self._count > MOST_INCLUDES:
            raise TemplateError(f"more than {MOST_INCLUDES} includes", node.lineno)
        self._chain.append(name)
        try:
            tree = self.read(self._includes[name])
        except TemplateError as error:
            place = f"in the included prompt {name!r}, line {error.lineno or 1}"
            raise TemplateError(f"{place}: {error}", node.lineno) from None
        finally:
            self._chain.pop()
        for child in tree.body:
            child.set_lineno(node.lineno, override=True)
        return nodes.Scope(tree.body, lineno=node.lineno)

    def _name(self, node: nodes.Include) -> str:
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if not isinstance(name, str) or node.ignore_missing or not node.with_context:
            bare = node.template.name if isinstance(node.template, nodes.Name) else "name"
            what = f'an include is written {{% include "{bare}" %}}, with nothing more'
            hint = "; its name stands in quotes" if bare != "name" else ""
            raise TemplateError(what + hint, node.lineno)
        if name in self._chain:
            circle = " → ".join([*self._chain[self._chain.index(name) :], name])
            raise TemplateError(f"prompts include each other in a circle: {circle}", node.lineno)
        if name not in self._includes:
            raise TemplateError(f"there is no prompt {name!r}{_suggestion(name, self._includes)}", node.lineno)
        return name


def _check(node: nodes.Node, depth: int = 0, loops: int = 0) -> None:
    """Refuse what the sandbox cannot bound, down the whole tree."""
    loops += isinstance(node, nodes.For)
    if depth > DEEPEST_NESTING or loops > DEEPEST_LOOPS:
        raise TemplateError("the template is nested too deeply", node.lineno)
    if type(node) not in ALLOWED:
        raise TemplateError(REFUSED.get(type(node), f"{type(node).__name__} is not allowed"), node.lineno)
    if isinstance(node, nodes.For):
        _check_loop(node)
    complaint = _complaint(node)
    if complaint:
        raise TemplateError(complaint, node.lineno, _name_of(node))
    for child in node.iter_child_nodes():
        _check(child, depth + 1, loops)


def _check_loop(node: nodes.For) -> None:
    """Refuse what no loop says of itself; outside of its body `loop` may be the name of a value."""
    for inside in node.body:
        for read in inside.find_all(nodes.Getattr):
            if isinstance(read.node, nodes.Name) and read.node.name == "loop" and read.attr not in LOOP_ITEMS:
                meant = habits.LOOP.get(read.attr) or nearest(read.attr, sorted(LOOP_ITEMS))
                hint = f"write `loop.{meant}`" if meant else f"it has: {', '.join(sorted(LOOP_ITEMS))}"
                raise TemplateError(f"`loop` has no `{read.attr}`; {hint}", read.lineno, f"loop.{read.attr}")


def _name_of(node: nodes.Node) -> str:
    """What a complaint is about, as it is written."""
    if isinstance(node, nodes.Call):
        called = node.node
        return f".{called.attr}" if isinstance(called, nodes.Getattr) else getattr(called, "name", "")
    return str(node.name) if isinstance(node, nodes.Filter | nodes.Test) else ""


def _complaint(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Call):
        return _complaint_of_call(node)
    if isinstance(node, nodes.Filter | nodes.Test):
        return _complaint_of_filter(node)
    if isinstance(node, nodes.If) and isinstance(node.test, nodes.Tuple):
        return worded.of_commas(node.test)
    if isinstance(node, nodes.For) and node.recursive:
        return "a recursive loop is not allowed"
    if isinstance(node, nodes.Name) and node.name == "loop" and node.ctx != "load":
        return "'loop' is what a loop says of itself; choose another name"
    return None


def _complaint_of_call(node: nodes.Call) -> str | None:
    if isinstance(node.node, nodes.Name) and node.node.name == "include":
        named = next((arg.value for arg in node.args if isinstance(arg, nodes.Const)), "name")
        return f'include is a statement, not a value; write {{% include "{named}" %}}'
    if isinstance(node.node, nodes.Name) and node.node.name == "range":
        plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        return None if plain and 1 <= len(node.args) <= 3 else "write range(stop), range(start, stop[, step])"  # noqa: PLR2004 Python's own range
    if isinstance(node.node, nodes.Getattr):
        return f".{node.node.attr}() is a call, and only range() can be called; {_instead_of_call(node.node.attr)}"
    name = node.node.name if isinstance(node.node, nodes.Name) else ""
    return f"only range() can be called; {_instead_of_call(name)}"


def _complaint_of_filter(node: nodes.Filter | nodes.Test) -> str | None:
    known, kind = (NAMES_OF_FILTERS, "filter") if isinstance(node, nodes.Filter) else (TESTS, "test")
    if node.name not in known:
        return f"there is no {kind} {node.name!r}{_instead_of_name(kind, node.name) or _suggestion(node.name, known)}"
    if kind == "test" or node.name not in NAMED_BY_ARGUMENT:
        return None
    position, names = NAMED_BY_ARGUMENT[node.name]
    argument = node.args[position] if len(node.args) > position else None
    named = argument.value if isinstance(argument, nodes.Const) else None
    if isinstance(named, str) and named not in names:
        return f"{node.name!r} knows no {named!r}{_suggestion(named, names)}"
    return None


def _instead_of_call(name: str) -> str:
    if name in habits.CALLS:
        return habits.CALLS[name]
    known = name if name in NAMES_OF_FILTERS else habits.METHODS.get(name)
    return f"write … | {known}" if known else "values are plain data; use a filter"


def _instead_of_name(kind: str, name: str) -> str:
    if kind == "filter":
        return f"; write {habits.FILTERS[name]}" if name in habits.FILTERS else ""
    if not did_you_mean(name, TESTS) or name in habits.TESTS:
        return f"; {habits.TESTS.get(name, f'a text is compared by == {name!r}')}"
    return ""


def _check_length(source: str) -> None:
    if len(source) > LONGEST_SOURCE:
        raise TemplateError(f"the template is longer than {LONGEST_SOURCE:,} characters")


def _suggestion(name: str, known: Iterable[str]) -> str:
    meant = did_you_mean(name, sorted(known))
    return f"; {meant}" if meant else ""


def _failure(error: Any, slip: slips.Slip | None) -> TemplateError:
    if slip is None:
        return TemplateError(_sentence(error), error.lineno)
    return TemplateError(f"{slip.what}; {slip.hint}", slip.line, slip.near)


def _sentence(error: Any) -> str:
    message = (error.message or "the template cannot be read").strip()
    words = f"{message[0].lower()}{message[1:]}".removesuffix(".")
    return words.replace("unexpected 'end of template'", "something is missing at its end")
