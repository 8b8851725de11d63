"""What many hosts answered as one table: a row for each different answer, and in it only what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.cli.display import as_json, bounded, cut, safe
from runner.cli.watch.line import Line
from runner.runs.fleets import answers_of, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.runs.fleets import Answer

HEADER = ("HOSTS", "STATUS", "ANSWER")
STYLES = {"ok": "", "no": "red", "failed": "red", "unreachable": "red", "skipped": "dim"}
OF_COMMANDS = frozenset({"text", "exit", "truncated", "blob"})
"""What every command's output has; its other fields say the same and more."""
ANSWERED = ("ok", "no")
"""The statuses of hosts that did what was asked: their answers can be compared."""
ALIKE = "the same lines, in another order or read from another text"


def fleet(output: Any, most: int | None = None, width: int | None = None) -> list[Line]:
    """The lines of a table, at most so many for an answer; none for what is not of many hosts."""
    answers = answers_of(output)
    if answers is None:
        return []
    heard = [one for one in answers if one.status != "unreachable"]
    rows = [*zip(heard, _differences(heard), strict=True)]
    apart = [(one, _words(one)) for one in answers if one.status == "unreachable"]
    shown = [_Row.of(one, words, most, width) for one, words in [*rows, *apart]]
    wide = [max(len(cell) for cell in column) for column in zip(*(row[:2] for row in (HEADER, *shown)), strict=True)]
    blank = [Line("")] if rows and apart else []
    return [_line(HEADER, wide, "bold"), *_lines(shown[: len(rows)], wide), *blank, *_lines(shown[len(rows) :], wide)]


def indented(table: Sequence[Line]) -> list[Line]:
    """The same lines, further in."""
    return [Line(f"    {line.text}".rstrip(), line.style) for line in table]


class _Row(NamedTuple):
    """A row whose last cell has several lines."""

    hosts: str
    status: str
    words: list[str]

    @classmethod
    def of(cls, answer: Answer, words: list[str], most: int | None, width: int | None) -> _Row:
        """The row of an answer, its lines cut and bounded."""
        lines = words if width is None else [cut(word, width) for word in words]
        return cls(safe(joined(answer.hosts)), answer.status, bounded(lines, most) or [""])


def _lines(rows: Sequence[_Row], wide: Sequence[int]) -> Iterator[Line]:
    for hosts, status, (first, *more) in rows:
        yield _line((hosts, status, first), wide, STYLES[status])
        for word in more:
            yield _line(("", "", word), wide, STYLES[status])


def _line(cells: tuple[str, str, str], wide: Sequence[int], style: str) -> Line:
    hosts, status, words = cells
    return Line(f"{hosts.ljust(wide[0])}  {status.ljust(wide[1])}  {words}".rstrip(), style)


# ---------------------------------------------------------------------------------------------------- answers


def _differences(answers: Sequence[Answer]) -> list[list[str]]:
    """The words of each answer; of those that answered, all but the most common only say what differs from it."""
    common = next((one for one in answers if one.status in ANSWERED), None)
    return [
        _difference(_words(common), _words(one))
        if common is not None and one is not common and one.status in ANSWERED
        else _words(one)
        for one in answers
    ]


def _difference(common: Sequence[str], words: list[str]) -> list[str]:
    """Lines that only the common answer has after -, those that only this one has after +; all where none is shared."""
    gone, added = Counter(common) - Counter(words), Counter(words) - Counter(common)
    if not gone and not added:
        return [ALIKE]
    if len(words) == added.total():
        return words
    return [*(f"- {line}" for line in gone.elements()), *(f"+ {line}" for line in added.elements())]


def _words(answer: Answer) -> list[str]:
    """An answer as lines: a field or an item a line."""
    output = answer.output
    if answer.status not in ANSWERED and isinstance(output, Mapping) and "error" in output:
        hint = f"\nhint: {output['hint']}" if output.get("hint") else ""
        return _text(f"{output['error']}{hint}")
    if not isinstance(output, Mapping):
        return [] if output is None else _field("", output)
    fields = {name: value for name, value in output.items() if name not in OF_COMMANDS}
    return _text(output["text"]) if not fields and "text" in output else _field("", fields)


def _field(name: str, value: Any) -> list[str]:
    label = f"{safe(name)}: " if name else ""
    if isinstance(value, Mapping) and value:
        inside = f"{name}." if name else ""
        return [line for key, one in value.items() for line in _field(f"{inside}{key}", one)]
    if isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        return [f"{label}{as_json(item)}" for item in value]
    if isinstance(value, str):
        return [f"{label}{line}" for line in _text(value)] or [label.rstrip()]
    return [f"{label}{as_json(value)}"]


def _text(text: Any) -> list[str]:
    stripped = str(text).strip("\n")
    return safe(stripped).split("\n") if stripped else []
