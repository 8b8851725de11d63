"""A template as a text with gaps: what its author wrote, where values come in, and which ways lead through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import nodes

from runner.prompts.syntax import SANDBOX


@dataclass(frozen=True, slots=True)
class Written:
    """Text of the author."""

    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A `{{ }}`, as it is written, and its line, from 1."""

    written: str
    line: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Ways of which one is gone."""

    ways: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """What comes any number of times, also none."""

    body: tuple[Part, ...]


Part = Written | Gap | Choice | Loop


def parts_of(tree: nodes.Template, source: str) -> tuple[Part, ...]:
    """The parts of a template in their order."""
    return tuple(_parts(tree.body, _gaps(source)))


def _gaps(source: str) -> Iterator[str]:
    """Each `{{ }}` as it is written."""
    text = ""
    for _, kind, token in SANDBOX.lex(source):
        text = token if kind == "variable_begin" else text + token
        if kind == "variable_end":
            yield text


def _parts(body: Iterable[nodes.Node], gaps: Iterator[str]) -> Iterator[Part]:
    for node in body:
        if isinstance(node, nodes.Output):
            for one in node.nodes:
                yield Written(one.data) if isinstance(one, nodes.TemplateData) else Gap(next(gaps), one.lineno)
        elif isinstance(node, nodes.If):
            bodies = [node.body, *(other.body for other in node.elif_), node.else_]
            yield Choice(tuple(tuple(_parts(way, gaps)) for way in bodies))
        elif isinstance(node, nodes.For):
            yield Loop(tuple(_parts(node.body, gaps)))
            yield Choice(((), tuple(_parts(node.else_, gaps))))
        elif isinstance(node, nodes.With | nodes.Scope):
            yield from _parts(node.body, gaps)
