"""The closed room templates run in: plain data, no attributes, no calls, and every growth on account."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any, cast

from jinja2 import StrictUndefined, Undefined, UndefinedError, pass_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from runner.prompts.bounds import LARGEST_INTEGER_BITS, Budget, check_integer
from runner.prompts.checks import TESTS
from runner.prompts.failures import RenderError
from runner.prompts.filters import FILTERS
from runner.prompts.plain import as_text, refuse_missing

LOOP_ITEMS = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem", "depth", "depth0"}
)

GAP = "\0"
"""Stands in a text for a value that is collected; no text of a command may hold it."""


class MissingValueError(UndefinedError):
    """A value that is not there was used; holds what was asked of what."""

    def __init__(self, undefined: Missing, message: str) -> None:
        super().__init__(message)
        self.hint: str | None = undefined._undefined_hint  # noqa: SLF001 Jinja names the parts of its Undefined so
        self.owner: Any = undefined._undefined_obj  # noqa: SLF001 likewise
        self.item: Any = undefined._undefined_name  # noqa: SLF001 likewise

    @property
    def is_variable(self) -> bool:
        """Whether a whole variable is missing and not an item of one."""
        return self.owner is missing


class Missing(StrictUndefined):
    """A value that is not there: may be asked for `default` and `is defined`, else a MissingValueError."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, exc)
        self._undefined_exception = cast("type[TemplateRuntimeError]", partial(MissingValueError, self))


class BoundedContext(Context):
    """The variables of one rendering, with its budget; `inserted` collects what `{{ }}` gives in place of its text."""

    def __init__(
        self, environment: Sandbox, values: Mapping[str, object], budget: Budget, inserted: list[object] | None = None
    ) -> None:
        super().__init__(environment, cast("dict[str, Any]", values), None, {})
        self.budget = budget
        self.inserted = inserted


@pass_context
def _finalize(context: BoundedContext, value: Any) -> str:
    """Turn what `{{ }}` gives into text, or into a gap for what is collected."""
    if context.inserted is not None:
        return _gap(context, value)
    if type(value) is str:
        return value
    text = as_text(value)
    context.budget.grow(len(text))
    return text


def _gap(context: BoundedContext, value: Any) -> str:
    refuse_missing(value)
    if value is None or (isinstance(value, list | tuple) and None in value):
        raise RenderError("a value is null, and no text says that; write {% if NAME is not none %} before it")
    context.budget.grow(len(as_text(value)))
    cast("list[object]", context.inserted).append(value)
    return GAP


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without globals, attributes, methods and calls."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=Missing,
            finalize=_finalize,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = dict(FILTERS)
        self.tests = dict(TESTS)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 nothing is
        """Refuse every call; syntax.py refuses them before."""
        return False

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Give the item of a mapping, or of `loop`; nothing else has any."""
        if type(obj) is dict and attribute in obj:  # nearly always
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in LOOP_ITEMS:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Give the item of a mapping by key, of a list or text by index; what is missing stays missing below."""
        if isinstance(obj, Undefined):
            return obj
        refuse_missing(argument)
        if isinstance(obj, Mapping):
            if isinstance(argument, Hashable) and argument in obj:
                return obj[argument]
        elif isinstance(obj, list | tuple | str) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out `+ * ** %` within the budget."""
        return OPERATIONS[operator](cast("BoundedContext", context).budget, left, right)


def _add(budget: Budget, left: Any, right: Any) -> Any:
    refuse_missing(left, right)
    try:
        result = left + right
    except TypeError:
        raise RenderError("+ adds two numbers, two texts or two lists; join pieces of text with ~") from None
    budget.charge(result)
    return result


def _multiply(budget: Budget, left: Any, right: Any) -> Any:
    for many, times in ((left, right), (right, left)):
        if isinstance(many, str | list | tuple) and isinstance(times, int):
            budget.charge(many, max(times, 0))
    check_integer(left)
    check_integer(right)
    result = left * right
    check_integer(result)
    return result


def _power(budget: Budget, left: Any, right: Any) -> Any:  # noqa: ARG001 its result costs nothing once it is small
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > 2 * LARGEST_INTEGER_BITS:
        raise RenderError(f"a number grows beyond {LARGEST_INTEGER_BITS} bits")
    try:
        result = left**right
    except OverflowError:
        raise RenderError("a number grows too large") from None
    if isinstance(result, complex):
        raise RenderError("a root of a negative number is no number here")
    check_integer(result)
    return result


def _remainder(budget: Budget, left: Any, right: Any) -> Any:  # noqa: ARG001 a remainder is small
    if isinstance(left, str):
        raise RenderError("% formats no text here; join pieces with ~")
    return operator.mod(left, right)


OPERATIONS = {"+": _add, "*": _multiply, "**": _power, "%": _remainder}
