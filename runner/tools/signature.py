"""What a Python function takes, read from its source: nothing is imported, nothing runs.

`str int float bool Any Path`, `list[T]`, `dict[str, T]`, `T | None` and `Literal[…]` become the types of the files;
a parameter annotated `Context` is given by runner and hidden.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from runner.spec.words import did_you_mean

_SIMPLE = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Any": "any", "Path": "path"}
_JSON = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "Path": "string"}
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_GIVEN = "Context"
_CALL_IT = "write a function of this file that calls it"
_KINDS: dict[type[ast.stmt], tuple[str, str]] = {
    ast.AsyncFunctionDef: ("async", "remove `async`; inside it asyncio.run(…) runs what is async"),
    ast.ClassDef: ("a class", _CALL_IT),
    ast.Import: ("imported", _CALL_IT),
    ast.ImportFrom: ("imported", _CALL_IT),
}
"""What a name may be that is no function of the file, and how it becomes one."""


class SignatureError(ValueError):
    """A function that cannot be a tool; `line` and `column` count from 1, 0 when there is no such function."""

    def __init__(self, message: str, line: int = 0, column: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.hint = hint


class NoPython(SignatureError):
    """A source that Python itself cannot read; the message is Python's own."""


def read(source: str, function: str) -> dict[str, Any]:
    """The parameters of a module's function, as `params` would say them; raises SignatureError."""
    body = body_of(source)
    try:
        return _parameters(_definition(body, function), function)
    except SignatureError as error:
        error.column = _characters(source, error.line, error.column)
        raise


def _parameters(definition: ast.FunctionDef, function: str) -> dict[str, Any]:
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
            fault = _fault(node, f"{function} is {kind}; a tool is a plain function")
            fault.hint = hint
            raise fault
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
    return parameter.annotation is not None and _name(_unquoted(parameter.annotation)) == _GIVEN


def _parameter(parameter: ast.arg, default: ast.expr | None) -> Any:
    if parameter.annotation is None:
        raise _fault(parameter, f"the parameter {parameter.arg} has no type; write {parameter.arg}: str, or another")
    kind = _type(_unquoted(parameter.annotation))
    if default is None:
        return kind
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError):
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
    try:
        return [ast.literal_eval(item) for item in items]
    except (ValueError, TypeError):
        raise _fault(node, f"the type {ast.unparse(node)} is unknown; Literal holds plain values") from None


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
        try:
            quoted = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            raise _fault(node, f"the type {node.value!r} is no Python") from None
        for inner in ast.walk(quoted):
            ast.copy_location(inner, node)
        return quoted
    return node


def _name(node: ast.expr) -> str:
    """The last part of a name such as `Path` or `pathlib.Path`."""
    return ast.unparse(node).rpartition(".")[2] if isinstance(node, ast.Name | ast.Attribute) else ""


def _fault(node: ast.expr | ast.arg | ast.stmt, why: str) -> SignatureError:
    return SignatureError(why, node.lineno, node.col_offset + 1)


def _characters(source: str, line: int, column: int) -> int:
    """The column in characters: the parser counts bytes."""
    rows = source.split("\n")
    row = rows[line - 1] if 0 < line <= len(rows) else ""
    return len(row.encode()[: column - 1].decode(errors="ignore")) + 1
