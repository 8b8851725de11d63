"""Phrases of intents: which messages are the phrase, what is in its slots, and what is left to a model."""

from __future__ import annotations

from typing import Any

import pytest

from runner.project.phrases import LONGEST, BadPhrase, phrase, same
from runner.spec.types import parse_fields

TYPES = parse_fields({"path": "path", "count": "int"}).types


@pytest.mark.parametrize(
    "source, message, values",
    [
        ("git status", "Git status?", {}),
        ("git status", "  GIT   STATUS  ", {}),
        ("How full is {path}?", "how full is /Srv/Daten", {"path": "/Srv/Daten"}),
        ("Redémarre {service} s'il te plaît", "redemarre NGINX s’il te plait !", {"service": "NGINX"}),
        ("wie groß ist {path}", "Wie GROSS ist Übersicht.txt.", {"path": "Übersicht.txt"}),
        ("list files in {path}", "List files in .", {"path": "."}),
        ("list files in {path}", "list files in ..?", {"path": ".."}),
        ("list files in {path}", "list files in 'My Files'.", {"path": "My Files"}),
        ("show {count} lines of {path}", "show 5 lines of a.txt", {"count": 5, "path": "a.txt"}),
        ("show {n: float} of {unit: GB|MB}", "show 2.5 of gb", {"n": 2.5, "unit": "GB"}),
        ("¿qué hay en {path}?", "que hay en /srv", {"path": "/srv"}),
        ("say {words} to {who}", "say good day to you to Ada", {"words": "good day", "who": "you to Ada"}),
        ("a {x} (b)", "a 1 (b)", {"x": "1"}),
        ("[montre-moi |quel est ]l'état du disque", "Quel est l'état du disque ?", {}),
        ("[montre-moi |quel est ]l'état du disque", "L’état du disque", {}),
        ("restart {name}[ on {host}][ please]", "restart nginx on web1 please!", {"name": "nginx", "host": "web1"}),
        ("restart {name}[ on {host}][ please]", "Restart nginx.", {"name": "nginx"}),
        ("a|b [c|d]", "A|B d", {}),
        ("[les ](logs|journaux)[ (de|du) {name}]", "journaux du cron", {"name": "cron"}),
        ("(logs|journaux)[ (de|du) {name}]", "Logs ?", {}),
    ],
)
def test_a_message_is_the_phrase(source: str, message: str, values: dict[str, Any]) -> None:
    """In any case, without regard to accents and signs around it; slots keep what was written."""
    assert phrase(source).match(message, TYPES) == values


@pytest.mark.parametrize(
    "source, message",
    [
        ("git status", "git status now"),
        ("[show |list ]files", "show list files"),
        ("[show ]files", "showfiles"),
        ("(show|list) files", "files"),
        ("(show|list) files", "show list files"),
        ("restart {name}[ on {host: web1|web2}]", "restart nginx on web3"),
        ("restart {name}[ on {host}]", "restart nginx on web1 or web2"),
        ("git status", "what does git status mean"),
        ("git status", "no git status"),
        ("restart {service}", "don't restart nginx"),
        ("restart {service}", "do not restart nginx"),
        ("restart {service}", "restart nginx, but not now"),
        ("restart {service}", "restart nginx or apache"),
        ("restart {service}", "restart nginx unless it runs"),
        ("restart {service}", "restart nothing"),
        ("redémarre {service}", "ne redémarre pas nginx"),
        ("redémarre {service}", "redémarre nginx, ou plutôt rien"),
        ("redémarre {service}", "redémarre peut-être nginx"),
        ("starte {service} neu", "starte nginx nicht neu"),
        ("show {count} lines of {path}", "show five lines of a.txt"),
        ("turn it {state: on|off}", "turn it upside down"),
        ("restart {service}", "restart"),
        ("restart {service}", "restart ?"),
        ("restart {service}", f"restart {'x' * LONGEST}"),
        ("restart {service}", f"restart {chr(0xFDFA) * (LONGEST // 18 + 1)}"),  # a letter that is folded to 18
    ],
)
def test_a_message_is_for_the_model(source: str, message: str) -> None:
    """More or less than the phrase, a negation, a doubt, a value of another type, or very long."""
    assert phrase(source).match(message, TYPES) is None


@pytest.mark.parametrize(
    "source, words",
    [
        ("", "no word of its own"),
        ("{path} ?", "no word of its own"),
        ("[show ]{path}", "no word of its own"),
        ("show [all", "a bracket stands alone"),
        ("show all]", "a bracket stands alone"),
        ("show [a[b]]", "a bracket stands alone"),
        ("show {a}[ {b}]", "side by side"),
        ("show {a}[ on {a}]", "twice"),
        ("show {path", "a brace stands alone"),
        ("show path}", "a brace stands alone"),
        ("show {Path}", "`Path` is no name"),
        ("show {}", "`` is no name"),
        ("show {a}{b}", "side by side"),
        ("show {a} {b}", "side by side"),
        ("show {a} and {a}", "twice"),
        ("show {a: folder}", "'folder' is no type"),
        ("a {a} b {b} c {c} d {d}", "3 are the most"),
    ],
)
def test_a_text_is_no_phrase(source: str, words: str) -> None:
    """And what is wrong with it is told."""
    with pytest.raises(BadPhrase, match=words) as fault:
        phrase(source)
    assert fault.value.hint


def test_two_phrases_are_the_same_whatever_their_slots_are_called() -> None:
    """The second would never be met."""
    assert same("How full is {path}?") == same("how full is {folder}")
    assert same("how full is {path}") != same("how big is {path}")


def test_a_message_made_to_be_slow_is_decided_at_once() -> None:
    """Few slots and a short message: however it is cut, there are few ways."""
    assert phrase("a {x} a {y} a {z} b").match("a " * (LONGEST // 2), {}) is None
