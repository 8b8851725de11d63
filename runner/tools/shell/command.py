"""Where a shell is in a command: what its words so far make of the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from runner.tools.shell import reasons, words

QUOTED = "\0"
"""Stands in a word before what is quoted, and for what is put in or made by the shell."""
REDIRECTED = ("file", "number")
"""What the word behind `>` is, and that behind `>&`."""
_LONGEST_WORD = 4096
"""Signs of a word that are looked at."""


class Open(NamedTuple):
    """What was opened, and where the reading was in the command around it."""

    sign: str
    role: str
    then: str
    word: str
    reader: str


@dataclass(slots=True)
class Command:
    """A command on the way through its words; the fields are those of a `Place`."""

    around: list[Open]
    role: str
    then: str
    word: str
    reader: str
    last: str
    lost: reasons.Refusal | None
    has_value: bool

    def open(self, sign: str) -> None:
        """Go into what a sign opens."""
        self.around.append(Open(sign, self.role, self.then, self.word, self.reader))
        if sign in ("$(", "("):
            self.role, self.then, self.word, self.reader = "program", "program", "", ""

    def restore(self, outer: Open) -> None:
        """Come back out of it: what it put out is a part of a word."""
        self.role, self.then, self.word, self.reader = outer.role, outer.then, outer.word, outer.reader
        self.add(QUOTED)

    def close_or_add(self, sign: str, closing: str) -> None:
        """One sign in quotes."""
        if sign == closing:
            self.around.pop()
        else:
            self.add(sign)

    def add(self, sign: str) -> None:
        """One sign of the word at hand."""
        self.word = (self.word + sign)[:_LONGEST_WORD]

    def separate(self) -> None:
        """The end of a command."""
        self.end_word()
        if self.role == "argument" and words.takes_input(self.reader):
            self.lost = self.lost or reasons.FED
        self.role, self.then, self.reader = "program", "program", ""

    def end_word(self) -> None:
        """The end of the word at hand, if there is one."""
        word, self.word = self.word, ""
        if word == "case" and self.around:
            self.lost = reasons.CASE
        if not word:
            return
        if self.role in REDIRECTED:
            self.role = self.then
        elif self.role in words.CLAUSES:
            if self.role == "name" and not words.is_own(word):
                self.lost = reasons.CAPITALS
            self.role = words.role_behind(self.role, word)
        elif self.role == "argument":
            self._read_argument(word)
        else:
            self._begin_command(word)

    def _read_argument(self, word: str) -> None:
        if self.reader in words.ATTRIBUTES and not words.ASSIGNMENT.match(f"{word}="):
            self.lost = reasons.not_everywhere(f"{self.reader} {words.bare(word)}")
        if words.bare(word) in words.RUNNING and words.is_done(self.reader):
            self.role, self.reader = "program", ""
        else:
            self.reader = words.reader_behind(self.reader, word)

    def _begin_command(self, word: str) -> None:
        """What follows a word that stands where programs do."""
        if words.bare(word) in words.NOT_EVERYWHERE:
            self.lost = reasons.not_everywhere(words.bare(word))
        elif self.reader and (launcher := words.launcher_behind(self.reader, word)):
            self.reader = launcher
        elif word in words.ROLES:
            self.role = words.ROLES[word]
        elif word.rpartition("/")[2] in words.LAUNCHERS:
            self.reader = word.rpartition("/")[2]
        elif not words.is_before_programs(word):
            self.role = "argument"
            self.reader = words.reader_of_program(word)
