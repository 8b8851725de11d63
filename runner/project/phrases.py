"""Phrases of intents: whole sentences with slots, `how full is {path}`, met in any case and without regard to accents.

    delete {count: int} lines of {file}
    [please |now ](restart|start again) {name}[ on {target}]

What stands in `[ ]` may be left out; of what stands in `( )` one is said; `|` divides both into ways to say it. A slot
without a type takes that of the tool's parameter of its name, else any words. A message that holds a negation or a
doubt in one of its slots ("nginx but not now") is no such sentence: a model has to read it.
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
_OPTION = re.compile(r"\[([^\[\]]*)\]")
_CHOICE = r"\([^(){}\[\]|]+\|[^(){}\[\]]+\)"
_PART = re.compile(rf"(\{{[^{{}}]*\}}|{_CHOICE}|\[|\]|\|)")
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
    always: frozenset[str]
    """The slots that stand outside of `[ ]`."""
    pattern: re.Pattern[str]

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
            if found[name] is None:
                continue
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
    least = _OPTION.sub("", source)
    if set("[]") & set(_SLOT.sub("", least)):
        raise BadPhrase("a bracket stands alone", "what may be left out is written [words], with no other [ ] in it")
    _check(least)
    kinds = _check(_OPTION.sub(r"\1", source))
    return Phrase(source, kinds, frozenset(_check(least)), re.compile(_pattern(source), re.DOTALL))


def _check(source: str) -> dict[str, Type | None]:
    """The slots of a phrase without options; raises BadPhrase."""
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
    kinds: dict[str, Type | None] = {}
    for name, kind in map(_slot, slots):
        if name in kinds:
            raise BadPhrase(f"the slot `{name}` stands in it twice", "give each its own name")
        kinds[name] = kind
    return kinds


def _pattern(source: str) -> str:
    """The expression that whole messages are compared with, folded."""
    parts = _PART.split(source)
    parts[0], parts[-1] = parts[0].lstrip(_AROUND), parts[-1].rstrip(_AROUND + ".")
    pattern, is_option = "", False
    for part in parts:
        if part.startswith("{"):
            pattern += rf"(?P<{_slot(part[1:-1])[0]}>\S(?:.*?\S)?)"
        elif part == "[":
            pattern, is_option = pattern + "(?:", True
        elif part == "]":
            pattern, is_option = pattern + ")?", False
        elif re.fullmatch(_CHOICE, part):
            pattern += f"(?:{'|'.join(map(_literal, part[1:-1].split('|')))})"
        else:
            pattern += part if part == "|" and is_option else _literal(part)
    return pattern


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
