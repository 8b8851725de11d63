"""Data from nodes: scalars, keys, merges, aliases, and a fault with its place for all that is refused."""

from __future__ import annotations

from typing import Any

import pytest

from runner.project.parsing.build import MOST_ALIASES, MOST_VALUES
from runner.project.parsing.nodes import DEEPEST
from runner.project.parsing.parse import parse


def data_of(text: str) -> Any:
    """The data of a text without faults."""
    parsed = parse("f.yaml", text.encode())
    assert parsed.faults == ()
    return parsed.data


def faults_of(text: str) -> list[str]:
    """`line:column code where` of each fault."""
    parsed = parse("f.yaml", text.encode())
    assert parsed.data is None or not parsed.faults
    return [f"{one.line}:{one.column} {one.code} {one.where}".rstrip() for one in parsed.faults]


def explained(text: str) -> str:
    """`line:column what (hint)` of the only fault."""
    (fault,) = parse("f.yaml", text.encode()).faults
    return f"{fault.line}:{fault.column} {fault.what} ({fault.hint})"


# --------------------------------------------------------------------------------------------------------- scalars


@pytest.mark.parametrize(
    "text, value",
    [
        *((word, word) for word in ("no", "yes", "on", "off", "y", "12:30", "12:30:00", "2024-01-31", "1_000", "0b1")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-2.", -2.0),
        ('"12"', "12"),
        ("'012'", "012"),
        ("!!str 12", "12"),
        ("tRue", "tRue"),
        ("<<", "<<"),
    ],
)
def test_plain_scalars_are_those_of_the_core_schema(text: str, value: object) -> None:
    """Only true, false, null and numbers are no texts."""
    found = data_of(f"key: {text}\n")["key"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", ["012", "-08", "00", ".inf", "-.INF", ".nan", "1e999", "9" * 400])
def test_a_number_that_is_read_in_two_ways_or_cannot_be_kept_is_refused(text: str) -> None:
    """What would surprise is a fault at its place."""
    assert faults_of(f"a:\n  - {text}\n") == ["2:5 bad-number a[0]"]


def test_an_octal_look_says_how_to_write_a_text() -> None:
    """The hint is what to type."""
    assert explained("mode: 0644") == (
        "1:7 0644 begins with 0: some programs read it as octal, some as decimal"
        ' (quote it for a text: "0644"; octal is 0o644)'
    )


# --------------------------------------------------------------------------------------------------------- mappings


def test_a_key_that_stands_twice_names_the_first() -> None:
    """Nothing wins silently."""
    assert explained("a: 1\nb: 2\na: 3\n") == "3:1 the key 'a' stands here a second time; first in line 1 ()"


def test_faults_of_a_whole_file_are_told_together() -> None:
    """One run of the check shows all."""
    text = "a: {b: 012, b: 1}\nc: [!!binary x, .inf]\ntrue: 1\n"
    assert faults_of(text) == [
        "1:8 bad-number a.b",
        "1:13 duplicate-key a.b",
        "2:5 tag c[0]",
        "2:17 bad-number c[1]",
        "3:1 bad-key true",
    ]


@pytest.mark.parametrize("key", ["true", "null", "1.5", "~", "[a]", "{a: b}", "? - a\n  "])
def test_a_key_is_a_text_or_a_whole_number(key: str) -> None:
    """Other keys are refused where they stand."""
    assert [fault.split()[1] for fault in faults_of(f"top:\n  {key}: x\n")] == ["bad-key"]


def test_whole_numbers_are_keys() -> None:
    """Exit codes are written without quotes."""
    assert data_of("exit: {0: ok, 1: no}") == {"exit": {0: "ok", 1: "no"}}


def test_a_template_without_quotes_is_told_so() -> None:
    """YAML reads it as a mapping in a mapping."""
    what = "a text that begins with {{ needs quotes around it: YAML takes its brace for a mapping"
    whole = 'write them around the whole text: "{{ … }}"'
    assert explained("a: {{ x }}\n") == f'1:5 {what} (write "{{{{ x }}}}")'
    assert explained("a: {{ x | d('y') }}\n") == f"1:5 {what} (write \"{{{{ x | d('y') }}}}\")"
    assert explained("a: {{ 'x' }}\n") == f"1:5 {what} ({whole})"
    assert explained("a: {{ x | d('y', 'z') }}\n") == f"1:4 {what} (write \"{{{{ x | d('y', 'z') }}}}\")"
    assert explained("a: {{ x | d(y, z) }}\n") == f"1:5 {what} ({whole})"
    assert explained("a: {{ x }} b\n") == f'1:4 {what} (write "{{{{ x }}}} b")'
    assert explained('a: {b: {{ x["y"] }}, c: 1}\n') == f"1:8 {what} (write '{{{{ x[\"y\"] }}}}')"
    assert explained("a: {{ x }}\\n\n") == f'1:4 {what} (write "{{{{ x }}}}\\n")'
    assert explained("a: {{ x } b\n") == f'1:4 {what} (write "{{{{ … }}}}")'


def test_a_template_in_a_block_of_text_is_not_blamed_for_the_next_line() -> None:
    """There it needs no quotes."""
    assert "quotes" not in explained("a: |\n  b: {{ x }}\nc: d: e\n")


def test_merged_keys_come_below_explicit_ones() -> None:
    """The first of several sources wins, and what is written out wins over all."""
    text = "x-a: &a {k: 1, l: 1}\nx-b: &b {k: 2, m: 2}\none: {k: 0, <<: *a}\ntwo: {<<: [*a, *b]}\n"
    data = data_of(text)
    assert data["one"] == {"k": 0, "l": 1}
    assert data["two"] == {"k": 1, "l": 1, "m": 2}


def test_only_mappings_are_merged() -> None:
    """A text has no keys to give."""
    assert faults_of("a: {<<: text}\n") == ['1:5 merge a."<<"']


# --------------------------------------------------------------------------------------------------------- excess


def test_aliases_that_multiply_are_stopped() -> None:
    """A few lines that stand for thousands of millions of values cost nothing."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert [fault.split()[1] for fault in faults_of("\n".join(rows))] == ["too-big"]


def test_too_many_aliases_are_refused() -> None:
    """The last that is allowed still is."""
    most = "a: &a 1\nb: [" + ", ".join(["*a"] * MOST_ALIASES)
    assert data_of(f"{most}]")["b"] == [1] * MOST_ALIASES
    assert [fault.split()[1] for fault in faults_of(f"{most}, *a]")] == ["too-big"]


def test_too_many_values_are_refused() -> None:
    """A file is no data base."""
    assert [fault.split()[1] for fault in faults_of("a:\n" + "- b\n" * MOST_VALUES)] == ["too-big"]


@pytest.mark.parametrize("text", ["x: &x [*x]", "x: &x {a: *x}", "x: &x {<<: *x}", "&x {a: [*x]}"])
def test_a_value_that_holds_itself_is_refused(text: str) -> None:
    """No cycle reaches whoever walks the data."""
    assert "alias" in faults_of(text)[0]


def test_depth_is_bounded() -> None:
    """The deepest that is allowed still is, and a flood of brackets costs nothing."""
    inside = DEEPEST - 2
    assert data_of("a: " + "[" * inside + "]" * inside)
    assert faults_of("a: " + "[" * 500_000) == ["1:52 too-deep"]


def test_aliases_cannot_make_it_deeper() -> None:
    """Each level may be flat while their sum is deep."""
    rows = [f"a{n}: &a{n} [[[[[[[[[[*a{n - 1}]]]]]]]]]]" for n in range(1, 8)]
    assert [fault.split()[1] for fault in faults_of("a0: &a0 1\n" + "\n".join(rows))] == ["too-deep"]


@pytest.mark.parametrize(
    "written, hint", [("100,000", "write 100000"), ("0,7", "write 0.7"), ("1,5, b: 2", "write 1.5")]
)
def test_a_comma_in_a_number_is_told_where_it_cuts(written: str, hint: str) -> None:
    """In braces it ends the value, and what is behind it is a key without one."""
    assert explained(f"{{a: {written}}}").endswith(f"ends before this ({hint})")


def test_other_commas_are_let_be() -> None:
    """Of a key with a value, with a blank behind it, of a list."""
    assert data_of("{a: 1,2: x}") == {"a": 1, 2: "x"}
    assert data_of("{a: 1, 2}") == {"a": 1, 2: None}
    assert data_of("{a: [1,200]}") == {"a": [1, 200]}
