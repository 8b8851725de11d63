"""The files pack: finding files by name and by the text in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from runner.tools.context import Context, ToolFailed

Put = Callable[[dict[str, str]], None]


@pytest.fixture
def with_code(put: Put, workspace: Path) -> Path:
    """Code, tests, a binary, and folders that no search enters."""
    put(
        {
            "src/prices.py": "def parse_price(text):\n    return 1  # (a)\n",
            "src/deep/test_prices.py": "parse_price\n",
            "tests/test_totals.py": "Parse_Price\n",
            "README.md": "prices\n",
            ".git/prices.py": "parse_price\n",
            ".venv/lib/prices.py": "parse_price\n",
            "src/__pycache__/prices.py": "parse_price\n",
            ".runner/prices.py": "parse_price\n",
        }
    )
    (workspace / "data.bin").write_bytes(b"\0parse_price\n")
    return workspace


@pytest.mark.parametrize(
    "pattern, found",
    [
        ("prices.py", ["src/prices.py", "src/deep/test_prices.py"]),
        ("*.md", ["README.md"]),
        ("readme", ["README.md"]),
        ("test_[pq]*.py", ["src/deep/test_prices.py"]),
        ("test_[!p]*", ["tests/test_totals.py"]),
        ("src/**/*.py", ["src/prices.py", "src/deep/test_prices.py"]),
        ("src/*.py", ["src/prices.py"]),
        ("./src/prices", ["src/prices.py"]),
        ("dee?", ["src/deep/"]),
        ("nothing*", []),
    ],
)
def test_names_are_found_by_glob_and_by_part(
    search: ModuleType, context: Context, with_code: Path, pattern: str, found: list[str]
) -> None:
    """By name, by whole path with a slash, case apart; never in folders of tools."""
    assert search.search_files(context, pattern) == {"paths": found, "count": len(found)}


def test_paths_are_from_the_workspace_on_also_below_a_folder(
    search: ModuleType, context: Context, with_code: Path
) -> None:
    """What is found can be read as it stands."""
    assert search.search_files(context, "*.py", "src/deep")["paths"] == ["src/deep/test_prices.py"]
    assert search.search_files(context, "*", limit=1)["count"] > 1


def test_text_is_found_with_its_line(search: ModuleType, context: Context, with_code: Path) -> None:
    """Not in binaries, not in folders of tools, not in another case."""
    found = search.search_directory(context, "parse_price")
    assert found == {
        "matches": ["src/prices.py:1: def parse_price(text):", "src/deep/test_prices.py:1: parse_price"],
        "more": False,
    }


def test_a_search_is_narrowed_and_widened_by_its_choices(search: ModuleType, context: Context, with_code: Path) -> None:
    """File names, case, one file, plain text and the limit."""
    assert search.search_directory(context, "parse_price", ignore_case=True, files="tests/*")["matches"] == [
        "tests/test_totals.py:1: Parse_Price"
    ]
    assert search.search_directory(context, "(a)", "src/prices.py", regex=False)["matches"] == [
        "src/prices.py:2: return 1  # (a)"
    ]
    assert search.search_directory(context, "parse_price", limit=1)["more"] is True


def test_a_bad_expression_leads_to_plain_text(search: ModuleType, context: Context, with_code: Path) -> None:
    """The hint names the choice that makes it work."""
    with pytest.raises(ToolFailed, match=r"'def f\(' is no regular expression") as caught:
        search.search_directory(context, "def f(")
    assert "regex to false" in caught.value.hint


def test_a_search_stays_in_the_workspace_and_out_of_runners_folder(
    search: ModuleType, put: Put, context: Context, with_code: Path
) -> None:
    """By no link and no name."""
    put({"../outside/prices.py": "parse_price\n"})
    (with_code / "out").symlink_to(with_code.parent / "outside")
    (with_code / "tests/link.py").symlink_to("../.runner/prices.py")
    assert search.search_directory(context, "parse_price", "tests")["matches"] == []
    assert all("out" not in path.split("/") for path in search.search_files(context, "prices.py")["paths"])
    for path in ("out", "..", ".runner"):
        with pytest.raises(ToolFailed):
            search.search_directory(context, "parse_price", path)
