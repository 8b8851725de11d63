"""Templates and expressions as the rest of the program sees them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import nodes

from runner.prompts.bounds import Bounds
from runner.prompts.comparisons import Comparison, Side
from runner.prompts.evidence import evidence
from runner.prompts.glance import paths_at_a_glance
from runner.prompts.names import NamePath, read, whole
from runner.prompts.parts import Part, parts_of
from runner.prompts.program import Inserted, Program
from runner.prompts.syntax import parse_expression, parse_template

BOUNDS = Bounds()
MARKS = ("{{", "{%", "{#")
KEPT = 4_096


def template(source: str, includes: Mapping[str, str] | None = None) -> Template:
    """Read a text template; raises TemplateError. `includes` are the named prompts it may include."""
    may_include = bool(includes) and "include" in source
    return _template(source, tuple(sorted(includes.items())) if includes and may_include else ())


@lru_cache(maxsize=KEPT)
def expression(source: str) -> Expression:
    """Read a bare expression, as `when`, `in` and `until` hold; raises TemplateError."""
    return Expression(source)


@lru_cache(maxsize=KEPT)
def _template(source: str, includes: tuple[tuple[str, str], ...]) -> Template:
    return Template(source, includes)


class Template:
    """A text template: immutable, read at once, compiled when first rendered."""

    __slots__ = ("_includes", "_renderer", "_single", "_valuer", "comparisons", "names", "paths", "source", "whole")

    source: str
    names: frozenset[str]
    """The variables it reads and does not set itself."""
    paths: tuple[NamePath, ...]
    """Every path it reads from them, in order."""
    comparisons: tuple[Comparison, ...]
    """What it compares."""
    whole: Side
    """What it is when it is exactly one `{{ }}`."""

    def __init__(self, source: str, includes: tuple[tuple[str, str], ...] = ()) -> None:
        self.source = source
        self._includes = includes
        self._renderer: Program | None = None
        self._valuer: Program | None = None
        self.comparisons, self.whole, self._single = (), Side(), False
        paths = paths_at_a_glance(source)
        if paths is None:
            tree = self._tree()
            paths, self.comparisons = read(tree)
            single = _single_expression(tree)
            if single is not None:
                self.whole, self._single = whole(single), True
        self.paths = paths
        self.names = frozenset([path.parts[0] for path in paths])

    def render(self, values: Mapping[str, object], bounds: Bounds = BOUNDS) -> str:
        """Give the text with the values put in, which is never rendered again; raises RenderError."""
        if not self._has_marks():
            return self.source
        if self._renderer is None:
            self._renderer = Program(self._tree(), self.paths)
        return self._renderer.text(values, bounds)

    def value(self, values: Mapping[str, object], bounds: Bounds = BOUNDS) -> object:
        """Give what a template that is exactly one `{{ }}` holds, with its type; else the rendered text."""
        if not self._single:
            return self.render(values, bounds)
        if self._valuer is None:
            single = _single_expression(self._tree())
            assert single is not None  # noqa: S101 the same source was found single before
            self._valuer = Program.of_expression(single, self.paths)
        return self._valuer.value(values, bounds)

    def pieces(self, values: Mapping[str, object], bounds: Bounds = BOUNDS) -> list[str | Inserted]:
        """Give the author's text and the values put in between, which are not yet text; raises RenderError.

        A value may be null nowhere, as there is no text that says so.
        """
        if self._renderer is None:
            self._renderer = Program(self._tree(), self.paths)
        return self._renderer.pieces(values, bounds)

    def parts(self) -> tuple[Part, ...]:
        """Give what is known of those pieces without any values."""
        return parts_of(self._tree(), self.source)

    def _has_marks(self) -> bool:
        return any(mark in self.source for mark in MARKS)

    def _tree(self) -> nodes.Template:
        return parse_template(self.source, dict(self._includes))


class Expression:
    """A bare expression: immutable, read at once, compiled when first worked out."""

    __slots__ = ("_program", "comparisons", "names", "paths", "source", "whole")

    source: str
    names: frozenset[str]
    """The variables it reads."""
    paths: tuple[NamePath, ...]
    """Every path it reads from them, in order."""
    comparisons: tuple[Comparison, ...]
    """What it compares."""
    whole: Side
    """What it is as a whole: a name, a value that is written out, or neither."""

    def __init__(self, source: str) -> None:
        self.source = source
        tree = parse_expression(source)
        self.paths, self.comparisons = read(tree)
        self.whole = whole(tree)
        self.names = frozenset(path.parts[0] for path in self.paths)
        self._program: Program | None = None

    def evaluate(self, values: Mapping[str, object], bounds: Bounds = BOUNDS) -> object:
        """Give the value; a missing one is a RenderError."""
        if self._program is None:
            self._program = Program.of_expression(parse_expression(self.source), self.paths)
        return self._program.value(values, bounds)

    def explain(self, values: Mapping[str, object]) -> dict[str, object]:
        """Give the values of the paths it reads, cut short: evidence for its outcome."""
        return evidence(self.paths, values)


def _single_expression(tree: nodes.Template) -> nodes.Expr | None:
    outputs = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) else []
    if len(outputs) == 1 and not isinstance(outputs[0], nodes.TemplateData):
        return outputs[0]
    return None
