"""How the exit codes of a command are written that stand in another shape, or with words of elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.words import flow

if TYPE_CHECKING:
    from runner.project.findings import Loc

_ANSWERS = ("ok", "no")
_FAILURES = ("fail", "failed", "failure", "error", "errors", "abort", "crash", "exception", "raise", "bad")
_OTHERS = ("else", "default", "other", "others", "otherwise", "*", "_", "any", "all", "rest", "nonzero")
"""What stands elsewhere for all codes that are not named."""
_FAILURE = "a code that is not named is a failure"


def of_value(loc: Loc, value: Any) -> str:
    """What is written at `exit`, or below it; `loc` begins there."""
    if len(loc) > 1:
        codes = _codes(value)
        if loc[1] in _ANSWERS and codes:
            return f"the code stands before its word: write {_written(codes, str(loc[1]))}"
        if value in _FAILURES:
            return f"leave it out, as in {{0: ok}}: {_FAILURE}"
        return f"`ok` and `no` are answers, as of a test that passes or not; {_FAILURE}"
    codes = sorted({0, *_codes(value)}) if _codes(value) else []
    return f"write {_written(codes, 'ok')}; {_FAILURE}" if codes else ""


def turned(value: Any) -> str:
    """What is written where all the words of an answer stand before their codes; nothing for anything else."""
    is_turned = isinstance(value, dict) and value and all(key in (*_ANSWERS, *_FAILURES) for key in value)
    if not is_turned or not all(map(_codes, value.values())):
        return ""
    written = {code: word for word, codes in value.items() if word in _ANSWERS for code in _codes(codes)}
    if not written:
        return ""
    aside = "" if set(value) <= set(_ANSWERS) else f"; {_FAILURE}"
    return f"the code stands before its word: write {flow(written)}{aside}"


def of_key(key: object) -> str:
    """What stands before the colon in place of `key`, which is no code."""
    if str(key).strip() in _OTHERS:
        return f"there is no word for the others: {_FAILURE}; write each, such as {{0: ok, 3: no}}"
    return f"write each code itself, as {{0: ok, 1: no}}: {_FAILURE}"


def _codes(value: Any) -> list[int]:
    """The exit codes that a value names; none when there is anything else in it."""
    codes = value if isinstance(value, list) else [value]
    return codes if all(isinstance(code, int) and not isinstance(code, bool) for code in codes) else []


def _written(codes: list[int], word: str) -> str:
    return flow(dict.fromkeys(codes, word))
