"""Bytes as data with places, and a fault with its place for what is no YAML of one document."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import pytest

from runner.project.parsing.parse import LARGEST, Parsed, parse

WORKFLOW = """\
# A comment first.
description: d
x-base: &base {timeout: quick, retry: {max: 2}}
phases:
  each:
    foreach: {in: inputs.names, as: name}
    tool: edit
    with: {path: a.txt, lines: [1, two]}
  ask:
    agent: coder
    message: |  # a block
      first

      {{ third }}
    next:
      - to: each
        when: "no"
      - to: pass
  folded:
    <<: *base
    timeout: deep
    message: >
      one
      still one

      two
        kept
      last
"""


@pytest.fixture
def workflow() -> Parsed:
    """A file that was parsed without a fault."""
    parsed = parse("w.yaml", WORKFLOW.encode())
    assert parsed.faults == ()
    return parsed


def faults_of(content: str | bytes, **options: Any) -> list[str]:
    """`line:column code where` of each fault."""
    data = content.encode() if isinstance(content, str) else content
    parsed = parse("f.yaml", data, **options)
    assert parsed.data is None or not parsed.faults
    return [f"{one.line}:{one.column} {one.code} {one.where}".rstrip() for one in parsed.faults]


def explained(text: str) -> str:
    """`line:column what (hint)` of the only fault."""
    (fault,) = parse("f.yaml", text.encode()).faults
    return f"{fault.line}:{fault.column} {fault.what} ({fault.hint})"


# --------------------------------------------------------------------------------------------------------- bytes


def test_a_file_that_is_too_big_is_not_parsed() -> None:
    """A log that was saved under a wrong name is told so."""
    assert faults_of("a: b\n" + "#" * LARGEST) == ["1:1 too-big"]


@pytest.mark.parametrize(
    "content, place",
    [
        (b"a: b\nc: \xff\n", "2:4"),
        ("a: é".encode("latin-1"), "1:4"),
        (b"a: b\n\n  \x00", "3:3"),
        (b"\x7fELF\x02", "1:1"),
        ("a: b\n".encode("utf-16"), "1:1"),
        (b"a: \x1b[31m", "1:4"),
    ],
)
def test_what_is_no_text_is_refused_at_its_first_byte(content: bytes, place: str) -> None:
    """Binary files, other encodings, control characters."""
    assert faults_of(content) == [f"{place} encoding"]


def test_a_byte_order_mark_and_crlf_change_nothing() -> None:
    """Files of other systems' editors are read alike, places included."""
    parsed = parse("f.yaml", "\ufeffa: 1\r\nb:\r\n  - |\r\n    é x\r\n".encode())
    assert parsed.data == {"a": 1, "b": ["é x\n"]}
    assert (parsed.locate(("a",)), parsed.locate(("b", 0))) == ((1, 4), (3, 5))


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n"])
def test_an_empty_file_is_a_fault_unless_it_may_be_empty(text: str) -> None:
    """A file of comments is as empty."""
    assert faults_of(text) == ["1:1 empty"]
    assert (faults_of(text, empty=True), parse("f.yaml", text.encode(), empty=True).data) == ([], {})


def test_the_top_is_what_the_file_should_hold() -> None:
    """Most files are mappings, some are lists."""
    said = "the file has to be a mapping (lines of `key: value`); this is a list"
    assert explained("- a\n") == f"1:1 {said} (write `key: value`, from the first line on)"
    assert parse("f.yaml", b"- a\n", top=list).data == ["a"]
    assert faults_of("a: b\n", top=list) == ["1:1 wrong-type"]
    assert faults_of("text\n") == ["1:1 wrong-type"]


# --------------------------------------------------------------------------------------------------------- syntax

