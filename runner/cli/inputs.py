"""What was typed as inputs, as values of the types that the workflow asks for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.project.project import WorkflowEntry
    from runner.spec.types import Fields, Type


def given(entry: WorkflowEntry, text: str | None, pairs: Sequence[str]) -> dict[str, Any]:
    """The inputs of a run; raises `UsageError` for what the command line alone can tell."""
    values = typed(entry, text, pairs)
    if entry.spec.inputs is not None:
        _refuse_what_lacks(entry, entry.spec.inputs, values)
    return values


def typed(entry: WorkflowEntry, text: str | None, pairs: Sequence[str]) -> dict[str, Any]:
    """The inputs that were typed, by their types, also when others lack; raises `UsageError`."""
    fields = entry.spec.inputs
    texts = texts_of(pairs)
    if text is not None:
        name = _name_for_text(entry, fields, text)
        if name in texts:
            raise UsageError(f"{name} is given twice: as TEXT and with -i")
        texts[name] = _piped() if text == "-" else text
    if fields is None:
        return dict(texts)
    try:
        values = fields.from_texts(texts)
    except ValueError as error:
        raise UsageError(f"inputs of {entry.name}: {error}") from error
    return {name: _absolute(fields.types.get(name), value) for name, value in values.items()}


def _piped() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise UsageError("what is piped is no UTF-8 text") from error


def _refuse_what_lacks(entry: WorkflowEntry, fields: Fields, values: Mapping[str, Any]) -> None:
    """Say how a missing input is given; a wrong name is told of first, by who starts the run: it may be meant."""
    missing = [name for name, kind in fields.types.items() if kind.required and name not in values]
    if not missing or any(name not in fields.types for name in values):
        return
    pairs = " ".join(f"-i {name}=…" for name in missing)
    hint = f"`{pairs}`"
    if len(missing) == 1 and missing == fields.for_text:
        hint = f'`runner run {entry.name} "TEXT"` or {hint}'
    what = "; ".join(f"{name}: is missing" for name in missing)
    raise UsageError(f"inputs of {entry.name}: {what}", hint=f"write {hint}")


def texts_of(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE, as it was typed, by name; raises `UsageError`."""
    texts: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"-i {pair} is no input", hint="write -i NAME=VALUE")
        if name in texts:
            raise UsageError(f"-i {name}=… is given twice", hint=f"a list is given at once: -i {name}=a,b")
        texts[name] = value
    return texts


def _name_for_text(entry: WorkflowEntry, fields: Fields | None, text: str) -> str:
    """The input that TEXT is for: `text`, or the only `str` that must be given."""
    names = fields.for_text if fields else []
    if len(names) != 1:
        known = ", ".join(fields.types if fields else ()) or "none"
        hint = f"its inputs: {known}; write -i NAME=VALUE"
        if fields and text.partition("=")[0] in fields.types:
            hint = f"write -i {text}"
        raise UsageError(f"{entry.name} has no input that TEXT could be for", hint=hint)
    return names[0]


def _absolute(kind: Type | None, value: Any) -> Any:
    """A path as typed is seen from where it was typed, not from where a daemon began."""
    is_path = kind is not None and kind.word == "a path" and isinstance(value, str)
    return str(Path(value).absolute()) if is_path else value
