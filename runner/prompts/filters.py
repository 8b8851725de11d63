"""The filters a template may use; each is bounded, and each answers with plain data.

They mean what they mean in Jinja, but give lists where Jinja gives generators, so that a value keeps its type.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from jinja2 import filters as jinja
from jinja2 import pass_context

from runner.prompts.bounds import ITEM_WEIGHT, Budget, check_integer
from runner.prompts.failures import RenderError
from runner.prompts.plain import as_text, plain_for_json, refuse_missing

WIDEST_INDENT = 80
WIDEST_JSON_INDENT = 8
FINEST_PRECISION = 30
LONGEST_RANGE = 100_000


class _Bounded(Protocol):
    """A Jinja context that carries the rendering's budget."""

    budget: Budget
    environment: Any


def _default(_: _Bounded, value: Any, default: Any = "", boolean: bool = False) -> Any:  # noqa: FBT001, FBT002 Jinja's
    return jinja.do_default(value, default, boolean)


def _replace(context: _Bounded, value: Any, old: Any, new: Any, count: int = -1) -> str:
    text, before, after = as_text(value), as_text(old), as_text(new)
    found = text.count(before) if count < 0 else min(count, text.count(before))
    context.budget.grow(found * len(after))
    return text.replace(before, after, count)


def _truncate(context: _Bounded, value: Any, length: int = 255, *rest: Any, **named: Any) -> str:
    try:
        return jinja.do_truncate(context.environment, as_text(value), length, *rest, **named)
    except AssertionError as error:
        raise ValueError(error) from None


def _indent(context: _Bounded, value: Any, width: int | str = 4, *rest: Any, **named: Any) -> str:
    size = len(width) if isinstance(width, str) else width
    if size > WIDEST_INDENT:
        raise ValueError(f"the widest indent is {WIDEST_INDENT}")
    text = as_text(value)
    context.budget.grow((text.count("\n") + 1) * size)
    return jinja.do_indent(text, width, *rest, **named)


