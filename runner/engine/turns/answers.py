"""What a reply comes to: its text, or the fields of `output`; almost JSON is mended once, never what was cut short."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.errors import OutputInvalid
from runner.models.arguments import loads, repaired
from runner.models.parsing import is_deep, parse
from runner.spec.types import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.errors import StepFailed
    from runner.spec.types import Fields

CUT = "length"
"""How an answer finishes that reached the most tokens it may have."""
_OBJECTS = 20
"""Places of a text at which an object is looked for."""
_SHOWN = 30
"""Characters that are told of what stands before a fault."""
_FAULTS = {
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name": "a name in double quotes is missing",
    "Illegal trailing comma": "a comma is too many",
    "Unterminated string": "a text is never closed that begins",
    "Invalid control character": "a control character stands",
    "Invalid \\": "a backslash stands before what it cannot stand before",
    "Extra data": "the answer goes on behind its end",
}
"""What the reader of JSON complains of, by the beginning of its words."""


def answer_of(text: str, output: Fields | None, finish: str = "stop") -> Any:
    """The answer; raises `OutputInvalid` for one that does not fit. A text that was cut short stands as it is."""
    if output is None:
        return text
    bare = _bare(text)
    value = loads(bare)
    try:
        if value is not None:
            return output.check(value)
    except Mismatch as mismatch:
        raise _misfit(str(mismatch)) from mismatch
    found = list(_fitting(bare, output))
    if len(found) == 1:
        return found[0]
    if finish == CUT:
        raise _misfit("it was cut short at the most tokens that an answer may have")
    return _mended(bare, output)


def asking_again(fault: str, finish: str) -> str:
    """The words in which a model is asked for its answer once more."""
    shorter = ", shorter" if finish == CUT else ""
    return f"{fault}. Answer again{shorter}; give nothing but the answer."


def given_up(fault: StepFailed, file: str, model: str) -> OutputInvalid:
    """The failure of an agent, told by its file, whose model has given no answer that fits."""
    hint = f"say more plainly in {file} what it is to answer (`prompt`, `examples`), or name another `model`"
    return OutputInvalid(f"model {model}: {fault.message}", match=fault.match, hint=hint)


def _bare(text: str) -> str:
    """The text without the fence that many models put around JSON."""
    bare = text.strip()
    if bare.startswith("```"):
        bare = bare.removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    return bare


def _fitting(text: str, output: Fields) -> Iterator[Any]:
    """The objects inside a text that fit: of two, nobody knows which is the answer."""
    decoder, at = json.JSONDecoder(strict=False), -1
    for _ in range(_OBJECTS):
        at = text.find("{", at + 1)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
            if is_deep(value):
                continue
            fields = output.check(value)
        except (ValueError, RecursionError):
            continue
        yield fields
        at = end - 1


def _mended(text: str, output: Fields) -> Any:
    """The fields of what is almost JSON: quotes, commas and escapes are put right, nothing is made up."""
    whole = text.startswith("{") and text.endswith("}") and text.count("{") == text.count("}")
    try:
        if whole and text.count("[") == text.count("]"):
            return output.check(repaired(text))
    except Mismatch:
        pass  # told as it was written, not as it was mended
    try:
        parse(text)
    except json.JSONDecodeError as error:
        raise _misfit(f"it is no JSON: {_fault_at(text, error)}") from error
    except ValueError as error:
        raise _misfit(f"it is no JSON object: {error}") from error
    raise _misfit("it is no JSON object")


def _fault_at(text: str, error: json.JSONDecodeError) -> str:
    """What is wrong, and where: models do not count characters, so those before it are told, too."""
    what = next((words for start, words in _FAULTS.items() if error.msg.startswith(start)), "something is wrong")
    before = " ".join(text[max(0, error.pos - _SHOWN) : error.pos].split())
    return f"{what} at character {error.pos + 1}{f', behind `{before}`' if before else ''}"


def _misfit(why: str) -> OutputInvalid:
    return OutputInvalid(f"the answer does not fit the declared output: {why}")
