"""Secrets that are written out: every way to write one is veiled, and what is none is left to be read."""

from __future__ import annotations

import pytest

from runner.secrets.literals import spans, veiled, without

KEY = "sk-or-v1-abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("w: {password: hunter22, port: 7}", "w: {password: ***, port: 7}"),
        ('w: {"password":"hun, ter"}', 'w: {"password":***}'),
        ("w: {port: 7, sudo_password: 'a b'}", "w: {port: 7, sudo_password: ***}"),
        ("w: {password: [a, b], port: 7}", "w: {password: ***, port: 7}"),
        ("  password: hun, ter}22 #3", "  password: ***"),
        ("  password:hunter22", "  password:***"),
        ("- token: hunter22", "- token: ***"),
        ("w: password: hunter22", "w: password: ***"),
        ("  API_KEY: 12345", "  API_KEY: ***"),
        ("  pasword: hunter22", "  pasword: ***"),
        (f"  prompt: ask {KEY} for it", "  prompt: ask *** for it"),
    ],
)
def test_a_secret_is_veiled_however_it_is_written(text: str, shown: str) -> None:
    """Also where the file is no YAML, and whatever the type of the value."""
    assert veiled(text, 1, 1)[0] == shown


@pytest.mark.parametrize(
    "text",
    [
        "w: {key: ~/.ssh/id_ed25519, password: ${NAS_PASSWORD}}",
        "m: {key: none}",
        'm: {key: "sk-${LAB_KEY}"}',
        "m: {key: $LAB_KEY}",
        "params: {token: text}",
        "password: {type: text}",
        "password:\n  type: text",
        "max_tokens: 100",
        "monkey: likes bananas",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    """Names of secrets, paths, types and other keys stay readable."""
    assert spans(text) == []


@pytest.mark.parametrize("head", ["password: |", "password: >-", "password:", 'password: "hunter22'])
def test_each_line_of_a_long_value_is_veiled(head: str) -> None:
    """A value ends before the next line that is indented no further than its key."""
    text = f"w:\n  {head}\n    hunter22\n\n    hunter33\n  port: 7\n"
    assert [veiled(text, number, 1)[0] for number in (3, 5, 6)] == ["    ***", "    ***", "  port: 7"]


def test_each_line_of_a_private_key_is_veiled() -> None:
    """Also the ones behind its first."""
    text = "a: |\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIE\n  -----END RSA PRIVATE KEY-----\nb: 1"
    assert [veiled(text, number, 1)[0] for number in (2, 3, 4, 5)] == ["  ***", "  ***", "  ***", "b: 1"]


@pytest.mark.parametrize("column, moved", [(4, 4), (15, 15), (18, 15), (23, 18), (24, 19), (99, 24)])
def test_the_column_moves_along(column: int, moved: int) -> None:
    """In front of a value it stays, inside it points at its beginning, behind it keeps its place."""
    assert veiled("w: {password: hunter22, a: 7", 1, column)[1] == moved


def test_a_line_that_is_not_there_is_empty() -> None:
    """A file may have changed since it was read."""
    assert veiled("a: 1\n", 7, 3) == ("", 1)


def test_words_about_a_file_quote_no_secret_of_it() -> None:
    """A short value may be a word of the message, and stays."""
    text = "w: {password: hunter22, token: is}"
    assert without("there is no `hunter22`", text) == "there is no `***`"
