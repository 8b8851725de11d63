"""Paths into JSON."""

from __future__ import annotations

from typing import Any

import pytest

from runner.tools.http.paths import NotFound, find, parse

DATA = {"web": {"results": [{"title": "a", "n": [1, 2]}, {"title": "b", "n": []}]}, "a b": {"c.d": None}, "$x": 1}

FOUND = [
    ("", DATA),
    ("web.results[0].title", "a"),
    ("web.results[-1].title", "b"),
    ("web.results[*].title", ["a", "b"]),
    ("web.results[*].n[*]", [1, 2]),
    ("web.results[*].n", [[1, 2], []]),
    ('["a b"]["c.d"]', None),
    ('["$x"]', 1),
    ("none?.results[*].title", []),
    ("none?.results", None),
    ("web.results[7]?", None),
    ("web.results[*].none?", [None, None]),
]


@pytest.mark.parametrize("path, found", FOUND)
def test_a_path_leads_to_what_it_names(path: str, found: Any) -> None:
    """Names, numbers, each item, and what may be missing."""
    assert find(DATA, parse(path)) == found


@pytest.mark.parametrize(
    "path", ["none", "web.none", "web.results[2]", "web[0]", "web[*]", "web.results[*].none", '["$x"].a']
)
def test_what_is_not_there_is_told(path: str) -> None:
    """It is never taken for null."""
    with pytest.raises(NotFound, match="there is no"):
        find(DATA, parse(path))


@pytest.mark.parametrize("path", [".", "a.", ".a..b", "a[", "a[]", "a[x]", "a b", "a[**]", "a[0", "$..x", "a??"])
def test_what_is_no_path_is_refused(path: str) -> None:
    """With the place where it stops to be one."""
    with pytest.raises(ValueError, match="is no path"):
        parse(path)
