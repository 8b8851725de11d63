"""How far a shell is in a text: what is open there, and what the word at hand is to it.

A text is read a sign at a time, looking back and never ahead, so that it may come in pieces. Where shells differ, or
only a whole grammar would tell (backquotes, here-documents, `case` inside of `$( )`), the reading is given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from runner.tools.shell import reasons, words

_QUOTED = "\0"
"""Stands in a word for what is quoted, put in, or made by the shell."""
_LONGEST_WORD = 4096
"""Signs of a word that are looked at."""


class Open(NamedTuple):
    """What was opened, and where the reading was in the command around it."""

    sign: str
    role: str
    then: str
    word: str
    reader: str


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

    def after(self, text: str) -> Place:
        """The place behind some text of the author."""
        reading = _Reading(list(self.around), self.role, self.then, self.word, self.reader, self.last, self.lost)
        for sign in text:
            reading.read(sign)
        return reading.place()


_REDIRECTED = ("file", "number")
"""What the word behind `>` is, and that behind `>&`."""


@dataclass(slots=True)
class _Reading:
    """A place on its way through a text."""

    around: list[Open]
    role: str
    then: str
    word: str
    reader: str
    last: str
    lost: reasons.Refusal | None

    def place(self) -> Place:
        return Place(tuple(self.around), self.role, self.then, self.word, self.reader, self.last, self.lost)

    def read(self, sign: str) -> None:
        last, self.last = self.last, ""
        opened = self.around[-1].sign if self.around else ""
        if self.lost:
            return
        if opened == "'":
            self._close(sign == "'")
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
            self._add(_QUOTED)
        elif before:
            self.lost = reasons.SPLIT

    def _is_anywhere(self, sign: str, last: str) -> bool:
        """Whether a sign means the same in code and in double quotes; then it is read."""
        if sign == "\\":
            self.last = sign + last
        elif sign == "`":
            self.lost = reasons.BACKQUOTES
        elif sign == "$":
            self._add(sign)
            self.last = sign
        elif sign == "{" and last == "$":
            self._open("${")
        elif sign == "(" and last == "$(":
            outer = self.around.pop()
            self.around.append(outer._replace(sign="$(("))
        elif sign == "(" and last == "$":
            self._open("$(")
            self.last = "$("
        else:
            return False
        return True

    def _in_quotes(self, sign: str) -> None:
        self._close(sign == '"')

    def _in_code(self, sign: str, last: str) -> None:
        if sign == "'" and last == "$":
            self.lost = reasons.DOLLAR
        elif sign in "'\"":
            self._add(_QUOTED)
            self._open(sign)
        elif sign == "#" and not self.word:
            self._open(sign)
        elif sign in " \t":
            self._end_word()
        elif sign in "<>":
            self._redirect(sign, last)
        elif sign in "&|" and last in ("<", ">"):
            self.role = "number" if sign == "&" else "file"
        elif sign in "\n;&|":
            self._separate()
        elif sign in "()":
            self._group(sign, last)
        else:
            self._add(sign)

    def _redirect(self, sign: str, last: str) -> None:
        if self.word.isdecimal():  # the number of what is redirected, and no word
            self.word = ""
        self._end_word()
        if sign == last == "<":
            self.lost = reasons.HERE
        if self.role not in _REDIRECTED:
            self.then = self.role
        self.role, self.last = "file", sign

    def _group(self, sign: str, last: str) -> None:
        """A subshell, or the end of one, of `$( )`, or of a pattern of `case`."""
        if sign == "(":
            if last == "(":
                self.lost = reasons.ARITHMETIC
            if "=" in self.word:
                self.lost = reasons.ARRAY
            self._open(sign)
            self.last = sign
            return
        self._separate()
        outer = self.around.pop() if self.around else None
        if outer is not None and outer.sign == "$(":
            self._restore(outer)

    def _in_comment(self, sign: str) -> None:
        if sign == "\n":
            self.around.pop()
            self._separate()

    def _in_expansion(self, sign: str, last: str) -> None:
        if sign in "'\"\\`(":
            self.lost = reasons.EXPANSION
        elif sign == "{" and last == "$":
            self._open("${")
        elif sign == "$":
            self.last = sign
        else:
            self._close(sign == "}")

    def _in_arithmetic(self, sign: str, last: str) -> None:
        is_end = sign == ")" and (last == ")" or self.around[-1].sign == "((")
        if sign in "'\"\\`#;" or last + sign == "$(" or (last == ")" and not is_end):
            self.lost = reasons.ARITHMETIC
        elif is_end:
            self._restore(self.around.pop())
        elif sign == "(":
            self._open("((")
        elif sign == "{" and last == "$":
            self._open("${")
        elif sign in ")$":
            self.last = sign

    def _open(self, sign: str) -> None:
        self.around.append(Open(sign, self.role, self.then, self.word, self.reader))
        if sign in ("$(", "("):
            self.role, self.then, self.word, self.reader = "program", "program", "", ""

    def _restore(self, outer: Open) -> None:
        self.role, self.then, self.word, self.reader = outer.role, outer.then, outer.word, outer.reader
        self._add(_QUOTED)

    def _close(self, is_end: bool) -> None:  # noqa: FBT001 - whether the sign at hand is the one that closes
        if is_end:
            self.around.pop()

    def _add(self, sign: str) -> None:
        self.word = (self.word + sign)[:_LONGEST_WORD]

    def _separate(self) -> None:
        """The end of a command."""
        self._end_word()
        self.role, self.then, self.reader = "program", "program", ""

    def _end_word(self) -> None:
        word, self.word = self.word, ""
        if word == "case" and self.around:
            self.lost = reasons.CASE
        if not word:
            return
        if self.role in _REDIRECTED:
            self.role = self.then
        elif self.role in words.CLAUSES:
            self.role = words.role_behind(self.role, word)
        elif self.role == "argument":
            self.reader = words.reader_behind(self.reader, word)
        else:
            self._begin_command(word)

    def _begin_command(self, word: str) -> None:
        """What follows a word that stands where programs do."""
        if word in words.ROLES:
            self.role = words.ROLES[word]
        elif word in words.NOT_EVERYWHERE:
            self.lost = reasons.not_everywhere(word)
        elif not words.is_before_programs(word):
            self.role = "argument"
            self.reader = words.reader_of_program(word)
