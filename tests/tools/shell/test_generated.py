"""Values and texts that nobody would write, run in each shell that is here."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from itertools import cycle
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.tools.shell.values import quoted
from tests.tools.shell.texts import refused

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
            *(
                "$$",
                "$[",
                "]",
                "${ ",
                "<(",
                "declare -i a",
                "local -i ",
                "printf ",
                "-v",
                "test ",
                "command ",
                "exec ",
                "-- ",
            ),
            *(
                "/bin/sh ",
                "/bin/bash ",
                "./s ",
                "-c ",
                "-ceu",
                "-o ",
                "'ls' ",
                "| /bin/sh ",
                '"eval" ',
                "\\. ",
                '"$@" ',
            ),
            *(
                "PS4=",
                "set -x; ",
                "SECONDS=",
                "a+=1 ",
                "a[0]=",
                "alias e=eval\n",
                "e ",
                "[ -n a ",
                "-a ",
                "-eq ",
                "-lt ",
            ),
        ]
    ),
    max_size=16,
).map("".join)
HARMFUL = [CODE, "$(>ran)", "a[$(>ran)]", "-va[$(>ran)]", "-v", "./of/run", "([$(>ran)]=1)", ">ran"]


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_a_shell_makes_of_quotes_exactly_the_value(values: list[str]) -> None:
    """Quotes, line feeds, `$( )`, globs, leading dashes: in each shell that is here."""
    text = f"printf '%s\\0' {' '.join(map(quoted, values))}"
    for shell in SHELLS:
        done = subprocess.run([shell, "-c", text], capture_output=True, check=True)
        assert done.stdout.decode().split("\0")[:-1] == values


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.sampled_from(HARMFUL), min_size=1, max_size=2))
def test_no_value_runs_in_a_text_that_is_not_refused(text: str, values: list[str]) -> None:
    """Texts that nobody would write, also those that no shell can read: nothing of a value is ever run."""
    if "X" not in text or refused(text):
        return
    head, *parts = text.split("X")
    line = head + "".join(quoted(value) + part for value, part in zip(cycle(values), parts, strict=False))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "of").mkdir()  # where no `*` of a text finds it
        Path(folder, "of", "run").write_text("#!/bin/sh\n>ran\n")
        Path(folder, "of", "run").chmod(0o755)
        Path(folder, "s").touch()
        for shell in SHELLS:
            words = [shutil.which(shell) or shell, "-c", f"ulimit -t 2; {line}"]
            subprocess.run(
                words, env={"PATH": ""}, cwd=folder, capture_output=True, check=False, stdin=subprocess.DEVNULL
            )
            assert not Path(folder, "ran").exists(), (shell, line)
