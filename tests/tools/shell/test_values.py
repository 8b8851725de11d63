"""Where a value may stand in a text for a shell: X stands for one in the texts here."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.tools.shell import Place, behind, refusal
from runner.tools.shell.values import quoted

FINE = [
    "printf %s X",
    "ls | grep -- X | wc -l X",
    "a=X; echo $a; b=c=X",
    'echo "$(printf %s X)" "$(ls "$(cat X)")"',
    'for f in X; do rm -- "$f" X; done',
    "for f in a\ndo echo X\ndone",
    "cat < X > X 2>&1 X",
    "echo >&2 X",
    "ls 2>/dev/null X",
    "case X in a) echo X;; *) echo X;; esac",
    "if [ -e X ]; then echo X; elif true X; then :; fi",
    "export A=X; local B=X",
    "sh -c 'echo \"$1\"' sh X",
    "bash ./s.sh X",
    "bash -euo pipefail ./s.sh X",
    "echo $((1+(2*3))) $(($a + 1)) X",
    'echo ${a:-b} "${#a}" "${b%%.*}" X',
    "(cd /tmp && ls X); { ls X; }",
    "# note it's\nls X",
    "echo a#b # it's\nls X",
    "ls \\\n  X",
    "echo \\\" \\' X",
    "echo 'it'\\''s' X",
    'echo "a \\\n b \\" c" X',
    "echo $# $? $$ X",
    "find . -name X",
    "f() { echo X; }; f X",
    "x=$(ls X) y=X ls X",
    "env A=X sudo -u a ls X",
    "[ X = y ] && echo X || echo X",
    "! grep -q X f",
    "ls --filter=X /srv/X/logs X-X",
    "sleep 1 &\nls X",
    "ls X'a'\"b\"X",
    '$SUDO ls X; "$CMD" X; $HOME/bin/ls X',
]
UNSAFE = {
    "single quotes": ["'X'", "echo 'a X'", "echo 'a\n X'"],
    "double quotes": ['"X"', 'echo "a X"', 'echo "$(ls "X")"', 'echo "$(ls)X"', 'echo "$((1))X"'],
    "a backquote": ["echo `ls X`", "echo `ls` X", 'echo "`ls`" X'],
    "a comment": ["# X", "ls # X", "ls;# X", "(# X", "ls\n#\n#X"],
    "a here-document": ["cat <<E\nX\nE", "cat <<E > X", "cat<<'E'\nX", "cat <<<X"],
    "behind $,": ["echo $X", "echo a$X"],
    "behind \\,": ["ls \\X", "ls a\\X"],
    "`${…}`": ["echo ${X}", "echo ${a:-X}", 'echo "${a:-${b:-X}}"'],
    "quotes inside of `${…}`": ["echo ${a:-'b'} X", 'echo "${a:-"X"}"', "echo ${a:-$(ls)} X"],
    "in arithmetic": ["echo $((X))", "echo $((1)) $((X+1))", "echo $((1 + (2) * X))", "echo $((${a} + X))"],
    "arithmetic that cannot": ["((X))", "echo $((echo 'X'))", "echo $(( (1) ) X", "echo $(($(ls)+1)) X"],
    "the program": [
        *("$a X", "${a} X", "$(a) X", "$a$b X", "$a b=c X"),
        *("X", "; X", "ls; X", "ls | X", "ls && X", "ls\nX", "ls &X", "A=b X", "exec X", "(X", "$(X)", "if X; then"),
        *(
            "do X",
            "then X",
            "! X",
            "{ X; }",
            "time X",
            "command X",
            "< f X",
            "> f X",
            "2>/dev/null X",
            "a[X]=1",
        ),
        *("case a in X) ;; esac", "for f do X; done", "(ls) X", "X=1", "a-X", "ls >&1 & X"),
    ],
    "the name of a variable": [
        *("$a export X", "printf -v X a", "test -v X", "[ ! -v X ]"),
        "export X",
        "export A=1 X",
        "read X",
        "unset X",
        "readonly X",
        "for X in a",
        "for f X",
    ],
    "as code": [
        *("eval X", "eval ls X", "sudo eval X", "trap X EXIT", "alias X", "let X", "[[ X -eq 1 ]]", ". X", "source X"),
        *("sh -c X", "bash -lc X", "/bin/sh -c X", "sudo sh -ec X", "xargs -0 sh -c X", "sh -o pipefail -c X"),
        *("sh -c -e X", "sh X", "ssh h X", "ssh X ls", "su -c X", "env ssh h X", "exec sh -c X", "command eval X"),
    ],
    "`>&` or `<&`": ["ls >&X", "ls >& X", "ls <&X", "ls 2>&X"],
    "an array": ["a=(1 2) X", "a+=(X)", "a[1]=(X)"],
    "in the middle of a word": ["e\\\nval X", 'echo "$\\\n(echo "X', "cat <\\\n<E X"],
    "`case` inside of ( )": ['"$(case a in a) echo "X";; esac)"', "(case a in a) echo X;; esac)"],
    "not every sh": ["echo $'a' X", "function f { X; }", "select X in a", "coproc X"],
}


def refused(text: str) -> list[str]:
    """What is said of each value of a text that may not stand where it does."""
    place, found = Place(), []
    head, *parts = text.split("X")
    place = place.after(head)
    for part in parts:
        found += [why.what for why in [refusal(place)] if why]
        place = behind(place).after(part)
    return found


@pytest.mark.parametrize("text", FINE)
def test_a_value_is_one_word_or_a_part_of_one(text: str) -> None:
    """Wherever a shell reads words."""
    assert refused(text) == []


@pytest.mark.parametrize("words, text", [(words, text) for words, texts in UNSAFE.items() for text in texts])
def test_where_quotes_do_not_hold_a_value_is_refused(words: str, text: str) -> None:
    """With the reason, that of the first such value."""
    assert words in refused(text)[0]


@pytest.mark.parametrize("text", [text for texts in UNSAFE.values() for text in texts])
def test_a_text_can_come_in_any_pieces(text: str) -> None:
    """Sign by sign it is the same."""
    whole, place = Place().after(text), Place()
    for sign in text:
        place = place.after(sign)
    assert place == whole


@pytest.mark.parametrize("text", ["a=", "> ", "/srv/", "case ", "a"])
def test_several_words_stand_only_among_the_arguments(text: str) -> None:
    """Where one word belongs a second one would be a program, or be lost."""
    place = Place().after(text)
    for count in (0, 2):
        why = refusal(place, count)
        assert why is not None
        assert why.what == "is a list, and stands where one word belongs"
    assert refusal(Place().after("ls "), 0) is refusal(Place().after("ls "), 2) is None


def test_no_word_leaves_the_place_as_it_was() -> None:
    """So that a `#` behind an empty list is seen to begin a comment."""
    place = behind(Place().after("ls "), 0).after("#")
    assert "a comment" in str(refusal(place))


SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]
HOSTILE = st.text(
    st.sampled_from("ab '\"\\$`(){}[]<>|&;#*?~!=-\n\t\r\x01é😀\u202e%")
    | st.characters(exclude_characters="\0", exclude_categories=["Cs"])
)
"""Values; a NUL byte and half a character never come as far as a shell."""
CODE = "'\n\"\n`>ran`;>ran;$(>ran)\n>ran\n)}\n>ran\n#"
"""Makes a file where any part of it is run."""
TEXTS = st.lists(
    st.sampled_from(
        [
            *(
                "X",
                " X ",
                *"'\"$(){}`\\#\n;&|<>=1 %-+!*~",
                "$(",
                "${",
                "$((",
                "))",
                "\\\n",
                " #",
                "||",
                "<<",
                "a=",
                "a=(",
            ),
            *("$a", "<&", ">&", "$'", "$1 ", "&& ", '"$(', ')"', "echo ", ": ", "eval ", "set -- ", "case a in a) "),
            *(";; esac ", "{ ", "if :; then ", "fi ", "for a in ", "do ", "done ", "export ", "[ ", " ]", "[[ ", "]] "),
        ]
    ),
    max_size=16,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_a_shell_makes_of_quotes_exactly_the_value(values: list[str]) -> None:
    """Quotes, line feeds, `$( )`, globs, leading dashes: in each shell that is here."""
    text = f"printf '%s\\0' {' '.join(map(quoted, values))}"
    for shell in SHELLS:
        done = subprocess.run([shell, "-c", text], capture_output=True, check=True)
        assert done.stdout.decode().split("\0")[:-1] == values


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_no_value_runs_in_a_text_that_is_not_refused(text: str) -> None:
    """Texts that nobody would write, also those that no shell can read: nothing of a value is ever run."""
    if "X" not in text or refused(text):
        return
    with tempfile.TemporaryDirectory() as folder:
        for shell in SHELLS:
            line = text.replace("X", quoted(CODE))
            words = [shutil.which(shell) or shell, "-c", f"ulimit -t 2; {line}"]
            subprocess.run(
                words, env={"PATH": ""}, cwd=folder, capture_output=True, check=False, stdin=subprocess.DEVNULL
            )
            assert not Path(folder, "ran").exists(), (shell, line)
