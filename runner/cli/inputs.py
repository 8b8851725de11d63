"""What was typed as inputs, as values of the types that the workflow asks for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.project import WorkflowEntry
    from runner.spec.types import Fields, Type


def given(entry: WorkflowEntry, text: str | None, pairs: Sequence[str]) -> dict[str, Any]:
    """The inputs of a run; raises `UsageError` for what the command line alone can tell."""
    fields = entry.spec.inputs
    texts = _pairs(pairs)
    if text is not None:
        name = _name_for_text(entry, fields)
        if name in texts:
            raise UsageError(f"{name} is given twice: as TEXT and with -i")
        texts[name] = sys.stdin.read() if text == "-" else text
    if fields is None:
        return dict(texts)
    try:
        values = fields.from_texts(texts)
    except ValueError as error:
        raise UsageError(f"inputs of {entry.name}: {error}") from error
    return {name: _absolute(fields.types.get(name), value) for name, value in values.items()}


def _pairs(pairs: Sequence[str]) -> dict[str, str]:
    texts = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"-i {pair} is no input", hint="write -i NAME=VALUE")
        texts[name] = value
    return texts


def _name_for_text(entry: WorkflowEntry, fields: Fields | None) -> str:
    """The input that TEXT is for: `text`, or the only `str` that must be given."""
    types = fields.types if fields else {}
    if "text" in types:
        return "text"
    required = [name for name, kind in types.items() if kind.required and kind.word == "a text"]
    if len(required) != 1:
        known = ", ".join(types) or "none"
        raise UsageError(
            f"{entry.name} has no input that TEXT could be for", hint=f"its inputs: {known}; write -i NAME=VALUE"
        )
    return required[0]


def _absolute(kind: Type | None, value: Any) -> Any:
    """A path as typed is seen from where it was typed, not from where a daemon began."""
    is_path = kind is not None and kind.word == "a path" and isinstance(value, str)
    return str(Path(value).absolute()) if is_path else value