BROKEN = [
    ("a:\n\tb: 1\n", "2:1", "a tab stands", "indent with spaces"),
    ("a: @x\n", "1:4", "a text cannot begin with @", 'quote it: "@x"'),
    ("a: @x 'y', z\n", "1:4", "a text cannot begin with @", "quote it: \"@x 'y', z\""),
    ('a: {b: @x "y", z: 1}\n', "1:8", "a text cannot begin with @", "quote it: '@x \"y\"'"),
    ("a: b: c\n", "1:4", "a second key, `b`, stands on the line of `a`", "begin a line of its own"),
    ("a: 1\n b: 2\n", "2:2", "`b` is indented deeper than `a`", "indent it as far as `a`"),
    ("a: 'x\n\nb: 1\n", "1:4", "the quote that opens here is never closed", "close it"),
    ("a: [1, 2\nb: 3\n", "1:4", "the list that opens here is not closed", "close it with ]"),
    ("a: {b: 1\n", "1:4", "this { is never closed", "close it with }"),
    ("a: 1\nb: [\n", "2:4", "this [ is never closed", "close it with ]"),
    ("a: 'x ['\nb: {c: [1, {d: 2}, \n\n", "2:8", "this [ is never closed", "close it with ]"),
    ("a 1\nb:\n  c: 2\n", "1:1", "a key without a `:`", "is a colon missing here? a: …"),
    ("a: 1\nb:\n  c d\n  # why\n\n  e: 2\n", "3:3", "a key without a `:`", "is a colon missing here? c: …"),
    ("a: b\n  long text\n  and Note: this\n", "3:11", "a `: ` stands", "check the indentation"),
    ("a:\n  b: long\n   text one\n   text two\n   Note: this\n", "5:8", "a `: ` stands", "check the indentation"),
    ('a: {b: "x" c: 1}\n', "1:12", "a comma is missing before this key", "write `, c: …`"),
    ("a: Helps: always\n", "1:9", "a colon with a blank behind it", 'quote the text: `a: "Helps: always"`'),
    ("a: b: c d\n", "1:4", "a second key, `b`", "indented further than `a`"),
    ("a: [str]?\n", "1:9", "? cannot stand behind a type", "write {type: [str], default: []}"),
    ("a: {b: {c: str}[], d: int}\n", "1:16", "[] cannot stand behind a type", "write [{c: str}]"),
    ("a: 1\n---\nb: 1\n", "2:1", "a second document", "remove the line ---"),
    ("a: *x\n", "1:4", "the alias names no anchor", 'needs quotes: "*"'),
    ("a: [git, *]\n", "1:11", "an alias or an anchor has no name", 'needs quotes: "*"'),
    ("a: &x 1\nb: &x 2\n", "2:4", "the anchor is set a second time", "its own name"),
    ("a: 1\nfoo\nb: 2\n", "2:1", "a key without a `:`", "is it a key? write `foo:`"),
    ("a: - b\n", "1:4", "a list begins on the line of its key", "in brackets"),
    ("&a &b c\n", "1:4", "this is neither a key nor an entry", "write `key: value`"),
    ("- a\nb: 1\n", "2:1", "the list goes on with something else", "begin each entry with `- `"),
    ('a: "x" y\n', "1:7", "the text ends at its second quote", "write ' around"),
]


@pytest.mark.parametrize("text, place, what, hint", BROKEN)
def test_broken_syntax_says_what_to_write_instead(text: str, place: str, what: str, hint: str) -> None:
    """The parser's own words are for people who know its code."""
    said = explained(text)
    assert said.startswith(f"{place} {what}")
    assert hint in said


def test_the_parser_in_python_finds_the_same() -> None:
    """Where PyYAML was built without libyaml, data, places and words are alike."""
    texts = [WORKFLOW, *(text for text, *_ in BROKEN), "a: " + "[" * 99, "a: {{ x }}"]
    script = """if True:
        import sys
        sys.modules["yaml._yaml"] = None
        import yaml
        assert not yaml.__with_libyaml__
        from runner.project.parsing.parse import parse
        for text in eval(sys.stdin.read()):
            parsed = parse("f.yaml", text.encode())
            print([(one.line, one.what, one.hint) for one in parsed.faults], parsed.data)
    """
    done = subprocess.run([sys.executable, "-c", script], input=repr(texts), capture_output=True, text=True, check=True)
    here = [parse("f.yaml", text.encode()) for text in texts]
    assert done.stdout.splitlines() == [f"{[(f.line, f.what, f.hint) for f in one.faults]} {one.data}" for one in here]


def test_torn_and_mixed_files_never_crash_the_parser() -> None:
    """Whatever an editor leaves behind is data or faults."""
    chance = random.Random(7)
    signs = "{}[]:,-&*!|>'\"%@#\n\t ?~<0\x00é"
    for _ in range(1000):
        text = list(WORKFLOW)
        for _ in range(chance.randrange(1, 6)):
            begin = chance.randrange(len(text))
            text[begin : begin + chance.randrange(9)] = chance.choices(signs, k=chance.randrange(4))
        parsed = parse("f.yaml", "".join(text).encode())
        assert isinstance(parsed.data, dict) != bool(parsed.faults)


