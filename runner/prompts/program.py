"""A compiled tree, and running it within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType

import jinja2
from jinja2 import Undefined, nodes

from runner.prompts.bounding import bounded
from runner.prompts.bounds import Bounds, Budget
from runner.prompts.evidence import words_for_missing
from runner.prompts.failures import RenderError
from runner.prompts.names import NamePath
from runner.prompts.plain import as_text
from runner.prompts.sandbox import GAP, BoundedContext, MissingValueError
from runner.prompts.syntax import SANDBOX

FILE_NAME = "<prompt>"
RESULT = "_result"
FAILURES = (
    *(RenderError, jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError),
    *(SyntaxError, TypeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class Inserted:
    """What a `{{ }}` gave, as plain data."""

    value: object

    @property
    def text(self) -> str:
        """The text that it would have been."""
        return as_text(self.value)


class Program:
    """A tree made into code; immutable, shared by all renderings."""

    __slots__ = ("_paths", "_template")

    def __init__(self, tree: nodes.Template, paths: tuple[NamePath, ...]) -> None:
        self._paths = paths
        tree = bounded(tree)
        tree.set_environment(SANDBOX)
        code = SANDBOX.compile(tree, None, FILE_NAME)
        self._template = jinja2.Template.from_code(SANDBOX, code, {})

    @classmethod
    def of_expression(cls, expression: nodes.Expr, paths: tuple[NamePath, ...]) -> Program:
        """Make a program whose value is the expression's."""
        target = nodes.Name(RESULT, "store", lineno=expression.lineno)
        return cls(nodes.Template([nodes.Assign(target, expression, lineno=expression.lineno)], lineno=1), paths)

    def text(self, values: Mapping[str, object], bounds: Bounds) -> str:
        """Render; raises RenderError."""
        try:
            budget = Budget(bounds)
            context = BoundedContext(SANDBOX, values, budget)
            return "".join(self._pieces(context))
        except FAILURES as error:
            raise self._failure(error, values) from error

    def pieces(self, values: Mapping[str, object], bounds: Bounds) -> list[str | Inserted]:
        """Render with the values left as they are; raises RenderError."""
        found: list[str | Inserted] = []
        inserted: list[object] = []
        try:
            context = BoundedContext(SANDBOX, values, Budget(bounds), inserted)
            texts = "".join(self._pieces(context)).split(GAP)
        except FAILURES as error:
            raise self._failure(error, values) from error
        if len(texts) != len(inserted) + 1:
            raise RenderError("the template holds a NUL byte")
        for text, value in zip(texts, [*map(Inserted, inserted), None], strict=True):
            found += [one for one in (text, value) if one]
        return found

    def value(self, values: Mapping[str, object], bounds: Bounds) -> object:
        """Work out the expression; a missing value is a RenderError."""
        try:
            context = BoundedContext(SANDBOX, values, Budget(bounds))
            for _ in self._template.root_render_func(context):
                pass
            result: object = context.vars[RESULT]
            if isinstance(result, Undefined):
                str(result)  # raises, with the name that is missing
        except FAILURES as error:
            raise self._failure(error, values) from error
        return result

    def _pieces(self, context: BoundedContext) -> Iterable[str]:
        size = 0
        for piece in self._template.root_render_func(context):
            size += len(piece)
            context.budget.check_output(size)
            yield piece

    def _failure(self, error: BaseException, values: Mapping[str, object]) -> RenderError:
        line = self._line(error.__traceback__)
        if isinstance(error, MissingValueError):
            return RenderError(words_for_missing(error, self._paths, values), line)
        if isinstance(error, RecursionError | MemoryError):
            return RenderError("the values are nested too deeply", line)
        return RenderError(str(error), line)

    def _line(self, traceback: TracebackType | None) -> int | None:
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == FILE_NAME:
                return self._template.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        return None
