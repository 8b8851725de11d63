"""Texts that are cut bear the sign of it."""

from __future__ import annotations

from runner.spec.cuts import CUT, begin_of, end_of, some_of


def test_a_cut_is_signed_and_what_fits_is_not() -> None:
    """At the end that is missing."""
    assert (begin_of("abc", 3), begin_of("abcd", 3)) == ("abc", "abc…")
    assert (end_of("abc", 3), end_of("abcd", 3)) == ("abc", "…bcd")


def test_every_sign_of_a_cut_is_known() -> None:
    """Also those in the middle of outputs and answers."""
    text = "a…b\n[... 1,024 bytes left out ...]\nc\n[... 12 characters left out ...]\nd"
    assert CUT.split(text) == ["a", "b", "c", "d"]


def test_a_list_that_is_cut_says_how_many_are_left_out() -> None:
    """One that fits says nothing."""
    assert (some_of("abc", 3), some_of("abcde", 3), some_of((), 3)) == ("a, b, c", "a, b, c and 2 more", "")
