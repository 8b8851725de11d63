"""Phrases of intents: whole sentences with slots, `how full is {path}`, met in any case and without regard to accents.

    delete {count: int} lines of {file}

A slot without a type takes that of the tool's parameter of its name, else any words. A message that holds a negation or
a doubt in one of its slots ("nginx but not now") is no such sentence: a model has to read it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runner.spec import FIELD
from runner.spec.types import BadType, Mismatch, parse_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.spec.types import Type

LONGEST = 200
"""Characters of a message that is compared with phrases; a longer one says more than a phrase can hold."""
MOST_SLOTS = 3
_SLOT = re.compile(r"\{([^{}]*)\}")
_AROUND = " \t\n,;:!?…¿¡\"'`«»“”„"
"""Signs around a sentence or a slot that say nothing of it."""
_END = re.compile(r"(?:[\s,;:!?…\"'`«»“”„]|(?<=[^\s./])\.)+\Z")
"""The same at the end of a sentence, and its full stop: one behind a blank is a folder."""
_QUOTES = {"’": "'", "‘": "'", "ʼ": "'"}
_DOUBT = re.compile(
    r"n't\b|\bn'|\b(?:not?|never|none|nothing|without|except|unless|but|maybe|perhaps|or|if|instead|rather|dont|cannot"
    r"|ne|pas|jamais|sans|sauf|mais|ou|si|peut-etre|plutot|rien|aucune?"
    r"|nicht|nie|niemals|keine?[nmrs]?|ohne|ausser|aber|oder|wenn|vielleicht"
    r"|nunca|sin|pero|quiza|tal vez)\b"
)
"""Words, folded, that turn a sentence or leave it open."""


class BadPhrase(ValueError):
    """A text that can be no phrase; `hint` says what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase and its slots, each with the type that is written with it."""

    source: str
    slots: Mapping[str, Type | None]
    pattern: re.Pattern[str]
    own: int
    """Letters of its own: of two phrases that a message is, the one with more of them says more of it."""

    def match(self, message: str, types: Mapping[str, Type]) -> dict[str, Any] | None:
        """What a message puts into the slots; None when it is not this phrase. `types` are those of parameters."""
        if len(message) > LONGEST:
            return None
        text, places = _folded(message)
        if len(text) > LONGEST:  # some letters are many when they are folded: `\ufdfa` is four words
            return None
        before = len(text) - len(text.lstrip(_AROUND))
        found = self.pattern.fullmatch(_END.sub("", text[before:]))
        if found is None:
            return None
        values: dict[str, Any] = {}
        for name, kind in self.slots.items():
            start, end = (before + at for at in found.span(name))
            if _DOUBT.search(text[start:end]):
                return None
            words = message[places[start] : places[end - 1] + 1].strip(_AROUND)
            try:
                values[name] = _value(words, kind or types.get(name))
            except Mismatch:
                return None
        return values


@lru_cache(maxsize=4096)
def phrase(source: str) -> Phrase:
    """Read a phrase; raises BadPhrase."""
    parts = _SLOT.split(source)
    words, slots = parts[::2], parts[1::2]
    if any("{" in part or "}" in part for part in words):
        raise BadPhrase("a brace stands alone", "a slot is written {name} or {name: type}")
    if not any(letter.isalnum() for part in words for letter in part):
        raise BadPhrase("it has no word of its own: it would take every message", "write words around the slots")
    if len(slots) > MOST_SLOTS:
        raise BadPhrase(f"it has {len(slots)} slots, and {MOST_SLOTS} are the most", "leave the rest to the model")
    if any(not part.strip() for part in words[1:-1]):
        raise BadPhrase("two slots stand side by side", "put a word between them, by which they are told apart")
    words = [words[0].lstrip(_AROUND), *words[1:]]
    words[-1] = words[-1].rstrip(_AROUND + ".")
    kinds: dict[str, Type | None] = {}
    pattern = _literal(words[0])
    for slot, following in zip(slots, words[1:], strict=True):
        name, kind = _slot(slot)
        if name in kinds:
            raise BadPhrase(f"the slot `{name}` stands in it twice", "give each its own name")
        kinds[name] = kind
        pattern += rf"(?P<{name}>\S(?:.*?\S)?){_literal(following)}"
    return Phrase(source, kinds, re.compile(pattern, re.DOTALL), len("".join(words)))


def same(source: str) -> str:
    """What two phrases have in common that take the same messages."""
    return re.sub(r"\?P<\w+>", "", phrase(source).pattern.pattern)


def _slot(text: str) -> tuple[str, Type | None]:
    name, colon, kind = (part.strip() for part in text.partition(":"))
    if not re.fullmatch(FIELD, name):
        raise BadPhrase(f"`{name}` is no name of a slot", "use small letters, digits and _, beginning with a letter")
    if not colon:
        return name, None
    try:
        return name, parse_type(kind)
    except BadType as error:
        raise BadPhrase(f"slot `{name}`: {error.what}", "types of slots: str, int, float, bool, path, a|b") from error


def _literal(text: str) -> str:
    folded, _ = _folded(text)
    return re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(folded))


def _folded(text: str) -> tuple[str, list[int]]:
    """A text without case and accents, and for each of its letters the place that it comes from."""
    letters: list[str] = []
    places: list[int] = []
    for at, letter in enumerate(text):
        for part in unicodedata.normalize("NFKD", _QUOTES.get(letter, letter)).casefold():
            if not unicodedata.combining(part):
                letters.append(part)
                places.append(at)
    return "".join(letters), places


def _value(words: str, kind: Type | None) -> Any:
    if kind is None:
        return words
    for choice in kind.bare.get("enum", ()):
        if isinstance(choice, str) and _folded(choice)[0] == _folded(words)[0]:
            return choice
    return kind.from_text(words)
