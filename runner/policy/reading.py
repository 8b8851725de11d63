"""Take the words of a known program apart by its form: each word is an option, a value or an argument, or it asks."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.policy.places import Place, refusal
from runner.policy.spec import RISKS, Risk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.policy.spec import CommandPolicy, Form

_NUMBER = re.compile(r"[+-]?\d{1,12}")
_COUNT = re.compile(r"-\d{1,9}")


class Unfit(ValueError):
    """A word that the form does not have; says which and why."""


@dataclass
class _Read:
    """What was found: options with their values, as written, and the other words."""

    form: Form
    options: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    """The arguments before `--`."""
    after: list[str] = field(default_factory=list)
    """The arguments after `--`."""
    dashes: bool = False


class Reader:
    """Reads words for one place."""

    def __init__(self, policy: CommandPolicy, place: Place) -> None:
        self._policy = policy
        self._place = place

    def read(self, form: Form, words: Sequence[str]) -> tuple[Risk, list[str]]:
        """(risk, the words as the program gets them); raises Unfit."""
        if form.style == "words":
            read = self._whole_words(form, words)
        else:
            read = self._options(form, words)
            if form.commands:
                return self._subcommand(read, words)
        risk = max((form.risk, *(form.raises[one] for one in read.seen if one in form.raises)), key=RISKS.index)
        if form.style == "git":
            return risk, self._for_git(read)
        self._check_arguments(read)
        return risk, self._in_order(read, words)

    # -------------------------------------------------------------------------------------------- the words

    def _options(self, form: Form, words: Sequence[str]) -> _Read:
        read, due = _Read(form), list(words)
        while due:
            word = due.pop(0)
            if read.dashes:
                read.after.append(word)
            elif word == "--":
                read.dashes = True
            elif word in form.flags or (form.number and _COUNT.fullmatch(word)):
                read.options.append(word)
                read.seen.append(word)
            elif word.startswith("--"):
                self._long(read, word, due)
            elif word.startswith("-") and word != "-":
                self._bundle(read, word, due)
            else:
                read.before.append(word)
                if form.commands:
                    return read
        return read

    def _long(self, read: _Read, word: str, due: list[str]) -> None:
        name, equals, value = word.partition("=")
        read.options.append(word)
        read.seen.append(name)
        if equals and (kind := read.form.options.get(name) or read.form.attached.get(name)):
            self._check(kind, value, name)
        elif not equals and name in read.form.options:
            self._next(read, name, due)
        else:
            raise Unfit(f"the option {word!r} is not known")

    def _bundle(self, read: _Read, word: str, due: list[str]) -> None:
        """Short options in one word: the first with a value takes the rest of it, else the next word."""
        read.options.append(word)
        for place, letter in enumerate(word[1:], 1):
            name, value = f"-{letter}", word[place + 1 :]
            read.seen.append(name)
            kind = read.form.options.get(name) or read.form.attached.get(name)
            if kind and value:
                self._check(kind, value, name)
                return
            if name in read.form.options:
                self._next(read, name, due)
            elif name not in read.form.flags:
                raise Unfit(f"the option {name!r} in {word!r} is not known")

    def _next(self, read: _Read, name: str, due: list[str]) -> None:
        if not due:
            raise Unfit(f"the option {name} lacks its value")
        self._check(read.form.options[name], due[0], name)
        read.options.append(due.pop(0))

    def _whole_words(self, form: Form, words: Sequence[str]) -> _Read:
        read, due = _Read(form), list(words)
        while due:
            word = due.pop(0)
            if word in form.flags:
                read.seen.append(word)
            elif word in form.options:
                read.seen.append(word)
                self._next(read, word, due)
            elif word.startswith("-"):
                raise Unfit(f"the option {word!r} is not known")
            else:
                read.before.append(word)
        return read

    def _subcommand(self, read: _Read, words: Sequence[str]) -> tuple[Risk, list[str]]:
        if not read.before or read.dashes:
            raise Unfit(f"it names no subcommand; known are {', '.join(read.form.commands)}")
        name = read.before[0]
        if name not in read.form.commands:
            raise Unfit(f"the subcommand {name!r} is not known; known are {', '.join(read.form.commands)}")
        rest = words[len(read.options) + 1 :]
        risk, made = self.read(read.form.commands[name], rest)
        return risk, [*read.form.adds, *read.options, name, *made]

    # ---------------------------------------------------------------------------------------- the arguments

    def _check_arguments(self, read: _Read) -> None:
        form, found = read.form, [*read.before, *read.after]
        kinds = form.arguments[1:] if set(form.unless) & set(read.seen) else form.arguments
        for place, word in enumerate(found):
            kind = kinds[place] if place < len(kinds) else form.rest
            if kind is None:
                raise Unfit(f"{word!r} is one word too many")
            self._check(kind, word, "")

    def _check(self, kind: str, word: str, option: str) -> None:
        where = f" for {option}" if option else ""
        if kind in ("path", "written"):
            if why := refusal(word, self._place, self._policy, written=kind == "written"):
                raise Unfit(f"{why}{where}")
        elif kind == "number":
            if not _NUMBER.fullmatch(word):
                raise Unfit(f"{word!r} is no number{where}")
        elif kind != "text" and not re.compile(kind[1:-1]).fullmatch(word):
            raise Unfit(f"{word!r} is none of the words that are known{where}")

    # ------------------------------------------------------------------------------------ what the program gets

    def _in_order(self, read: _Read, words: Sequence[str]) -> list[str]:
        """Options first, so that no program can take one for an argument or the other way round."""
        form = read.form
        if form.style == "words":
            return [*form.adds, *words]
        dashes = ["--"] if read.dashes else []
        return [*form.adds, *read.options, *self._closed(form), *dashes, *read.before, *read.after]

    def _for_git(self, read: _Read) -> list[str]:
        """Revisions before `--`, paths after it, and the closed names taken out."""
        form = read.form
        revisions = [word for word in read.before if form.revision and (read.dashes or not self._is_there(word))]
        paths = [*read.before[len(revisions) :], *read.after]
        for word in revisions:
            self._check(form.revision or "path", word, "a revision")
        for word in paths:
            self._check(form.rest or "path", word, "")
            if word.startswith(":"):
                raise Unfit(f"git acts on the : of {word!r}")
        here = ["."] if form.adds_here and not paths else []
        return [*form.adds, *read.options, *revisions, "--", *paths, *here, *self._closed(form)]

    def _is_there(self, word: str) -> bool:
        return self._place.kind != "host" and os.path.lexists(self._place.workspace / word)

    def _closed(self, form: Form) -> list[str]:
        names = self._place.closed_names(self._policy)
        return [word.replace("{name}", name) for name in names for word in form.adds_closed]
