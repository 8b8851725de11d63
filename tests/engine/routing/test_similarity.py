"""How like each other texts are: forms of words, accents, and what weighs more."""

from __future__ import annotations

import pytest

from runner.engine.routing.similarity import LONGEST, Similarity, words_of

GROUPS = {
    "disks": ["Quel est l'état du disque ?", "espace libre"],
    "music": ["Je cherche de la musique énergique", "espace de musique"],
    "empty": [],
}


@pytest.mark.parametrize(
    "text, words",
    [
        ("L'État  du DISQUE ?", ["etat", "disque"]),
        ("énergique", ["energique"]),
        ("e\u0301nergique", ["energique"]),
        ("CPU_et-RAM: 100%", ["cpu", "ram", "100"]),
        ("que faire ?", ["que", "faire"]),
        ("?!", []),
        ("", []),
    ],
)
def test_words_have_no_case_and_no_accents(text: str, words: list[str]) -> None:
    """What stands in any sentence is left out, unless there is nothing else."""
    assert words_of(text) == words


def test_the_same_words_are_as_like_as_can_be() -> None:
    """Whatever their case, accents and signs."""
    near = Similarity(GROUPS).nearest("ETAT DU DISQUE!")
    assert near["disks"].similarity == pytest.approx(1)
    assert (near["disks"].place, near["disks"].words) == (0, ("etat", "disque"))


def test_forms_of_a_word_are_alike() -> None:
    """By the letters that they share; words that share none are not."""
    near = Similarity(GROUPS).nearest("les disques")
    assert near["disks"].words == ()
    assert near["disks"].similarity > 0.2
    assert near["music"].similarity < 0.05


def test_what_few_groups_have_weighs_more() -> None:
    """Both have `espace`; only one has `libre`."""
    near = Similarity(GROUPS).nearest("espace libre musique")
    assert near["disks"].place == 1
    assert near["music"].place == 1
    alone = Similarity(GROUPS).nearest("espace")
    assert near["disks"].similarity > alone["disks"].similarity > 0


@pytest.mark.parametrize("question", ["", "?!", "zzzz"])
def test_nothing_in_common_is_nothing(question: str) -> None:
    """A group without texts has nothing in common with anything."""
    near = Similarity(GROUPS).nearest(question)
    assert {one.similarity for one in near.values()} == {0.0}
    assert {one.place for one in near.values()} == {-1}


def test_no_groups_are_like_nothing() -> None:
    """And no fault."""
    assert Similarity({}).nearest("disque") == {}


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    """However long it is."""
    assert len(words_of("disque " * 1_000_000)) == LONGEST // len("disque ") + 1
