"""How like each other short texts are: TF-IDF over words and their trigrams, in any case and without accents."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 2000
"""Characters of a text that are read; what it is about stands in its beginning."""
_WORD = re.compile(r"[^\W_]+")
_COMMON = """
a ai an and are as at au aux avec be by c ca can ce ces cet cette ci comme could d dans de des did do does donc donne
donner du elle en entre est et etre faire fais fait faut for from has have how i il ils in is it j je l la le les leur
lui m ma mais me mes moi mon my n ne nos notre nous of on ont or ou par pas peux please plait plus pour pouvez qu que
quel quelle quelles quels qui quoi s sa se ses si son sont stp svp sur t ta te tes that the this to toi ton tous tout
toute toutes tu un une veux voudrais vos votre vous want was what when where which who with y you your
"""
_SAYS_NOTHING = frozenset(_COMMON.split())
"""Words, folded, of French and English that stand in any sentence."""
Feature: TypeAlias = "tuple[str, str]"
Vector: TypeAlias = "Mapping[Feature, float]"


class Near(NamedTuple):
    """The text of a group that is nearest to a question: its place there, how near, and the words of both."""

    similarity: float
    place: int
    words: tuple[str, ...]


class Similarity:
    """Groups of texts to compare questions with; what is found in few groups weighs more than what is in many."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        features = {name: [_features(text) for text in texts] for name, texts in groups.items()}
        self._groups = len(groups)
        self._found_in = Counter(
            feature for texts in features.values() for feature in {feature for text in texts for feature in text}
        )
        self._vectors = {name: [self._vector(text) for text in texts] for name, texts in features.items()}

    def nearest(self, question: str) -> dict[str, Near]:
        """Of each group the text that is nearest to the question; 1 is the same words, 0 has nothing in common."""
        asked = self._vector(_features(question))
        return {name: _nearest(asked, vectors) for name, vectors in self._vectors.items()}

    def _vector(self, features: Vector) -> Vector:
        """Weighed by how few groups have each feature, and one long; one that no group has counts as if one had it."""
        weighed = {
            feature: count * math.log(1 + self._groups / max(1, self._found_in[feature]))
            for feature, count in features.items()
        }
        length = math.hypot(*weighed.values())
        return {feature: value / length for feature, value in weighed.items()} if length else {}


def words_of(text: str) -> list[str]:
    """The words of a text without case and accents; those that stand anywhere only if there are no others."""
    parts = unicodedata.normalize("NFKD", text[:LONGEST]).casefold()
    words = _WORD.findall("".join(letter for letter in parts if not unicodedata.combining(letter)))
    return [word for word in words if word not in _SAYS_NOTHING] or words


def _features(text: str) -> Vector:
    """Each word, and its trigrams, which weigh as much together as the word: so that forms of a word are alike."""
    features: defaultdict[Feature, float] = defaultdict(float)
    for word in words_of(text):
        features["word", word] += 1.0
        padded = f" {word} "
        for start in range(len(word)):
            features["part", padded[start : start + 3]] += 1.0 / math.sqrt(len(word))
    return features


def _nearest(asked: Vector, vectors: Sequence[Vector]) -> Near:
    best = Near(0.0, -1, ())
    for place, vector in enumerate(vectors):
        common = [feature for feature in asked if feature in vector]
        similarity = min(1.0, sum(asked[feature] * vector[feature] for feature in common))
        if similarity > best.similarity:
            best = Near(similarity, place, tuple(word for kind, word in common if kind == "word"))
    return best