# --------------------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize(
    "loc, place",
    [
        (("description",), (2, 14)),
        (("phases", "each", "foreach", "in"), (6, 19)),
        (("phases", "each", "with", "lines", 1), (8, 36)),
        (("phases", "ask", "next", 0, "when"), (17, 15)),
        (("phases", "ask", "next", 1), (18, 9)),
    ],
)
def test_a_value_is_found_where_it_stands(loc: tuple[str | int, ...], place: tuple[int, int], workflow: Parsed) -> None:
    """Lines and columns count from 1."""
    assert workflow.locate(loc) == place


def test_the_key_is_pointed_at_when_it_is_meant(workflow: Parsed) -> None:
    """An unknown key is not its value's fault."""
    assert workflow.locate(("phases", "each", "tool"), at_key=True) == (7, 5)


def test_a_block_is_pointed_at_by_its_key(workflow: Parsed) -> None:
    """It begins below: its first key is not what is meant."""
    assert workflow.locate(("phases", "ask")) == (9, 3)
    assert workflow.locate(("phases", "ask", "next")) == (15, 5)


def test_words_of_unions_are_passed_over(workflow: Parsed) -> None:
    """The ways of pydantic name the union's member and the gathered body too."""
    way = ("phases", "each", "foreach", "body", "tool", "with", "path")
    assert workflow.locate(way) == (8, 18)
    assert workflow.shown(way) == ("phases", "each", "with", "path")
    assert workflow.locate(("phases", "ask", "agent", "next", "tuple[Edge, ...]", 0, "to")) == (16, 13)


def test_what_is_missing_is_shown_at_its_holder(workflow: Parsed) -> None:
    """The nearest that the file has; without any it is the file's beginning."""
    assert workflow.locate(("phases", "each", "message")) == (5, 3)
    assert workflow.shown(("phases", "each", "message")) == ("phases", "each", "message")
    assert workflow.locate(("phases", "ask", "next", 1, "too")) == (18, 9)
    assert workflow.locate(("inputs",)) == (2, 1)
    assert workflow.locate(()) == (2, 1)


def test_a_merged_value_is_shown_where_it_was_written(workflow: Parsed) -> None:
    """At the anchor, unless the mapping says it itself."""
    assert workflow.locate(("phases", "folded", "retry", "max")) == (3, 45)
    assert workflow.locate(("phases", "folded", "timeout")) == (21, 14)


def test_lines_inside_a_block_text_are_counted(workflow: Parsed) -> None:
    """The text begins on the line after its sign."""
    message = ("phases", "ask", "message")
    assert workflow.locate(message) == (11, 14)
    assert [workflow.locate(message, line=line) for line in (2, 3)] == [(13, 1), (14, 7)]


def test_lines_inside_a_folded_text_are_those_that_were_joined(workflow: Parsed) -> None:
    """`one still one`, `two`, `  kept`, `last` are four lines of text on six of the file."""
    message = ("phases", "folded", "message")
    assert workflow.data["phases"]["folded"]["message"].splitlines() == ["one still one", "two", "  kept", "last"]
    assert [workflow.locate(message, line=line)[0] for line in (2, 3, 4)] == [26, 27, 28]


def test_lines_inside_other_texts_are_the_value_itself() -> None:
    """Quotes fold lines in ways of their own."""
    parsed = parse("f.yaml", b'a:\n  "one\n\n  two"\n')
    assert parsed.locate(("a",), line=2) == (2, 3)


@pytest.mark.parametrize(
    "near, place",
    [("b.d", (3, 14)), ("a", (3, 7)), ("a.b", (3, 7)), ("", (3, 7))],
    ids=["the second template", "the first one", "a path written in another way", "nothing is said"],
)
def test_a_template_inside_a_block_text_is_pointed_at(near: str, place: tuple[int, int]) -> None:
    """On its line of the file; when nothing fits it is the first one of the line."""
    parsed = parse("f.yaml", b"t: |\n  One\n  Two {{ a }}{{ b.d }}\n")
    assert parsed.locate(("t",), line=2, near=near) == place


def test_a_line_without_template_is_pointed_at_where_it_begins() -> None:
    """The first line of a block text stands below its key."""
    assert parse("f.yaml", b"t: |\n  One\n  Two\n").locate(("t",), line=1) == (2, 3)
