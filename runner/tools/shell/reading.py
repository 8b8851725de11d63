"""How far a shell is in a text: what is open there, and what the word at hand is to it.

A text is read a sign at a time, looking back and never ahead, so that it may come in pieces. Where shells differ, or
only a whole grammar would tell (backquotes, here-documents, `case` inside of `$( )`), the reading is given up.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.tools.shell import reasons
from runner.tools.shell.command import QUOTED, REDIRECTED, Command, Open


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shell is when it has read a part of a text."""

    around: tuple[Open, ...] = ()
    role: str = "program"
    """What the word at hand is: program, argument; file or number of a redirection; of `for` name or items, of `case`
    subject."""
    then: str = "program"
    """What the word behind a file is."""
    word: str = ""
    reader: str = ""
    """What reads the words of this command otherwise than as arguments."""
    last: str = ""
    """The signs before that mean something together with the next one."""
    lost: reasons.Refusal | None = None
    """Why the reading was given up."""
    has_value: bool = False
    """Whether a value stands before."""

    def after(self, text: str) -> Place:
        """The place behind some text of the author."""
        state = self.role, self.then, self.word, self.reader, self.last, self.lost, self.has_value
        reading = _Reading(list(self.around), *state)
        for sign in text:
            reading.read(sign)
        return reading.place()


@dataclass(slots=True)
class _Reading(Command):
    """A place on its way through a text."""

    def place(self) -> Place:
        state = self.role, self.then, self.word, self.reader, self.last, self.lost, self.has_value
        return Place(tuple(self.around), *state)

    def read(self, sign: str) -> None:
        last, self.last = self.last, ""
        opened = self.around[-1].sign if self.around else ""
        if self.lost:
            return
        if opened == "'":
            self.close_or_add(sign, "'")
        elif opened == "#":
            self._in_comment(sign)
        elif opened == "${":
            self._in_expansion(sign, last)
        elif opened in ("$((", "(("):
            self._in_arithmetic(sign, last)
        elif last[:1] == "\\":
            self._escaped(sign, last[1:] or (self.word if opened != '"' else ""))
        elif not self._is_anywhere(sign, last):
            self._in_quotes(sign) if opened == '"' else self._in_code(sign, last)

    def _escaped(self, sign: str, before: str) -> None:
        """A sign behind a backslash: itself, but a line feed is nothing, and what is `before` goes on behind it."""
        if sign != "\n":
            self.add(QUOTED + sign)
        elif before:
            self.lost = reasons.SPLIT

    def _is_anywhere(self, sign: str, last: str) -> bool:
        """Whether a sign means the same in code and in double quotes; then it is read."""
        if sign == "\\":
            self.last = sign + last
        elif sign == "`":
            self.lost = reasons.BACKQUOTES
        elif sign == "$":
            self.add(sign)
            self.last = _dollar(last)
        elif sign == "[" and last == "$":
            self.lost = reasons.ARITHMETIC
        elif sign == "{" and last == "$":
            self.open("${")
            self.last = "${"
        elif sign == "(" and last == "$(":
            outer = self.around.pop()
            self.around.append(outer._replace(sign="$(("))
        elif sign == "(" and last == "$":
            self.open("$(")
            self.last = "$("
        else:
            return False
        return True

    def _in_quotes(self, sign: str) -> None:
        self.close_or_add(sign, '"')

    def _in_code(self, sign: str, last: str) -> None:
        if sign == "'" and last == "$":
            self.lost = reasons.DOLLAR
        elif sign in "'\"":
            self.add(QUOTED)
            self.open(sign)
        elif sign == "#" and not self.word:
            self.open(sign)
        elif sign in " \t":
            self.end_word()
        elif sign in "<>":
            self._redirect(sign, last)
        elif sign in "&|" and last in ("<", ">"):
            self.role = "number" if sign == "&" else "file"
        elif sign in "\n;&|":
            self.separate()
        elif sign in "()":
            self._group(sign, last)
        else:
            self.add(sign)

    def _redirect(self, sign: str, last: str) -> None:
        if self.word.isdecimal():  # the number of what is redirected, and no word
            self.word = ""
        self.end_word()
        if sign == last == "<":
            self.lost = reasons.HERE
        if self.role not in REDIRECTED:
            self.then = self.role
        self.role, self.last = "file", sign

    def _group(self, sign: str, last: str) -> None:
        """A subshell, or the end of one, of `$( )`, or of a pattern of `case`."""
        if sign == "(":
            if last == "(":
                self.lost = reasons.ARITHMETIC
            if last in ("<", ">") or (self.word and self.role != "program"):
                self.lost = reasons.not_everywhere(f"{last or self.word[-1]}(")
            if "=" in self.word:
                self.lost = reasons.ARRAY
            self.open(sign)
            self.last = sign
            return
        self.separate()
        outer = self.around.pop() if self.around else None
        if outer is not None and outer.sign == "$(":
            self.restore(outer)

    def _in_comment(self, sign: str) -> None:
        if sign == "\n":
            self.around.pop()
            self.separate()

    def _in_expansion(self, sign: str, last: str) -> None:
        if sign in "'\"\\`(" or (last == "${" and sign in " \t\n|"):
            self.lost = reasons.EXPANSION
        elif sign == "[" and last == "$":
            self.lost = reasons.ARITHMETIC
        elif sign == "{" and last == "$":
            self.open("${")
        elif sign == "$":
            self.last = _dollar(last)
        else:
            self.close_or_add(sign, "}")

    def _in_arithmetic(self, sign: str, last: str) -> None:
        is_end = sign == ")" and (last == ")" or self.around[-1].sign == "((")
        if sign in "'\"\\`#;" or last + sign in ("$(", "$[") or (last == ")" and not is_end):
            self.lost = reasons.ARITHMETIC
        elif is_end:
            self.restore(self.around.pop())
        elif sign == "(":
            self.open("((")
        elif sign == "{" and last == "$":
            self.open("${")
        elif sign == ")":
            self.last = sign
        elif sign == "$":
            self.last = _dollar(last)


def _dollar(last: str) -> str:
    """What a `$` means together with the next sign; a second one ends a parameter, `$$`."""
    return "$$" if last == "$" else "$"
