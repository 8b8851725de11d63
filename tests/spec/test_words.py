"""The word that was probably meant."""

from __future__ import annotations

import pytest

from runner.spec.words import did_you_mean, nearest, snake


@pytest.mark.parametrize(
    "word, meant",
    [
        ("mesage", "message"),
        ("Message", "message"),
        ("run-tests", "run_tests"),
        ("run tests", "run_tests"),
        (" model ", "model"),
        ("tag:docer", "tag:docker"),
        ("std/fils", "std/files"),
    ],
)
def test_a_typo_is_answered_by_the_word_that_was_meant(word: str, meant: str) -> None:
    """Letters, capitals, dashes and blanks may be wrong."""
    known = ["message", "model", "run_tests", "tag:docker", "std/files"]
    assert did_you_mean(word, known) == f"did you mean {meant}?"


def test_a_word_that_is_like_none_has_no_suggestion() -> None:
    """A guess without ground misleads."""
    assert did_you_mean("zebra", ["message", "model"]) == ""
    assert nearest("", ["message"]) == ""


def test_a_stricter_bound_wants_a_closer_word() -> None:
    """`agent` is near to `agents.d` under both; `images` is under neither strict bound."""
    assert nearest("agents", ["agents.d"], cutoff=0.75) == "agents.d"
    assert nearest("imagnts", ["agents.d"], cutoff=0.75) == ""


@pytest.mark.parametrize(
    "word, snaked",
    [("startAt", "start_at"), ("continue-on-error", "continue_on_error"), ("Next", "next"), ("a b", "a_b")],
)
def test_a_name_of_elsewhere_is_compared_as_files_write_it(word: str, snaked: str) -> None:
    """Whatever stands between its words."""
    assert snake(word) == snaked
