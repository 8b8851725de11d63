"""A text that a shell reads, in which every value is one quoted word; it runs on the call's target as `sh -c TEXT`.

What comes in by `{{ }}` is quoted whatever it is, also the outcome of filters, and nothing switches that off. A list
makes a word of each of its items. Before anything runs, each value is looked up in the whole text: it has to stand
where its quotes hold (`values`). `check` finds the same in the file, by all the ways that lead through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from runner.errors import ToolFailed
from runner.prompts import Inserted, RenderError, template
from runner.spec.cuts import begin_of
from runner.tools.programs import ProgramTool
from runner.tools.shell.reading import Place
from runner.tools.shell.values import behind, quoted, refusal, refusal_at_end

if TYPE_CHECKING:
    from runner.tools.port import Call

SHELL = ("/bin/sh", "-c")
"""By its path: a workspace may have programs of its own on PATH."""


class ShellTool(ProgramTool):
    """Runs a text in a shell."""

    shell: str = Field(min_length=1, pattern=r"^[^\x00]*$")
    """A text for `sh -c`; each `{{ parameter }}` is one quoted word, and a list a word for each item. Its risk is
    `danger` unless the file says another."""

    def argv(self, call: Call) -> list[str]:
        """The shell and the text; raises ToolFailed for a value that may not stand where it would."""
        return [*SHELL, self._text(call)]

    def _text(self, call: Call) -> str:
        try:
            pieces = template(self.shell).pieces(call.arguments)
        except RenderError as error:
            what, _, hint = str(error).partition("; ")
            raise ToolFailed(f"the text for the shell cannot be made: {what}", hint=hint) from error
        text, place = "", Place()
        for piece in pieces:
            if isinstance(piece, str):
                text, place = text + piece, place.after(piece)
                continue
            words = _words(piece)
            if why := refusal(place, len(words)):
                raise ToolFailed(f"the value {begin_of(' '.join(words), 80)!r} {why.what}", hint=why.hint)
            text, place = text + " ".join(map(quoted, words)), behind(place, len(words))
        if why := refusal_at_end(place):
            raise ToolFailed(f"a value {why.what}", hint=why.hint)
        return text


def _words(piece: Inserted) -> list[str]:
    """The words that a value makes: one, or one for each item of a list."""
    value = piece.value
    words = [piece.text] if not isinstance(value, list | tuple) else [Inserted(item).text for item in value]
    if any("\0" in word for word in words):
        raise ToolFailed("a value holds a NUL byte, which no program can be given")
    return words
