"""What annotations say, as types of the files."""

from __future__ import annotations

import ast
import re
from typing import Any

_SIMPLE = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Any": "any", "Path": "path"}
_JSON = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "Path": "string"}
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_RESOURCE = "Resource"


class SignatureError(ValueError):
    """A function that cannot be a tool; `line` and `column` count from 1, 0 when there is no such function."""

    def __init__(self, message: str, line: int = 0, column: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.hint = hint


class NoPython(SignatureError):
    """A source that Python itself cannot read; the message is Python's own."""


def type_of(node: ast.expr) -> Any:
    """An annotation as a type of the files: short where they have a word for it, else as a JSON Schema."""
    inner, is_optional = _without_none(node)
    short: Any = _SIMPLE.get(name_of(inner))
    if short is None and isinstance(inner, ast.Subscript):
        short = _compound(inner)
    if short is None:
        raise fault(node, f"the type {ast.unparse(node)} is unknown; use {', '.join(_SIMPLE)}, list, dict or Literal")
    if not is_optional:
        return short
    return f"{short}?" if isinstance(short, str) else {"schema": _schema(node)}


def _compound(node: ast.Subscript) -> Any:
    outer = name_of(node.value)
    if outer == "list":
        return [type_of(node.slice)]
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
    name = name_of(inner)
    if name == "Any":
        return {}
    if name in _JSON:
        return {"type": _JSON[name]}
    if isinstance(inner, ast.Subscript):
        outer = name_of(inner.value)
        if outer == "list":
            return {"type": "array", "items": _schema(inner.slice)}
        if outer == "Literal":
            return {"enum": _choices(inner)}
        if outer == "dict" and isinstance(inner.slice, ast.Tuple) and name_of(inner.slice.elts[0]) == "str":
            return {"type": "object", "additionalProperties": _schema(inner.slice.elts[1])}
    raise fault(node, f"the type {ast.unparse(node)} is unknown; a dict is dict[str, T], a list is list[T]")


def _choices(node: ast.Subscript) -> list[Any]:
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    try:
        return [ast.literal_eval(item) for item in items]
    except (ValueError, TypeError):
        raise fault(node, f"the type {ast.unparse(node)} is unknown; Literal holds plain values") from None


def _without_none(node: ast.expr) -> tuple[ast.expr, bool]:
    """The type beside None, of `T | None`, `None | T` or `Optional[T]`, and whether there was one."""
    node = unquoted(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, ast.Constant) and one.value is None:
                return unquoted(other), True
    if isinstance(node, ast.Subscript) and name_of(node.value) == "Optional":
        return unquoted(node.slice), True
    return node, False


def resource_of(node: ast.expr | None) -> str | None:
    """The name in `Resource["name"]`, None for any other annotation."""
    inner = unquoted(node) if node is not None else None
    if inner is None:
        return None
    is_bare = name_of(inner) == _RESOURCE
    if not is_bare and not (isinstance(inner, ast.Subscript) and name_of(inner.value) == _RESOURCE):
        return None
    named = inner.slice if isinstance(inner, ast.Subscript) else None
    if not isinstance(named, ast.Constant) or not isinstance(named.value, str):
        raise fault(inner, f'{ast.unparse(inner)} names none; write Resource["NAME"], with a name under `resources`')
    return named.value


def unquoted(node: ast.expr) -> ast.expr:
    """An annotation that is written as text, as what it stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            quoted = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            raise fault(node, f"the type {node.value!r} is no Python") from None
        for inner in ast.walk(quoted):
            ast.copy_location(inner, node)
        return quoted
    return node


def name_of(node: ast.expr) -> str:
    """The last part of a name such as `Path` or `pathlib.Path`."""
    return ast.unparse(node).rpartition(".")[2] if isinstance(node, ast.Name | ast.Attribute) else ""


def fault(node: ast.expr | ast.arg | ast.stmt, why: str) -> SignatureError:
    """What is wrong, with its place."""
    return SignatureError(why, node.lineno, node.col_offset + 1)
