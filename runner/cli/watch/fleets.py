"""What many hosts answered as one table: a row for each different answer, and in it only what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.cli.display import as_json, bounded, cut, safe
from runner.cli.watch.line import Line
from runner.runs.fleets import answers_of, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.runs.fleets import Answer

    Row = tuple[str, str, list[str]]

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
    rows = [_row(one, words, most) for one, words in zip(heard, _differences(heard), strict=True)]
    apart = [_row(one, _words(one), most) for one in answers if one.status == "unreachable"]
    wide = [max(len(row[column]) for row in (HEADER, *rows, *apart)) for column in (0, 1)]
    table = [_line(HEADER, wide, width, "bold"), *_lines(rows, wide, width)]
    blank = [Line("")] if rows and apart else []
    return [*table, *blank, *_lines(apart, wide, width)]


def _row(answer: Answer, words: list[str], most: int | None) -> Row:
    return safe(joined(answer.hosts)), answer.status, bounded(words, most)


def _lines(rows: Sequence[Row], wide: Sequence[int], width: int | None) -> Iterator[Line]:
    for hosts, status, words in rows:
        first, *more = words or [""]
        yield _line((hosts, status, first), wide, width, STYLES[status])
        for word in more:
            yield _line(("", "", word), wide, width, STYLES[status])


def _line(cells: tuple[str, str, str], wide: Sequence[int], width: int | None, style: str) -> Line:
    hosts, status, words = cells
    shown = words if width is None else cut(words, width)
    return Line(f"{hosts.ljust(wide[0])}  {status.ljust(wide[1])}  {shown}".rstrip(), style)


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
    if not fields and "text" in output:
        return _text(output["text"])
    return [line for name, value in fields.items() for line in _field(str(name), value)]


def _field(name: str, value: Any) -> list[str]:
    label = f"{safe(name)}: " if name else ""
    if isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        return [f"{label}{as_json(item)}" for item in value]
    if isinstance(value, str):
        return [f"{label}{line}" for line in _text(value)] or [label.rstrip()]
    return [f"{label}{as_json(value)}"]


def _text(text: Any) -> list[str]:
    stripped = str(text).strip("\n")
    return safe(stripped).split("\n") if stripped else []
