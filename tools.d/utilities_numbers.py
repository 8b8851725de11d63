"""The utilities pack: numbers, units, dates and random values."""

from __future__ import annotations

import ast
import math
import operator
import secrets
import string
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from runner.tools.context import ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 1_000
"""Characters of an expression."""
_LARGEST = 10**100
"""What no number of a calculation exceeds: powers would else take minutes and all of the memory."""
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in ("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "atan")},
    **{name: getattr(math, name) for name in ("floor", "ceil", "radians", "degrees", "hypot", "gcd")},
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
}
_CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}
_UNITS: dict[str, dict[str, float]] = {
    "length": {"mm": 0.001, "cm": 0.01, "m": 1, "km": 1000, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344},
    "mass": {"mg": 1e-6, "g": 0.001, "kg": 1, "t": 1000, "oz": 0.028349523125, "lb": 0.45359237},
    "time": {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400, "week": 604800},
    "size": {
        "bit": 0.125,
        "B": 1,
        "kB": 1e3,
        "MB": 1e6,
        "GB": 1e9,
        "TB": 1e12,
        "KiB": 2**10,
        "MiB": 2**20,
        "GiB": 2**30,
        "TiB": 2**40,
    },
    "speed": {"m/s": 1, "km/h": 1 / 3.6, "mph": 0.44704, "kn": 1852 / 3600},
    "volume": {"ml": 0.001, "cl": 0.01, "l": 1, "m3": 1000, "gal": 3.785411784},
    "energy": {"J": 1, "kJ": 1e3, "Wh": 3600, "kWh": 3.6e6, "cal": 4.184, "kcal": 4184},
}
_KELVIN: dict[str, tuple[float, float]] = {"K": (1, 0), "C": (1, 273.15), "F": (5 / 9, 273.15 - 32 * 5 / 9)}
"""A degree in kelvin, and where its scale begins."""


def calculate(expression: str) -> dict[str, Any]:
    """The value of an expression; it is read, never run as code."""
    if len(expression) > _LONGEST:
        raise ToolFailed(f"the expression has more than {_LONGEST:,} characters", hint="calculate it in parts")
    try:
        value = _value(ast.parse(expression.strip(), mode="eval").body)
    except SyntaxError as error:
        raise ToolFailed(f"the expression cannot be read: {error.msg}", hint="write it as 2 * (3 + 4) ** 2") from error
    except (ArithmeticError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise ToolFailed(f"it has no value: {error}") from error
    return {"value": _bounded(value)}


def convert_unit(value: float, source: str, target: str) -> dict[str, Any]:
    """A value in another unit."""
    if source in _KELVIN and target in _KELVIN:
        (degree, zero), (other, begin) = _KELVIN[source], _KELVIN[target]
        return {"value": round((value * degree + zero - begin) / other, 12), "unit": target}
    for units in _UNITS.values():
        if source in units and target in units:
            return {"value": value * units[source] / units[target], "unit": target}
    kinds = {**{kind: list(units) for kind, units in _UNITS.items()}, "temperature": list(_KELVIN)}
    every = "; ".join(f"{kind}: {', '.join(units)}" for kind, units in kinds.items())
    raise ToolFailed(f"{source!r} cannot be converted into {target!r}", hint=f"there are {every}")


def date_convert(date: str, timezone: str = "UTC", form: str = "") -> dict[str, Any]:
    """A moment in another time zone and form."""
    moment = _moment(date, timezone).astimezone(_zone(timezone))
    year, week, _ = moment.isocalendar()
    return {
        "iso": moment.isoformat(),
        "unix": moment.timestamp(),
        "weekday": moment.strftime("%A"),
        "day_of_year": moment.timetuple().tm_yday,
        "week": f"{year}-W{week:02}",
        "text": moment.strftime(form) if form else moment.isoformat(),
    }


def date_difference(start: str, end: str = "now", timezone: str = "UTC") -> dict[str, Any]:
    """How long it is from one moment to another."""
    # In one zone Python would subtract the clocks on the wall, which a change of them makes wrong.
    first, last = (_moment(text, timezone).astimezone(UTC) for text in (start, end))
    seconds = (last - first).total_seconds()
    days, rest = divmod(abs(int(seconds)), 86400)
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    sign = "-" if seconds < 0 else ""
    return {"seconds": seconds, "days": seconds / 86400, "text": f"{sign}{days} days {clock}"}


def random_value(
    kind: Literal["uuid", "token", "password", "integer", "choice"] = "uuid",
    low: int = 1,
    high: int = 100,
    length: int = 24,
    choices: list[str] = [],  # noqa: B006 - read as a default of the tool
) -> dict[str, Any]:
    """A value that nobody can guess."""
    if kind == "integer" and low > high:
        raise ToolFailed(f"no number lies between {low} and {high}", hint="low is not above high")
    if kind == "choice" and not choices:
        raise ToolFailed("there is nothing to choose from", hint="give `choices`")
    size = min(max(length, 8), 256)
    ways: dict[str, Callable[[], Any]] = {
        "uuid": lambda: str(uuid.uuid4()),
        "token": lambda: secrets.token_hex(size // 2),
        "password": lambda: "".join(secrets.choice(string.ascii_letters + string.digits + "-_.!") for _ in range(size)),
        "integer": lambda: low + secrets.randbelow(high - low + 1),
        "choice": lambda: secrets.choice(choices),
    }
    return {"value": ways[kind]()}


def _value(node: ast.expr) -> Any:
    """The value of a node: numbers, operators, and the functions of the table; nothing else has a meaning."""
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        return _bounded(node.value)
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _power(_value(node.left), _value(node.right))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _bounded(_OPERATORS[type(node.op)](_value(node.left), _value(node.right)))
    if isinstance(node, ast.Call) and not node.keywords and getattr(node.func, "id", "") in _FUNCTIONS:
        return _bounded(_FUNCTIONS[ast.unparse(node.func)](*map(_value, node.args)))
    names = ", ".join((*_FUNCTIONS, *_CONSTANTS))
    raise ToolFailed(f"{ast.unparse(node)!r} has no meaning here", hint=f"numbers, + - * / // % ** and {names}")


def _power(base: Any, exponent: Any) -> Any:
    """Judged before it is made: the size of the result is the length of the base times the exponent."""
    if abs(base) > 1 and abs(exponent) * math.log10(abs(base)) > math.log10(_LARGEST):
        raise ToolFailed("the power is larger than 10^100")
    return _bounded(base**exponent)


def _bounded(value: Any) -> Any:
    if isinstance(value, complex) or not math.isfinite(value):
        raise ToolFailed("the value is no real number")
    if abs(value) > _LARGEST:
        raise ToolFailed("the value is larger than 10^100")
    return value


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError) as error:  # what is not there is a KeyError of its own kind
        raise ToolFailed(f"there is no time zone {name!r}", hint="such as UTC, Europe/Paris") from error
    except KeyError as error:
        raise ToolFailed(f"there is no time zone {name!r}", hint="such as UTC, Europe/Paris") from error


def _moment(text: str, timezone: str) -> datetime:
    """A moment: ISO 8601, seconds since 1970, or now; one without a zone is of the zone that is named."""
    said = text.strip()
    try:
        if said == "now":
            return datetime.now(UTC)
        if said.removeprefix("-").replace(".", "", 1).isdigit() and len(said) != len("20260101"):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(said))
        moment = datetime.fromisoformat(said)
    except (ValueError, OverflowError) as error:
        hint = "write 2026-05-31, 2026-05-31T14:30:00+02:00, seconds since 1970, or now"
        raise ToolFailed(f"{text!r} is no date", hint=hint) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_zone(timezone))
