"""The tests a template may use behind `is`; each looks at the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.tests import TESTS as JINJA_TESTS

from runner.prompts.failures import RenderError
from runner.prompts.plain import refuse_missing

TESTS_OF_PRESENCE = frozenset({"defined", "undefined"})
NAMES = (
    "defined undefined none boolean true false integer float number string mapping sequence iterable odd even "
    "divisibleby lower upper in == eq equalto != ne > gt greaterthan >= ge < lt lessthan <= le"
)
JINJA: Mapping[str, Any] = JINJA_TESTS


def _bounded_test(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def apply(context: Any, value: Any, *rest: Any) -> bool:
        if name not in TESTS_OF_PRESENCE:
            refuse_missing(value, *rest)
        context.budget.look_at_clock()
        try:
            return bool(function(value, *rest))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise RenderError(f"the test {name!r} fails: {error}") from error

    return apply


TESTS: dict[str, Callable[..., Any]] = {name: _bounded_test(name, JINJA[name]) for name in NAMES.split()}
