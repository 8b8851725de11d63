"""What a server says of its tools now beside what was agreed on: old and new, as data and as a diff."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from runner.cli.display import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.tools.mcp.lock import LockedServer, LockedTool

Changes = dict[str, dict[str, dict[str, Any]]]
"""{tool: {field: {old, new}}}: of each changed tool the fields that differ."""
FIELDS = ("description", "params", "annotations")
"""What of a tool is kept word by word; of the rest there is only a digest."""
ELSEWHERE = "what of it differs is not kept in the lock: its output schema, other annotations, or where a text was cut"


def changes_of(before: LockedServer | None, now: LockedServer, names: Iterable[str]) -> Changes:
    """Of each of these tools, which both have, the fields that differ."""
    former = before.tools if before else {}
    return {name: _fields(former[name], now.tools[name]) for name in names}


def lines_of(changed: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The lines of a tool's diff, all of them: what is left out here is where an attacker would write."""
    if not changed:
        yield ELSEWHERE
    for field, both in changed.items():
        yield f"{field}:"
        yield from (f"  {line}" for line in _diff(both["old"], both["new"]))


def _fields(old: LockedTool, new: LockedTool) -> dict[str, dict[str, Any]]:
    said = {field: {"old": getattr(old, field), "new": getattr(new, field)} for field in FIELDS}
    return {field: both for field, both in said.items() if both["old"] != both["new"]}


def _diff(old: Any, new: Any) -> list[str]:
    """The lines that are gone after -, those that came after +, with a line around them."""
    lines = [*unified_diff(_text(old), _text(new), lineterm="", n=1)][2:]  # not its heading
    return [line for line in lines if not line.startswith("@@")]


def _text(value: Any) -> list[str]:
    """As lines; a sentence of a text is a line, as descriptions often are one long line."""
    text = value.replace(". ", ".\n") if isinstance(value, str) else as_json(value, indent=1)
    return text.splitlines()
