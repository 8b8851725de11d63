"""What a Python function takes, read from its source: nothing is imported, nothing runs.

`str int float bool Any Path`, `list[T]`, `dict[str, T]`, `T | None` and `Literal[…]` become the types of the files;
a parameter annotated `Context` is given by runner and hidden.
"""

from __future__ import annotations

import ast
import re
from typing import Any

_SIMPLE = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Any": "any", "Path": "path"}
_JSON = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "Path": "string"}
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_GIVEN = "Context"


class SignatureError(ValueError):
    """A function that cannot be a tool; `line` counts from 1 in the source, 0 when there is no such function."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def read(source: str, function: str) -> dict[str, Any]:
    """The parameters of a module's function, as `params` would say them; raises SignatureError."""
    definition = _definition(source, function)
    arguments = definition.args
    for star in (arguments.vararg, arguments.kwarg):
        if star is not None:
            raise _fault(star, f"{function} takes *{star.arg}; a tool's parameters are named one by one")
    if arguments.posonlyargs:
        raise _fault(arguments.posonlyargs[0], f"{function} takes parameters by position only; remove the '/'")
    pairs = [
        *zip(arguments.args, _padded(arguments.defaults, len(arguments.args)), strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {name.arg: _parameter(name, default) for name, default in pairs if not _is_given(name)}


def _definition(source: str, function: str) -> ast.FunctionDef:
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise SignatureError(error.msg, error.lineno or 0) from error
    for node in reversed(body):  # the last definition is the one that holds
        if isinstance(node, ast.AsyncFunctionDef) and node.name == function:
            raise _fault(node, f"{function} is async; a tool is a plain function")
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return node
    names = [node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    raise SignatureError(f"there is no function {function}; there are: {', '.join(names) or 'none'}")


def _padded(defaults: list[ast.expr], count: int) -> list[ast.expr | None]:
    return [None] * (count - len(defaults)) + [*defaults]


def _is_given(parameter: ast.arg) -> bool:
    return parameter.annotation is not None and _name(_unquoted(parameter.annotation)) == _GIVEN


def _parameter(parameter: ast.arg, default: ast.expr | None) -> Any:
    if parameter.annotation is None:
        raise _fault(parameter, f"the parameter {parameter.arg} has no type; write {parameter.arg}: str, or another")
    kind = _type(_unquoted(parameter.annotation))
    if default is None:
        return kind
    try:
        value = ast.literal_eval(default)
    except ValueError:
        raise _fault(default, f"the default of {parameter.arg} is computed; write a plain value, or None") from None
    if value is None and isinstance(kind, str) and kind.endswith("?"):
        return kind
    long = kind if isinstance(kind, dict) else {"type": kind}
    return {**long, "default": list(value) if isinstance(value, tuple) else value}


def _type(node: ast.expr) -> Any:
    """An annotation as a type of the files: short where they have a word for it, else as a JSON Schema."""
    inner, is_optional = _without_none(node)
    short: Any = _SIMPLE.get(_name(inner))
    if short is None and isinstance(inner, ast.Subscript):
        short = _compound(inner)
    if short is None:
        raise _fault(node, f"the type {ast.unparse(node)} is unknown; use {', '.join(_SIMPLE)}, list, dict or Literal")
    if not is_optional:
        return short
    return f"{short}?" if isinstance(short, str) else {"schema": _schema(node)}


def _compound(node: ast.Subscript) -> Any:
    outer = _name(node.value)
    if outer == "list":
        return [_type(node.slice)]
    if outer == "Literal":
        choices = _choices(node)
        if all(isinstance(choice, str) and _WORD.fullmatch(choice) for choice in choices) and len(choices) > 1:
            return "|".join(choices)
        return {"schema": {"enum": choices}}
    if outer == "dict":
        return {"schema": _schema(node)}
    return None


def _schema(node: ast.expr) -> dict[str, Any]:
    """An annotation as a JSON Schema."""
    inner, is_optional = _without_none(node)
    if is_optional:
        return {"anyOf": [_schema(inner), {"type": "null"}]}
    name = _name(inner)
    if name == "Any":
        return {}
    if name in _JSON:
        return {"type": _JSON[name]}
    if isinstance(inner, ast.Subscript):
        outer = _name(inner.value)
        if outer == "list":
            return {"type": "array", "items": _schema(inner.slice)}
        if outer == "Literal":
            return {"enum": _choices(inner)}
        if outer == "dict" and isinstance(inner.slice, ast.Tuple) and _name(inner.slice.elts[0]) == "str":
            return {"type": "object", "additionalProperties": _schema(inner.slice.elts[1])}
    raise _fault(node, f"the type {ast.unparse(node)} is unknown; a dict is dict[str, T], a list is list[T]")


def _choices(node: ast.Subscript) -> list[Any]:
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return [ast.literal_eval(item) for item in items]


def _without_none(node: ast.expr) -> tuple[ast.expr, bool]:
    """The type beside None, of `T | None`, `None | T` or `Optional[T]`, and whether there was one."""
    node = _unquoted(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, ast.Constant) and one.value is None:
                return _unquoted(other), True
    if isinstance(node, ast.Subscript) and _name(node.value) == "Optional":
        return _unquoted(node.slice), True
    return node, False


def _unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.parse(node.value, mode="eval").body
    return node


def _name(node: ast.expr) -> str:
    """The last part of a name such as `Path` or `pathlib.Path`."""
    return ast.unparse(node).rpartition(".")[2] if isinstance(node, ast.Name | ast.Attribute) else ""


def _fault(node: ast.expr | ast.arg | ast.AsyncFunctionDef, why: str) -> SignatureError:
    return SignatureError(why, node.lineno)
