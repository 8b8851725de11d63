"""The project's `.env`: what it sets, and what is wrong with its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.secrets import find
from runner.secrets.env_file import read_env

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2-value"
GOOD = """\
# a comment

export A=hunter2-value
B = hunter2-value
C='hunter2-value' # behind it
D="hunter2-value"
E=
F="-----BEGIN-----
aGVsbG8=
d29ybGQ==
-----END-----"
"""


def test_all_usual_ways_to_write_a_line_are_fine(tmp_path: Path) -> None:
    """`export`, blanks, quotes, comments, nothing behind the sign, a key of several lines; a byte order mark."""
    (tmp_path / ".env").write_text("\ufeff" + GOOD, encoding="utf-8")
    file = read_env(tmp_path)
    assert [(fault.line, fault.harm) for fault in file.faults] == [(1, "elsewhere"), (4, "elsewhere")]
    assert file.lost == []
    assert [file.values[name] for name in "ABCD"] == [SECRET] * 4
    assert (file.lines["D"], sorted(file.values)) == (6, ["A", "B", "C", "D", "F"])


WRONG = [
    ("KEY: hunter2-value", "`:` stands behind KEY, not `=`", "write KEY=VALUE"),
    ("export KEY: hunter2-value", "`:` stands behind KEY, not `=`", "write KEY=VALUE"),
    ("KEY='hunter2-value", "the quote behind KEY= is never closed", "write KEY=VALUE without quotes, or KEY='VALUE'"),
    (
        'KEY="hunter2" value',
        "something stands behind the closing quote of KEY",
        "write KEY=VALUE without quotes, or KEY='VALUE'",
    ),
    ("set KEY=hunter2-value", "the line sets nothing", "write KEY=VALUE"),
    ("- KEY=hunter2-value", "the line sets nothing", "write KEY=VALUE"),
    ("hunter2 value", "the line sets nothing", "write NAME=VALUE"),
    ("hunter2-value", "the line has no `=`", "write NAME=VALUE"),
    ("hunter2: value", "the line sets nothing", "write NAME=VALUE"),
    ('"KEY"=hunter2-value', "what stands before `=` is no name", "write NAME=VALUE, the name without quotes and $"),
    ("$KEY=hunter2-value", "what stands before `=` is no name", "write NAME=VALUE, the name without quotes and $"),
    ("FIRST=hunter2-value", "FIRST stands here a second time; first in line 1", "the last one holds: remove the other"),
]


@pytest.mark.parametrize("line, what, hint", WRONG)
def test_a_wrong_line_says_what_is_wrong_and_how_it_is_written(
    tmp_path: Path, line: str, what: str, hint: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In words of ours, once, and without anything of the value; the lines around it hold."""
    (tmp_path / ".env").write_text(f"FIRST=1\n\n{line}\nLAST=2\n")
    file = read_env(tmp_path)
    assert [(fault.line, fault.what, fault.hint) for fault in file.faults] == [(3, what, hint)]
    assert file.values["LAST"] == "2"
    assert caplog.records == []
    assert "hunter2" not in repr(file.faults)


@pytest.mark.parametrize("last", ['Z="y"', 'Z=y"'])
def test_a_quote_that_is_closed_lines_later_says_what_it_takes_with_it(tmp_path: Path, last: str) -> None:
    """Whether the library can make a value of it or not."""
    (tmp_path / ".env").write_text(f'KEY="hunter2-value\nOTHER=hunter2-value\n{last}\nLAST=2\n')
    (fault,) = read_env(tmp_path).faults
    assert fault.what == "the quote behind KEY= is not closed in its line: what stands up to line 3 is lost in it"


def test_a_file_that_cannot_be_read_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    """Bytes that are no text; a folder of that name is nobody's mistake."""
    (tmp_path / ".env").write_bytes(b"A=1\nB=\xff\n")
    (fault,) = read_env(tmp_path).faults
    assert fault[:4] == (2, "the line is no UTF-8 text", "save the file as UTF-8", "lost")
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert read_env(tmp_path).faults == ()


def test_what_only_other_programs_stumble_over_leads_nobody_astray(tmp_path: Path) -> None:
    """A byte order mark, CR LF and blanks: the values are read, and who misses another one hears nothing of them."""
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=1\r\nB = 2\r\n")
    file = read_env(tmp_path)
    assert file.values == {"A": "1", "B": "2"}
    assert [(fault.line, fault.harm) for fault in file.faults] == [(1, "elsewhere"), (1, "elsewhere"), (2, "elsewhere")]
    assert find(["KEY"], tmp_path, {}).places == "the environment, .env and .runner/secrets"


def test_a_file_that_is_too_large_is_a_fault_and_not_read(tmp_path: Path) -> None:
    """It may have a size and take no room on the disk."""
    with (tmp_path / ".env").open("wb") as file:
        file.truncate(100_000_000_000)
    (fault,) = read_env(tmp_path).faults
    assert fault[:4] == (1, "it has 100,000,000,000 bytes; at most 10,000,000 are read", "", "lost")


LOOKED = "the environment, .env and .runner/secrets"
WITHOUT = "write KEY=VALUE without quotes, or KEY='VALUE'"
LED = [
    ("KEY: hunter2", ".env:2: `:` stands behind KEY, not `=`", "write KEY=VALUE"),
    ('KEY="hunter2', ".env:2: the quote behind KEY= is never closed", WITHOUT),
    ("KEY=", ".env:2 sets it to nothing", "write its value behind `KEY=`"),
    ('KEY=""', ".env:2 sets it to nothing", "write its value behind `KEY=`"),
    ("KEY", ".env:2: the line has no `=`", "write NAME=VALUE"),
    ("set KEY=hunter2", ".env:2: the line sets nothing", "write KEY=VALUE"),
    ("hunter2 value", ".env:2: the line sets nothing", "write NAME=VALUE"),
]


@pytest.mark.parametrize("line, what, hint", LED)
def test_who_misses_a_secret_is_led_to_the_wrong_line(tmp_path: Path, line: str, what: str, hint: str) -> None:
    """Behind the places that were looked in, with what to do there."""
    (tmp_path / ".env").write_text(f"A=1\n{line}\nLAST=2\n")
    known = find(["KEY", "LAST"], tmp_path, {})
    assert (known.looked("KEY"), known.mended("KEY")) == (f"{LOOKED}; {what}", hint)
    assert list(known.faults) == ["KEY"]
    assert "hunter2" not in repr(known)


def test_who_misses_a_name_that_an_open_quote_took_is_led_to_the_quote(tmp_path: Path) -> None:
    """Its own line is right."""
    (tmp_path / ".env").write_text('FIRST="hunter2\nKEY=hunter2\nLAST="x"\n')
    what = "the quote behind FIRST= is not closed in its line: what stands up to line 3 is lost in it"
    assert find(["KEY"], tmp_path, {}).looked("KEY") == f"{LOOKED}; .env:1: {what}"


@pytest.mark.parametrize("line", ['OTHER="hunter2', "OTHER: hunter2", "OTHER=", "set OTHER=hunter2", '"OTHER"=hunter2'])
def test_a_line_of_another_name_is_not_blamed(tmp_path: Path, line: str) -> None:
    """Who misses a name that stands nowhere is told to write it."""
    (tmp_path / ".env").write_text(f"{line}\n")
    known = find(["KEY"], tmp_path, {})
    assert (known.looked("KEY"), known.mended("KEY")) == (
        LOOKED,
        "write `KEY=…` into .env, or `runner secrets set KEY`",
    )
