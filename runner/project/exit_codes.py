"""How the exit codes of a command are written that stand in another shape, or with words of elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.words import flow

if TYPE_CHECKING:
    from runner.project.findings import Loc

_ANSWERS = ("ok", "no")
_FAILURES = ("fail", "failed", "failure", "error", "errors", "abort", "crash", "exception", "raise", "bad")
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


def of_key() -> str:
    """What stands before the colon."""
    return f"write each code itself, as {{0: ok, 1: no}}: {_FAILURE}"


def _codes(value: Any) -> list[int]:
    """The exit codes that a value names; none when there is anything else in it."""
    codes = value if isinstance(value, list) else [value]
    return codes if all(isinstance(code, int) and not isinstance(code, bool) for code in codes) else []


def _written(codes: list[int], word: str) -> str:
    return flow(dict.fromkeys(codes, word))
