"""The report on lengths and complexity, on small packages written here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev import size
from dev.size import Measure

BRANCHES = "".join(f"    if x == {n}:\n        return {n}\n" for n in range(10))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A root with a package of one file: a short method, a long function, a complex one."""
    (tmp_path / "runner").mkdir()
    short = "class A:\n    def short(self):\n        pass\n"
    long = "def long():\n" + "    pass\n" * 41
    (tmp_path / "runner" / "a.py").write_text(f"{short}{long}def forked(x):\n{BRANCHES}    return x\n")
    return tmp_path


def test_functions_are_measured_longest_first(package: Path) -> None:
    """Methods carry their class's name; the `def` line counts."""
    assert size.measure(package, "runner").functions == [
        Measure("runner/a.py:long", 42),
        Measure("runner/a.py:forked", 22),
        Measure("runner/a.py:A.short", 2),
    ]


def test_what_is_over_a_limit_is_named(package: Path) -> None:
    """One function is too long, one too complex, no file is too long."""
    sizes = size.measure(package, "runner")
    assert sizes.long_functions == [Measure("runner/a.py:long", 42)]
    assert sizes.complex_functions == [Measure("runner/a.py:forked", 11)]
    assert sizes.long_files == []


def test_a_file_over_250_lines_is_named(package: Path) -> None:
    """The limit itself is allowed, one line more is not."""
    (package / "runner" / "b.py").write_text("x = 1\n" * 250)
    (package / "runner" / "c.py").write_text("x = 1\n" * 251)
    assert size.measure(package, "runner").long_files == [Measure("runner/c.py", 251)]


def test_an_exception_without_a_reason_allows_nothing() -> None:
    """Comments and bare names are passed over."""
    assert size.read_allowed("# why\n\nrunner/a.py\nrunner/b.py  a table\n") == {"runner/b.py": "a table"}


def test_each_exception_is_still_needed() -> None:
    """What became shorter leaves the list."""
    sizes = size.measure(size.ROOT, "runner")
    over = {one.name for one in [*sizes.long_functions, *sizes.long_files, *sizes.complex_functions]}
    assert set(size.read_allowed(size.ALLOWED.read_text())) <= over
