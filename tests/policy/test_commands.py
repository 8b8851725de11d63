"""Free command lines under the shipped policy: what is useful passes, and how it is written makes no difference."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.policy import CommandPolicy, Place, risk_of
from tests.policy.bypasses import Scene
from tests.policy.conftest import SHIPPED, run

HARMLESS = (
    """
uname -a
uname -sr
hostname
uptime -p
free -h
df -h
df -hT /
df -h .
ps aux
ps -ef
ps -eo pid,pcpu,comm --sort=-pcpu
ps aux --sort=-%mem
ps -p 1 -o pid,args
date +%F
date -u
id
whoami
pwd
nproc --all
ls
ls -la src
ls src -la
ls -1 --color=never
cat notes.txt
cat -n src/app.py notes.txt
cat -- notes.txt
head -5 notes.txt
head -n 1 -- notes.txt
head --lines=1 notes.txt
tail -n +1 notes.txt
tail -1 src/app.py
wc -l notes.txt
stat -c %s notes.txt
file -b notes.txt
du -sh src
sort -rn notes.txt
sort -t: -k2,2n notes.txt
uniq -c notes.txt
cut -d: -f1 notes.txt
sha256sum notes.txt
diff -u notes.txt notes.txt
cmp notes.txt notes.txt
basename src/app.py .py
grep one notes.txt
grep -rn one src
grep -rniE 'one|two' . --include=*.txt
grep -c -e one -e two notes.txt
grep -A2 -B 1 one notes.txt
grep "a \\$b" notes.txt
find . -name '*.py' -type f
find src -maxdepth 2 ! -name x
find . -type f -size +1k -mtime -7 -print
git status
git status -sb
git diff
git diff --stat HEAD~1
git diff HEAD -- notes.txt
git diff notes.txt
git log --oneline -5
git log -n 2 --format='%h %an %s' --since='1 week ago'
git log --stat main -- src
git show --stat HEAD
git branch -a
git rev-parse --abbrev-ref HEAD
git --no-pager log -1
/usr/bin/ls src
""".replace("*.txt\n", "'*.txt'\n")
    .strip()
    .splitlines()
)


@pytest.mark.parametrize("command", HARMLESS)
def test_what_only_looks_is_a_read(command: str, policy: CommandPolicy) -> None:
    """Without a person: that is what the file is for."""
    workspace = SHIPPED.parents[1]
    assessment = risk_of(
        command.replace("notes.txt", "pyproject.toml").replace("src/app.py", "dev/size.py"),
        policy,
        Place("local", workspace),
    )
    assert (assessment.risk, assessment.shell) == ("read", False), assessment.reason


def test_what_is_judged_is_what_runs(policy: CommandPolicy, place: Place, scene: Scene) -> None:
    """The words are those of the machine's own programs, and do what was asked."""
    assert run(risk_of("cat -n notes.txt", policy, place), scene).split() == ["1", "one", "2", "two", "3", "three"]
    assert "+three" in run(risk_of("git diff notes.txt", policy, place), scene)
    assert run(risk_of("grep -rn one src", policy, place), scene) == "src/app.py:1:print('one')\n"
    assert run(risk_of("find src -name '*.py'", policy, place), scene) == "src/app.py\n"
    assert "notes.txt" in run(risk_of("ls", policy, place), scene)


def test_a_write_is_one(policy: CommandPolicy, place: Place) -> None:
    """Inside of the workspace, and not among the files that say what agents may do."""
    assert risk_of("mkdir -p build/new", policy, place).risk == "write"
    assert risk_of("touch notes.txt", policy, place).risk == "write"
    assert risk_of("touch tools.d/x.yaml", policy, place).risk == "danger"
    assert risk_of("git add notes.txt", policy, place).risk == "write"


@pytest.mark.parametrize(
    "command, risk",
    [
        ("cat notes.txt", "read"),
        ("cat {ws}/notes.txt", "read"),
        ("cat {ws}/.env", "danger"),
        ("cat /etc/passwd", "danger"),
        ("cat {ws}/../etc/passwd", "danger"),
        ("ls -la", "read"),
    ],
)
def test_in_the_sandbox_the_workspace_keeps_its_name(
    command: str, risk: str, policy: CommandPolicy, place: Place
) -> None:
    """Its files are the same, and the same of them are closed."""
    inside = Place("sandbox", place.workspace, place.closed)
    assert risk_of(command.format(ws=place.workspace), policy, inside).risk == risk


@pytest.mark.parametrize(
    "command, risk",
    [
        ("tail -n 50 /var/log/nginx/error.log", "read"),
        ("grep -rn error /var/log/nginx", "read"),
        ("df -h /", "read"),
        ("ps aux", "read"),
        ("cat /var/log/../../etc/shadow", "danger"),
        ("cat /etc/shadow", "danger"),
        ("cat .ssh/id_ed25519", "danger"),
        ("cat notes.txt", "danger"),
        ("cat /etc/nginx/ssl/site.key", "danger"),
        ("mkdir /var/log/x", "danger"),
    ],
)
def test_on_a_host_only_listed_places_are_read(command: str, risk: str, policy: CommandPolicy) -> None:
    """Links there cannot be followed from here."""
    assert risk_of(command, policy, Place("host", Path("/nowhere"))).risk == risk


_WORDS = st.lists(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
    | st.sampled_from(
        ["-la", "--", "-n", "5", "src", ".env", "--output=x", "/etc/shadow", "-exec", "HEAD", "status", "*", "a b"]
    ),
    max_size=6,
)
_PROGRAMS = st.sampled_from(["ls", "cat", "grep", "find", "git", "sort", "head", "ps", "rm", "env", "date"])


def _written(word: str, way: int) -> str:
    """A word, written in one of several ways that a shell reads alike."""
    if way == 0:
        return shlex.quote(word)
    if way == 1:
        return "".join(f"\\{sign}" for sign in word)
    if way == 2:
        return '"' + "".join(f"\\{sign}" if sign in '\\$`"' else sign for sign in word) + '"'
    return "".join(shlex.quote(sign) for sign in word)


@settings(max_examples=60, deadline=None)
@given(_PROGRAMS, _WORDS, st.data())
def test_quoting_and_blanks_make_no_difference(
    policy: CommandPolicy, program: str, words: list[str], data: st.DataObject
) -> None:
    """The same words are judged alike and run alike, however they are written."""
    argv = [program, *words]
    line = "".join(
        data.draw(st.sampled_from([" ", "  ", "\t", " \t "])) + _written(word, data.draw(st.integers(0, 3)))
        for word in argv
    )
    here = Place("local", SHIPPED.parents[1])
    assert risk_of(line, policy, here) == risk_of(argv, policy, here)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_gets_a_judgement(policy: CommandPolicy, text: str) -> None:
    """Whatever a model writes; what has no words needs a shell."""
    assessment = risk_of(text, policy, Place("local", SHIPPED.parents[1]))
    assert assessment.risk in ("read", "write", "danger")
    assert assessment.argv or assessment.runs == ("/bin/sh", "-c", text)
