"""How exit codes are written that stand in another shape."""

from __future__ import annotations

from typing import Any

import pytest

from runner.project.meant.exit_codes import of_value


@pytest.mark.parametrize(
    "loc, value, begin",
    [
        (("exit",), 3, "write {0: ok, 3: ok}; "),
        (("exit",), [1, 0], "write {0: ok, 1: ok}; "),
        (("exit",), "0-3", ""),
        (("exit",), True, ""),
        (("exit", "no"), [1, 2], "the code stands before its word: write {1: no, 2: no}"),
        (("exit", "ok"), 0, "the code stands before its word: write {0: ok}"),
        (("exit", 3), "error", "leave it out, as in {0: ok}: "),
        (("exit", 3), "warning", "`ok` and `no` are answers"),
    ],
)
def test_exit_codes_of_another_shape_are_written_out(loc: tuple[str | int, ...], value: Any, begin: str) -> None:
    """Nothing is told of what names no codes."""
    hint = of_value(loc, value)
    assert hint.startswith(begin)
    assert bool(hint) == bool(begin)
