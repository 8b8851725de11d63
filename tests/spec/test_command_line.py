"""Command lines as words: what a shell would make of them, and what is left to a shell."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.spec.command_line import LONGEST, NotSimple, words


@pytest.mark.parametrize(
    "line, found",
    [
        ("ls", ("ls",)),
        ("  ls\t-la  ", ("ls", "-la")),
        ("grep 'a b' x\\ y", ("grep", "a b", "x y")),
        ("grep \"a \\$b\" ''", ("grep", "a $b", "")),
        ('grep "a\\nb"', ("grep", "a\\nb")),
        ("a'b'\"c\"\\d", ("abcd",)),
        ("git diff HEAD~1 a#b", ("git", "diff", "HEAD~1", "a#b")),
        ("find . ! -name x", ("find", ".", "!", "-name", "x")),
        ("x --a=b", ("x", "--a=b")),
        ("echo é", ("echo", "é")),
    ],
)
def test_a_simple_command_is_its_words(line: str, found: tuple[str, ...]) -> None:
    """As POSIX has quotes and backslashes."""
    assert words(line) == found


@pytest.mark.parametrize(
    "line, why",
    [
        ("a | b", r"acts on \|"),
        ("a 'x", "' is not closed"),
        ('a "x', '" is not closed'),
        ("a \\", "ends with a backslash"),
        ('a "$x"', "inside of double quotes"),
        ("~/x", "acts on ~"),
        ("a --x=~/y", "acts on ~"),
        ("a # b", "acts on #"),
        ("A=1 b", "sets a variable"),
        ("! a", "not"),
        ("", "empty"),
        ("a\nb", r"U\+000A"),
        ("a\u202eb", r"U\+202E"),
        ("a" * (LONGEST + 1), "more than 4,096"),
        ("a " * 300, "more than 256 words"),
    ],
)
def test_what_is_more_says_why(line: str, why: str) -> None:
    """It is left to a shell, and to a person."""
    with pytest.raises(NotSimple, match=why):
        words(line)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_reads_the_same_words(shell: str) -> None:
    """Thousands of odd texts: whatever is taken for a simple command has these very words for real shells too."""
    found: list[tuple[str, tuple[str, ...]]] = []

    @settings(max_examples=400, deadline=None, database=None)
    @given(st.text("ab -='\"\\~#!|&$*{}^%,:@", min_size=1, max_size=14))
    def collect(text: str) -> None:
        try:
            found.append((text, words(f"p {text}")[1:]))
        except NotSimple:
            return

    collect()
    script = "p() { for w in \"$@\"; do printf '%s\\0' \"$w\"; done; printf '\\1\\0'; }\n"
    script += "".join(f"p {text}\n" for text, _ in found)
    done = subprocess.run([shutil.which(shell) or shell, "-c", script], capture_output=True, check=True).stdout.decode()
    told = [tuple(part.split("\0")[:-1]) for part in done.split("\1\0")[:-1]]
    assert told == [found_words for _, found_words in found]
