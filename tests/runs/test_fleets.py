"""The record of a call on many hosts, read back."""

from __future__ import annotations

from typing import Any

import pytest

from runner.runs.fleets import Answer, answers_of, counted, joined

OUTPUT: dict[str, Any] = {
    "ok": ["web1", "web2"],
    "no": [],
    "failed": ["web3"],
    "unreachable": [],
    "skipped": [],
    "answers": [
        {"status": "ok", "hosts": ["web1", "web2"], "output": {"text": "a\n"}},
        {"status": "failed", "hosts": ["web3"], "output": {"error": "exit 3"}},
    ],
}


def test_the_different_answers_are_read_back() -> None:
    """Each with the hosts that gave it, in the order of the record."""
    assert answers_of(OUTPUT) == [
        Answer("ok", ("web1", "web2"), {"text": "a\n"}),
        Answer("failed", ("web3",), {"error": "exit 3"}),
    ]


@pytest.mark.parametrize(
    "output",
    [
        None,
        "text",
        [],
        {"answers": []},
        {**OUTPUT, "more": 1},
        {**OUTPUT, "answers": "all of them"},
        {**OUTPUT, "answers": [{"status": "ok", "hosts": "web1", "output": None}]},
        {**OUTPUT, "answers": [{"status": "ok", "hosts": [1], "output": None}]},
        {**OUTPUT, "answers": [{"status": "fine", "hosts": ["web1"], "output": None}]},
        {**OUTPUT, "answers": [{"status": ["ok"], "hosts": ["web1"], "output": None}]},
        {**OUTPUT, "answers": [{"status": "ok", "hosts": ["web1"]}]},
        {**OUTPUT, "answers": [None]},
    ],
)
def test_what_only_looks_like_it_is_an_output_as_any_other(output: Any) -> None:
    """A tool may answer with anything."""
    assert answers_of(output) is None


def test_hosts_are_counted_by_what_became_of_them() -> None:
    """Without those that are none."""
    assert counted(answers_of(OUTPUT) or []) == "3 hosts: 2 ok, 1 failed"


@pytest.mark.parametrize("count, words", [(1, "h0"), (5, "h0, h1, h2, h3, h4"), (7, "h0, h1, h2, h3, h4 and 2 more")])
def test_only_the_first_hosts_are_named(count: int, words: str) -> None:
    """The rest is counted."""
    assert joined([f"h{number}" for number in range(count)]) == words
