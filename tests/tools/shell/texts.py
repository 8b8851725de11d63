"""Texts for a shell, in which X stands for a value: those where it may stand, and those where it may not, and why."""

from __future__ import annotations

from runner.tools.shell import Place, behind, refusal, refusal_at_end

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
    "export a=X; local b=X",
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
    "env a=X sudo -u a ls X",
    "sudo -u X timeout -k 5 10 nice -n X ls X",
    "[ X = y ] && echo X || echo X",
    "! grep -q X f",
    "ls --filter=X /srv/X/logs X-X",
    "sleep 1 &\nls X",
    "ls X'a'\"b\"X",
    'echo "$$ $(ls X)" $$ X',
    "find . -exec ls X \\; | xargs -0 -n1 grep -e X",
    "sh -c 'ls \"$1\"' X; bash -eu -o pipefail -c 'ls' sh X",
    "printf '%s' X | [ a = X ] && [ -n X -a ! -e X ]",
    "sh ./s.sh; ls X",
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
        *("command -p X", "command b=X", "sudo -n X", "xargs X", "find . -exec X", "env b=c X", "timeout X ls"),
        *("nohup X", "exec X", "time while X", "time -p X", "timeout 5 X"),
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
        *("test -v X", "[ ! -v X ]", 'test "-v" X', "[ X X ]", "[ a X", "read a[X]", "wait -n -p X"),
        "export X",
        "export A=1 X",
        "read X",
        "unset X",
        "readonly X",
        "for X in a",
        "for f X",
    ],
    "as code": [
        *("eval X", "eval ls X", "sudo eval X", "trap X EXIT", "let X", ". X", "source X"),
        *("sh -c X", "bash -lc X", "/bin/sh -c X", "sudo sh -ec X", "xargs -0 sh -c X", "sh -o pipefail -c X"),
        *("sh -c -e X", "sh X", "ssh h X", "ssh X ls", "su -c X", "env ssh h X", "exec sh -c X", "command eval X"),
    ],
    "by `ssh` as code": [
        "ssh h bash ./s.sh X",
        "ssh h sh -c 'ls' sh X",
        "ssh h sudo bash ./s.sh X",
        "sudo ssh h sh ./s X",
    ],
    "by `eval` as code": ["eval sh ./s.sh X", "\\eval X", '"eval" X', "command eval X", "'ev'al X", "exec eval X"],
    "by `ssh` as code, whatever": ["ssh h 'bash -s' < X", "ssh h cat < X"],
    "by `trap` as code": ['"trap" X', "\\trap X EXIT"],
    "by `.` as code": ["\\. X", "'.' X", "time . X"],
    "by `bash": [
        *("bash X", "bash -ceuo pipefail X", "bash -co pipefail X", "bash -c -o pipefail X", "bash -s X"),
        *("bash --rcfile ./x.rc -c X", "bash --rcfile /x.rc -ec X", "bash -O x -c X", "bash ./s.sh bash -c X"),
        *(
            "bash < X",
            "bash -- X",
            'bash "-c" X',
            'bash "$a" X',
            '"bash" -c X',
            "sudo '/bin/bash' -c X",
            "bash -o -c X",
        ),
    ],
    "by `sh": [
        *('"/bin/sh" -c X', '"$SHELL" -c X', "$SHELL -c X", "${SHELL} -c X", "sudo $SHELL -c X", "busybox sh -c X"),
        *("find . -exec sh ./a {} \\; -exec sh -c X \\;", "find . -exec 'sh' -c X", "timeout 5 sh -c X", "sudo -s X"),
    ],
    "by `rbash -c` as code": ["rbash -c X", "env a=b rbash -c X"],
    "by `flock` as code": ["flock f -c X"],
    "by `script` as code": ["script -qc X", "sudo script -qc X"],
    "by `watch` as code": ["watch X", "watch -n 1 X"],
    "cannot be followed": [
        *("$a X", "${a} X", "$(a) X", "$a$b X", "$a b=c X", "$a export X", '"$@" X', '"ls" X', "~/bin/x X", "l\\s X"),
        *(
            "command -- X",
            "exec -- X",
            "exec -c X",
            "sudo --user a X",
            "env -S X",
            "env - X",
            "env --x a X",
        ),
        *("a+=1 X", "a[0]=1 X", "printf -v X a", 'printf "-v" X a', 'printf "$a" X', "printf -- X a"),
    ],
    "format of `printf`": ["printf X a", "printf -vX a", "printf %sX"],
    "capitals": [
        *("PS4=X; set -x", "BASH_ENV=X bash ./s", "ENV=X", "PATH=X ls", "LD_PRELOAD=X ls", "SECONDS=X", "A=X"),
        *("export PS4=X", "local A=X", "env PATH=X ls", "for PS4 in X", "sudo LD_PRELOAD=X ls"),
    ],
    "`>&` or `<&`": ["ls >&X", "ls >& X", "ls <&X", "ls 2>&X"],
    "an array": ["a=(1 2) X", "a+=(X)", "a[1]=(X)"],
    "arithmetic that cannot be": ["echo $[X]", "echo $[1+X]", 'echo "$[1]" X', "echo ${a:-$[1]} X", "echo $(($[1])) X"],
    "behind quotes inside of": ["echo ${ eval } X; }", "echo ${| X; }"],
    "in the middle of a word": ["e\\\nval X", 'echo "$\\\n(echo "X', "cat <\\\n<E X"],
    "`case` inside of ( )": ['"$(case a in a) echo "X";; esac)"', "(case a in a) echo X;; esac)"],
    "not every sh": ["echo $'a' X", "function f { X; }", "select X in a", "coproc X"],
    "reads like any command": [
        *("[[ -n a && 1 -lt X ]]", "[[ a || 1 -lt X ]]", "[[ ( 1 -eq X ) ]]", "[[ X -eq 1 ]]", '"[[" X'),
        *("declare -i n=X", "typeset -i n=X", "declare -a n=X", "declare -i n; n=X", "\\declare -i n; n=X"),
        *("local -i n=X", "f() { local -n n=X; }", "export -a n=X", "readonly -a n; n=X", 'local "$a" n=X'),
        *(
            "command declare -i n; n=X",
            "compgen -W X",
            "mapfile -C X",
            "alias X",
            "alias e=eval\ne X",
            '"alias" e=eval\ne X',
        ),
        *("ssh -F <(a) h X", "cat <(ls X)", "tee >(X)", "ls !(a) X", "builtin -- eval X", "shopt -s a; X"),
    ],
}


FED = ["echo X | sh", "echo X | bash", "echo X | sudo sh", 'echo X | "sh"', "echo X | $SHELL", "echo X | bash -s"]
FED += [
    "(echo X) | { sh -eu; }",
    "ls $(echo X | sh)",
    "echo X | sudo -i",
    "echo X | sudo -s",
    "echo X | docker exec -i c sh",
    "echo X | /bin/sh -x 2>&1 | wc",
]
FED += ["echo X | sh /dev/stdin", "echo X | . /dev/stdin", "echo X | sudo --user a sh", "echo X | ssh h 'bash -s'"]
FED += ["echo X | ssh h sh", "echo X | su a", "echo X | tcsh"]


def refused(text: str) -> list[str]:
    """What is said of each value of a text that may not stand where it does."""
    place, found = Place(), []
    head, *parts = text.split("X")
    place = place.after(head)
    for part in parts:
        found += [why.what for why in [refusal(place)] if why]
        place = behind(place).after(part)
    found += [why.what for why in [refusal_at_end(place)] if why]
    return found
