"""What a Python function takes, read from its source: nothing is imported, nothing runs.

`str int float bool Any Path`, `list[T]`, `dict[str, T]`, `T | None` and `Literal[…]` become the types of the files;
a parameter annotated `Context` or `Resource["name"]` is given by runner and hidden. A line `name: …` of the docstring
describes a parameter.
"""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple

from runner.spec.words import did_you_mean
from runner.tools.hints import NoPython, SignatureError, fault, name_of, resource_of, type_of, unquoted

__all__ = ["NamedResource", "NoPython", "SignatureError", "body_of", "read", "resources"]

_GIVEN = "Context"
_CALL_IT = "write a function of this file that calls it"
_KINDS: dict[type[ast.stmt], tuple[str, str]] = {
    ast.AsyncFunctionDef: ("async", "remove `async`; inside it asyncio.run(…) runs what is async"),
    ast.ClassDef: ("a class", _CALL_IT),
    ast.Import: ("imported", _CALL_IT),
    ast.ImportFrom: ("imported", _CALL_IT),
}
"""What a name may be that is no function of the file, and how it becomes one."""
_DESCRIBED = re.compile(r"^\s*(?:[-*] |:param )?`?(\w+)`?(?: \([^)]*\))?: +(\S.*)$", re.MULTILINE)


class NamedResource(NamedTuple):
    """Where a function asks for a resource; line and column count from 1."""

    name: str
    line: int
    column: int


def read(source: str, function: str) -> dict[str, Any]:
    """The parameters of a module's function, as `params` would say them; raises SignatureError."""
    body = body_of(source)
    try:
        definition = _definition(body, function)
        return _described(_parameters(definition, function), ast.get_docstring(definition) or "")
    except SignatureError as error:
        error.column = _characters(source, error.line, error.column)
        raise


def resources(source: str, function: str) -> list[NamedResource]:
    """The resources that a function is given; raises SignatureError."""
    arguments = _definition(body_of(source), function).args
    found = ((resource_of(one.annotation), one) for one in (*arguments.args, *arguments.kwonlyargs))
    return [
        NamedResource(name, one.lineno, _characters(source, one.lineno, one.col_offset + 1))
        for name, one in found
        if name is not None
    ]


def _parameters(definition: ast.FunctionDef, function: str) -> dict[str, Any]:
    arguments = definition.args
    for star in (arguments.vararg, arguments.kwarg):
        if star is not None:
            raise fault(star, f"{function} takes *{star.arg}; a tool's parameters are named one by one")
    if arguments.posonlyargs:
        raise fault(arguments.posonlyargs[0], f"{function} takes parameters by position only; remove the '/'")
    pairs = [
        *zip(arguments.args, _padded(arguments.defaults, len(arguments.args)), strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {name.arg: _parameter(name, default) for name, default in pairs if not _is_given(name)}


def body_of(source: str) -> list[ast.stmt]:
    """The statements of a module; raises `NoPython`."""
    try:
        return ast.parse(source).body
    except SyntaxError as error:
        raise NoPython(error.msg, error.lineno or 1, max(1, error.offset or 1)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NoPython(str(error) or "it is nested too deep", 1) from error


def _definition(body: list[ast.stmt], function: str) -> ast.FunctionDef:
    for node in reversed(body):  # the last definition is the one that holds
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return node
        if function in _bound(node):
            kind, hint = _KINDS.get(type(node), ("no function", "write `def` and its parameters with their types"))
            found = fault(node, f"{function} is {kind}; a tool is a plain function")
            found.hint = hint
            raise found
    names = [node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    hint = did_you_mean(function, names) or f"there are: {', '.join(names) or 'none'}"
    raise SignatureError(f"there is no function {function}", hint=hint)


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement gives a meaning to."""
    if isinstance(node, ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _padded(defaults: list[ast.expr], count: int) -> list[ast.expr | None]:
    return [None] * (count - len(defaults)) + [*defaults]


def _is_given(parameter: ast.arg) -> bool:
    if parameter.annotation is None:
        return False
    return name_of(unquoted(parameter.annotation)) == _GIVEN or resource_of(parameter.annotation) is not None


def _parameter(parameter: ast.arg, default: ast.expr | None) -> Any:
    if parameter.annotation is None:
        raise fault(parameter, f"the parameter {parameter.arg} has no type; write {parameter.arg}: str, or another")
    kind = type_of(unquoted(parameter.annotation))
    if default is None:
        return kind
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError):
        raise fault(default, f"the default of {parameter.arg} is computed; write a plain value, or None") from None
    if value is None and isinstance(kind, str) and kind.endswith("?"):
        return kind
    return {**_long(kind), "default": list(value) if isinstance(value, tuple) else value}


def _described(parameters: dict[str, Any], docstring: str) -> dict[str, Any]:
    """The same, each parameter with what the docstring says of it."""
    said = {name: text.strip() for name, text in _DESCRIBED.findall(docstring) if name in parameters}
    return parameters | {name: {**_long(parameters[name]), "description": text} for name, text in said.items()}


def _long(kind: Any) -> dict[str, Any]:
    if isinstance(kind, dict):
        return kind
    return {"type": kind, "default": None} if isinstance(kind, str) and kind.endswith("?") else {"type": kind}


def _characters(source: str, line: int, column: int) -> int:
    """The column in characters: the parser counts bytes."""
    rows = source.split("\n")
    row = rows[line - 1] if 0 < line <= len(rows) else ""
    return len(row.encode()[: column - 1].decode(errors="ignore")) + 1