def _join(context: _Bounded, value: Iterable[Any], separator: Any = "", attribute: Any = None) -> str:
    items = value if attribute is None else map(jinja.make_attrgetter(context.environment, attribute), value)
    texts = [as_text(item) for item in items]
    between = as_text(separator)
    context.budget.grow(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _to_json(_: _Bounded, value: Any, indent: int | None = None) -> str:
    if indent is not None and indent > WIDEST_JSON_INDENT:
        raise ValueError(f"the widest indent is {WIDEST_JSON_INDENT}")
    return json.dumps(value, ensure_ascii=False, indent=indent, default=plain_for_json)


def _round(_: _Bounded, value: float, precision: int = 0, method: Any = "common") -> float:
    if abs(precision) > FINEST_PRECISION:
        raise ValueError(f"the finest precision is {FINEST_PRECISION}")
    return jinja.do_round(value, precision, method)


def _sum(context: _Bounded, value: Iterable[Any], attribute: Any = None, start: float = 0) -> float:
    items = value if attribute is None else map(jinja.make_attrgetter(context.environment, attribute), value)
    numbers: list[float] = [start, *items]
    for number in numbers:
        if not isinstance(number, int | float):
            raise TypeError(f"{as_text(number)[:40]!r} is not a number")
    return sum(numbers)


def _first(context: _Bounded, value: Iterable[Any]) -> Any:
    for item in value:
        return item
    return context.environment.undefined("there is no first item: it is empty")


def _last(context: _Bounded, value: Any) -> Any:
    for item in reversed(value):
        return item
    return context.environment.undefined("there is no last item: it is empty")


def _reverse(_: _Bounded, value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else list(reversed(value))


def _items(_: _Bounded, value: Any) -> list[Any]:
    if not isinstance(value, Mapping):
        raise TypeError("only a mapping has items")
    return [list(pair) for pair in value.items()]


def _sort_mapping(_: _Bounded, value: Any, *rest: Any, **named: Any) -> list[Any]:
    if not isinstance(value, Mapping):
        raise TypeError("only a mapping can be sorted so")
    return [list(pair) for pair in jinja.do_dictsort(value, *rest, **named)]


def _map(context: Any, value: Iterable[Any], *rest: Any, **named: Any) -> list[Any]:
    result = list(jinja.do_map(context, value, *rest, **named))
    context.budget.charge(result)  # one argument may come back many times
    return result


def _range(context: _Bounded, bounds: list[int]) -> list[int]:
    numbers = range(*bounds)
    if numbers[LONGEST_RANGE:]:
        raise RenderError(f"range() gives at most {LONGEST_RANGE:,} numbers")
    context.budget.grow(len(numbers) * ITEM_WEIGHT)
    return list(numbers)


def _concatenate(context: _Bounded, values: list[Any]) -> str:
    texts = [as_text(value) for value in values]
    context.budget.grow(sum(map(len, texts)))
    return "".join(texts)


@pass_context
def _charge(context: Any, value: Any) -> Any:
    context.budget.charge(value)
    return value


@pass_context
def _iterate(context: Any, value: Any) -> Any:
    context.budget.iterate()
    return value


def _bounded_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    def apply(context: Any, value: Any, *rest: Any, **named: Any) -> Any:
        if function is not _default:
            refuse_missing(value, *rest, *named.values())
        try:
            result = function(context, value, *rest, **named)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            cause = str(error).removeprefix(f"{function.__name__}() ")
            raise RenderError(f"the filter {name!r} fails: {cause}") from error
        if isinstance(result, str | list):
            context.budget.grow(len(result) if isinstance(result, str) else len(result) * ITEM_WEIGHT)
        check_integer(result)
        context.budget.look_at_clock()
        return result

    return apply


_FILTERS: dict[str, Callable[..., Any]] = {
    "abs": lambda _, value: abs(value),
    "capitalize": lambda _, value: as_text(value).capitalize(),
    "d": _default,
    "default": _default,
    "count": lambda _, value: len(value),
    "dictsort": _sort_mapping,
    "first": _first,
    "float": lambda _, value, default=0.0: jinja.do_float(value, default),
    "indent": _indent,
    "int": lambda _, value, default=0, base=10: jinja.do_int(value, default, base),
    "items": _items,
    "join": _join,
    "last": _last,
    "length": lambda _, value: len(value),
    "list": lambda _, value: list(value),
    "lower": lambda _, value: as_text(value).lower(),
    "map": _map,
    "max": lambda context, value, *rest, **named: jinja.do_max(context.environment, value, *rest, **named),
    "min": lambda context, value, *rest, **named: jinja.do_min(context.environment, value, *rest, **named),
    "reject": lambda context, value, *rest: list(jinja.do_reject(context, value, *rest)),
    "rejectattr": lambda context, value, *rest: list(jinja.do_rejectattr(context, value, *rest)),
    "replace": _replace,
    "reverse": _reverse,
    "round": _round,
    "select": lambda context, value, *rest: list(jinja.do_select(context, value, *rest)),
    "selectattr": lambda context, value, *rest: list(jinja.do_selectattr(context, value, *rest)),
    "sort": lambda context, value, *rest, **named: jinja.do_sort(context.environment, value, *rest, **named),
    "string": lambda _, value: as_text(value),
    "sum": _sum,
    "title": lambda _, value: jinja.do_title(as_text(value)),
    "tojson": _to_json,
    "trim": lambda _, value, characters=None: as_text(value).strip(characters),
    "truncate": _truncate,
    "unique": lambda context, value, *rest, **named: list(jinja.do_unique(context.environment, value, *rest, **named)),
    "upper": lambda _, value: as_text(value).upper(),
}

NAMES_OF_FILTERS = frozenset(_FILTERS)
"""What an author may write behind `|`."""
FILTERS: dict[str, Callable[..., Any]] = {
    **{name: _bounded_filter(name, function) for name, function in _FILTERS.items()},
    # These stand for constructs of the language; bounding.py puts them into a template.
    "_charge": _charge,
    "_concatenate": _bounded_filter("~", _concatenate),
    "_iterate": _iterate,
    "_range": _bounded_filter("range", _range),
}
