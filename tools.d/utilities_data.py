"""The utilities pack: data - JSON, YAML, TOML and CSV, asked, checked, converted and summed up."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import tomllib
from typing import TYPE_CHECKING, Any, Literal

from utilities_text import bounded, content

from runner.tools.context import Context, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STEP = re.compile(r"""\.?([^\W\d][\w-]*)|\[(-?\d+)\]|\[(\*)\]|\[["']([^"']*)["']\]""")
_ROWS = 1_000
_HINT = "a path is written as items[0].name or items[*].name"
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "contains": lambda a, b: str(b).casefold() in str(a).casefold(),
}


def json_query(context: Context, query: str, text: str | None = None, path: str | None = None) -> dict[str, Any]:
    """The values that a path leads to."""
    found = [_read(content(context, text, path), "json")]
    place = 0
    while place < len(query):
        step = _STEP.match(query, place)
        if step is None:
            raise ToolFailed(f"the path {query!r} cannot be read from character {place + 1} on", hint=_HINT)
        found = [inner for value in found for inner in _below(value, step, query[:place] or "the top")]
        place = step.end()
    return {"count": len(found), "values": found[:_ROWS]}


def json_validate(
    context: Context, schema: dict[str, Any], text: str | None = None, path: str | None = None
) -> dict[str, Any]:
    """Whether JSON fits a schema, and where it does not."""
    from jsonschema import Draft202012Validator, SchemaError
    from referencing import Registry

    data = _read(content(context, text, path), "json")
    try:
        Draft202012Validator.check_schema(schema)
        # An empty registry: a schema that names another one by its address is not looked up.
        errors = list(Draft202012Validator(schema, registry=Registry()).iter_errors(data))
    except SchemaError as error:
        raise ToolFailed(f"the schema is none: {error.message}") from error
    except Exception as error:  # what a schema refers to and is not there
        raise ToolFailed(f"the schema cannot be used: {error}") from error
    rows = [{"path": error.json_path, "message": error.message[:500]} for error in errors[:100]]
    return {"valid": not errors, "count": len(errors), "errors": rows}


def convert_data(
    context: Context,
    source: Literal["json", "yaml", "toml", "csv"],
    target: Literal["json", "yaml", "csv", "markdown"],
    text: str | None = None,
    path: str | None = None,
) -> dict[str, Any]:
    """The same data in another notation."""
    data = _read(content(context, text, path), source)
    if target == "json":
        return bounded(json.dumps(data, ensure_ascii=False, indent=2, default=str))
    if target == "yaml":
        import yaml

        return bounded(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    columns, rows = _as_table(data)
    if target == "markdown":
        lines = [columns, ["---"] * len(columns), *rows]
        return bounded("\n".join(f"| {' | '.join(map(_in_markdown, line))} |" for line in lines))
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([columns, *rows])
    return bounded(made.getvalue())


def csv_query(
    context: Context,
    text: str | None = None,
    path: str | None = None,
    where: list[str] = [],  # noqa: B006 - read as a default of the tool
    columns: list[str] = [],  # noqa: B006 - likewise
    sort: str = "",
    limit: int = 100,
) -> dict[str, Any]:
    """The rows that fit all conditions."""
    names, rows = _csv(content(context, text, path))
    for name in [*columns, *filter(None, [sort.removeprefix("-")])]:
        _known(name, names)
    for condition in where:
        rows = [row for row in rows if _fits(row, condition, names)]
    if sort:
        rows.sort(key=lambda row: _key(row[sort.removeprefix("-")]), reverse=sort.startswith("-"))
    shown = [{name: row[name] for name in columns or names} for row in rows[: min(max(limit, 1), _ROWS)]]
    return {"count": len(rows), "rows": shown}


def csv_summary(context: Context, text: str | None = None, path: str | None = None) -> dict[str, Any]:
    """What each column holds."""
    names, rows = _csv(content(context, text, path))
    return {"rows": len(rows), "columns": [{"name": name, **_summary([row[name] for row in rows])} for name in names]}


def _read(text: str, notation: str) -> Any:
    try:
        if notation == "json":
            return json.loads(text)
        if notation == "toml":
            return tomllib.loads(text)
        if notation == "yaml":
            return _yaml(text)
    except ValueError as error:
        raise ToolFailed(f"this is no {notation.upper()}: {error}") from error
    except RecursionError as error:
        raise ToolFailed(f"the {notation.upper()} is nested too deep") from error
    names, rows = _csv(text)
    return [{name: row[name] for name in names} for row in rows]


def _yaml(text: str) -> Any:
    """YAML without aliases: some lines of them can stand for more than fits in memory."""
    import yaml

    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader)):
            raise ToolFailed("the YAML holds aliases, which are not followed", hint="write the values out")
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _below(value: Any, step: re.Match[str], at: str) -> Iterator[Any]:
    """The values one step below; of several items those that have it."""
    name, index, every, quoted = step.groups()
    if every:
        yield from value.values() if isinstance(value, dict) else _list(value, at)
    elif index is not None:
        items = _list(value, at)
        if not -len(items) <= int(index) < len(items):
            raise ToolFailed(f"{at} has {len(items)} items, and none with the number {index}")
        yield items[int(index)]
    else:
        key = name if name is not None else quoted
        if not isinstance(value, dict) or key not in value:
            keys = ", ".join(list(value)[:30]) if isinstance(value, dict) else "no keys"
            raise ToolFailed(f"{at} has no `{key}`", hint=f"there are: {keys or 'none'}")
        yield value[key]


def _list(value: Any, at: str) -> list[Any]:
    if not isinstance(value, list):
        raise ToolFailed(f"{at} is no list", hint=_HINT)
    return value


def _as_table(data: Any) -> tuple[list[str], list[list[str]]]:
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise ToolFailed("only a list of mappings is a table", hint="json_query finds a list inside of the data")
    columns = list(dict.fromkeys(str(key) for row in data for key in row))
    return columns, [[_cell(row.get(column)) for column in columns] for row in data]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _in_markdown(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def _csv(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """The columns and rows; the sign between them is found out."""
    try:
        dialect: Any = csv.Sniffer().sniff(text[:10_000].split("\n", 1)[0], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), dialect))
    except csv.Error as error:
        raise ToolFailed(f"this is no CSV: {error}") from error
    names = lines[0] if lines else []
    if len(set(names)) != len(names):
        raise ToolFailed("two columns have the same name", hint="the first line names the columns")
    return names, [dict(zip(names, [*line, *[""] * len(names)], strict=False)) for line in lines[1:] if line]


def _known(name: str, names: list[str]) -> str:
    if name not in names:
        raise ToolFailed(f"there is no column {name!r}", hint=f"there are: {', '.join(names)}")
    return name


def _fits(row: dict[str, str], condition: str, names: list[str]) -> bool:
    """Whether a row fits `column operator value`; both sides are numbers when they can be."""
    parts = re.fullmatch(r"(.+?) *(!=|<=|>=|=|<|>| contains ) *(.*)", condition.strip())
    if parts is None:
        raise ToolFailed(f"{condition!r} is no condition", hint="write age >= 30, city = Paris or name contains an")
    column, operator, value = parts[1], parts[2].strip(), parts[3]
    one, other = _key(row[_known(column, names)]), _key(value)
    if operator == "contains" or one[0] != other[0]:
        one, other = (1, row[column]), (1, value)
    return _COMPARE[operator](one[1], other[1])


def _key(value: str) -> tuple[int, Any]:
    """How a value is ordered: numbers by size and first, texts by their letters."""
    try:
        return 0, float(value)
    except ValueError:
        return 1, value.casefold()


def _summary(values: list[str]) -> dict[str, Any]:
    there = [value for value in values if value.strip()]
    numbers = [number for kind, number in map(_key, there) if kind == 0]
    about: dict[str, Any] = {"empty": len(values) - len(there), "distinct": len(set(there))}
    if there and len(numbers) == len(there):
        mean = statistics.fmean(numbers)
        return {"kind": "number", **about, "min": min(numbers), "max": max(numbers), "mean": mean, "sum": sum(numbers)}
    return {"kind": "text", **about, "examples": sorted(set(there))[:5]}
