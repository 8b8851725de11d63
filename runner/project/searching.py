"""How an agent finds its tools when there are too many to be told of: by words, always in the same order.

A tool is found by words of its name, its pack and tags, its description and its parameters. A word counts more the
rarer it is among the tools, and more in a name than in a description; the beginning of a word counts half.
"""

from __future__ import annotations

import re
import unicodedata
from math import log
from typing import TYPE_CHECKING

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.project.project import ToolEntry

SEARCH = "search_tools"
CALL = "call_tool"
RESERVED = frozenset({SEARCH, CALL})
"""Names that no tool may have: an agent with many tools is told these two."""

_WORD = re.compile(r"[^\W_]+")
_NAME, _SORT, _ABOUT, _PARAMETER = 6.0, 3.0, 2.0, 1.0
_BEGINNING = 4
"""Letters that two words have to share to be of one family."""
_MOST_WORDS = 24
"""Words of a query that are looked for."""


def taken_names(file: str, tools: Iterable[str]) -> list[Finding]:
    """A finding for each tool of a pack that has one of the two names."""
    what = "`{}` is what an agent with `tools: {{mode: search}}` finds and calls its tools by"
    hint = "choose another name"
    return [
        Finding("reserved-name", file, ("tools", name), what.format(name), hint, at_key=True)
        for name in tools
        if name in RESERVED
    ]


def ranked(tools: Sequence[ToolEntry], query: str) -> list[ToolEntry]:
    """The tools that words of the query find, the best first; of equals by their names."""
    wanted = list(dict.fromkeys(words(query)))[:_MOST_WORDS]
    known = [_words_of(tool) for tool in tools]
    scores = [0.0] * len(tools)
    for word in wanted:
        hits = [_hit(word, index) for index in known]
        rarity = log(1 + len(tools) / max(1, sum(hit > 0 for hit in hits)))
        scores = [score + rarity * hit for score, hit in zip(scores, hits, strict=True)]
    found = [(-score, tool.name, tool) for score, tool in zip(scores, tools, strict=True) if score]
    return [tool for *_, tool in sorted(found, key=lambda one: one[:2])]


def words(text: str) -> list[str]:
    """The words of a text in small letters, without accents and without the s of a plural."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return [word[:-1] if len(word) >= _BEGINNING and word.endswith("s") else word for word in _parts(plain)]


def _parts(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _words_of(tool: ToolEntry) -> Mapping[str, float]:
    """Its words, each with the most that it counts."""
    found: dict[str, float] = {}
    texts: Iterable[tuple[float, str]] = (
        (_PARAMETER, " ".join(tool.params.types)),
        (_ABOUT, tool.spec.description),
        (_SORT, " ".join((tool.pack, *tool.spec.tags))),
        (_NAME, tool.name),
    )
    for weight, text in texts:
        found |= dict.fromkeys(words(text), weight)
    return found


def _hit(word: str, known: Mapping[str, float]) -> float:
    """What a word counts for a tool."""
    if word in known:
        return known[word]
    if len(word) < _BEGINNING:
        return 0.0
    family = (weight for other, weight in known.items() if _are_related(word, other))
    return max(family, default=0.0) / 2


def _are_related(word: str, other: str) -> bool:
    return len(other) >= _BEGINNING and (word.startswith(other) or other.startswith(word))
