"""What functions take, read from their source."""

from __future__ import annotations

from typing import Any

import pytest

from runner.tools.signature import SignatureError, read, resources

READ = [
    ("", {}),
    ("a: str", {"a": "str"}),
    ("a: int, b: float, c: bool, d: Any, e: Path", {"a": "int", "b": "float", "c": "bool", "d": "any", "e": "path"}),
    ("a: pathlib.Path, b: typing.Any", {"a": "path", "b": "any"}),
    ("a: 'str', b: 'Path | None' = None", {"a": "str", "b": "path?"}),
    ("a: str = 'x'", {"a": {"type": "str", "default": "x"}}),
    ("a: int = -1, b: bool = False", {"a": {"type": "int", "default": -1}, "b": {"type": "bool", "default": False}}),
    ("*, a: int, b: int = 2", {"a": "int", "b": {"type": "int", "default": 2}}),
    ("a: str | None", {"a": "str?"}),
    ("a: None | int = 3", {"a": {"type": "int?", "default": 3}}),
    ("a: Optional[int] = None", {"a": "int?"}),
    ("a: list[str]", {"a": ["str"]}),
    ("a: list[list[int]]", {"a": [["int"]]}),
    ("a: list[str] = ['x']", {"a": {"type": ["str"], "default": ["x"]}}),
    ("a: list[str] = ()", {"a": {"type": ["str"], "default": []}}),
    ("a: Literal['x', 'y-z']", {"a": "x|y-z"}),
    ("a: Literal['x', 'y'] = 'y'", {"a": {"type": "x|y", "default": "y"}}),
    ("a: Literal[1, 2]", {"a": {"schema": {"enum": [1, 2]}}}),
    ("a: Literal['a b']", {"a": {"schema": {"enum": ["a b"]}}}),
    ("a: dict[str, int]", {"a": {"schema": {"type": "object", "additionalProperties": {"type": "integer"}}}}),
    (
        "a: list[str] | None",
        {"a": {"schema": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}}},
    ),
    ("c: Context, a: str", {"a": "str"}),
    ("a: str, c: context.Context", {"a": "str"}),
    ("c: 'Context', a: str", {"a": "str"}),
    ("m: Resource['music'], a: str", {"a": "str"}),
    ("a: str, m: 'resources.Resource[\"music\"]'", {"a": "str"}),
]


@pytest.mark.parametrize("parameters, expected", READ)
def test_parameters_become_types_of_the_files(parameters: str, expected: dict[str, Any]) -> None:
    """Each annotation and default as YAML would say it; the context is hidden."""
    assert read(f"def f({parameters}) -> str:\n    '''Nothing of this counts.'''\n", "f") == expected


@pytest.mark.parametrize(
    "line", ["a: The first.", ":param a: The first.", "- `a`: The first.", "    a (str): The first."]
)
def test_a_line_of_the_docstring_describes_a_parameter(line: str) -> None:
    """In each of the common forms; a word that is no parameter describes nothing."""
    said = f"Do it.\n\n    {line}\n    b: Or none.\n    c: No.\n"
    source = f"def f(a: str, b: int | None = None) -> str:\n    '''{said}    '''\n"
    assert read(source, "f") == {
        "a": {"type": "str", "description": "The first."},
        "b": {"type": "int?", "default": None, "description": "Or none."},
    }


def test_the_resources_of_a_function_have_their_places() -> None:
    """Counted in characters, as editors do; the context is none."""
    source = "def f(c: Context,\n  é: Resource['music'], b: Resource['films']): ..."
    assert resources(source, "f") == [("music", 2, 3), ("films", 2, 25)]


WRONG = [
    ("def f(a: Resource): ...", 1, 'Resource names none; write Resource["NAME"], with a name under `resources`'),
    (
        "def f(a: Resource[music]): ...",
        1,
        'Resource[music] names none; write Resource["NAME"], with a name under `resources`',
    ),
    ("def f(a): ...", 1, "the parameter a has no type; write a: str, or another"),
    ("def f(*a: str): ...", 1, "f takes *a; a tool's parameters are named one by one"),
    ("def f(**a: str): ...", 1, "f takes *a; a tool's parameters are named one by one"),
    ("def f(a: str, /): ...", 1, "f takes parameters by position only; remove the '/'"),
    ("\nasync def f(a: str): ...", 2, "f is async; a tool is a plain function"),
    ("def g(): ...\ndef _h(): ...", 0, "there is no function f"),
    ("", 0, "there is no function f"),
    ("class f: ...", 1, "f is a class; a tool is a plain function"),
    ("from g import h as f", 1, "f is imported; a tool is a plain function"),
    ("import f", 1, "f is imported; a tool is a plain function"),
    ("f = lambda a: a", 1, "f is no function; a tool is a plain function"),
    ("f: Any = print", 1, "f is no function; a tool is a plain function"),
    ("def f(a: 'str('): ...", 1, "the type 'str(' is no Python"),
    (
        "\ndef f(a: 'list[set]'): ...",
        2,
        "the type set is unknown; use str, int, float, bool, Any, Path, list, dict or Literal",
    ),
    ("def f(a: Literal[b]): ...", 1, "the type Literal[b] is unknown; Literal holds plain values"),
    ("def f(a: int = {[]: 1}): ...", 1, "the default of a is computed; write a plain value, or None"),
    (f"f({'(' * 300}", 1, "too many nested parentheses"),
    ("def f(:", 1, "invalid syntax"),
    (
        "def f(a: set[str]): ...",
        1,
        "the type set[str] is unknown; use str, int, float, bool, Any, Path, list, dict or Literal",
    ),
    (
        "def f(a: dict[int, str]): ...",
        1,
        "the type dict[int, str] is unknown; a dict is dict[str, T], a list is list[T]",
    ),
    (
        "def f(a: str | int): ...",
        1,
        "the type str | int is unknown; use str, int, float, bool, Any, Path, list, dict or Literal",
    ),
    ("def f(\n    a: int = len('x'),\n): ...", 2, "the default of a is computed; write a plain value, or None"),
]


@pytest.mark.parametrize("source, line, message", WRONG)
def test_what_cannot_be_a_tool_says_why_and_where(source: str, line: int, message: str) -> None:
    """With the line in the source."""
    with pytest.raises(SignatureError) as caught:
        read(source, "f")
    assert (caught.value.line, str(caught.value)) == (line, message)


def test_nothing_of_the_source_runs() -> None:
    """A module that would end the process, and defaults that would, are only read."""
    assert read("import os\nos._exit(1)\ndef f(a: str): ...", "f") == {"a": "str"}


def test_the_last_definition_holds() -> None:
    """As in Python."""
    assert read("def f(a: str): ...\ndef f(b: int): ...", "f") == {"b": "int"}
