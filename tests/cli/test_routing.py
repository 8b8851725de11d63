"""`runner agents route`: the table of scores, the choice and its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
FILES = {
    "agents.d/disks.yaml": (
        "description: Looks at disks.\nprompt: P.\ntools: [usage]\nsuggestions: [État du disque]\n"
        "intents: [{say: [espace disque], tool: usage, reply: Bon.}]\n"
    ),
    "agents.d/friend.yaml": "description: Chats.\nprompt: P.\nsuggestions: [Bonjour toi]\n",
    "agents.d/guest.yaml": "description: Visits.\nprompt: P.\nmodel: none_at_home\nsuggestions: [Bonjour vous]\n",
    "tools.d/own.yaml": (
        "description: Own.\ntools: {usage: {description: Tells., command: [echo, full], risk: read}}\n"
    ),
    "runner.yaml": (
        "models:\n  default: {provider: scripted, replies: replies.yaml}\n"
        "  none_at_home: {provider: scripted, replies: silence.yaml}\n"
    ),
    "silence.yaml": "- {when: {contains: never}, text: x}\n",
}


@pytest.fixture
def office(project: Callable[..., Path]) -> Callable[..., Path]:
    """The project with these keys of runner.yaml besides."""
    return lambda keys="": project({**FILES, "runner.yaml": FILES["runner.yaml"] + keys})


def test_the_scores_and_the_choice_are_shown(cli: Cli, office: Callable[..., Path]) -> None:
    """The best first, with the text of its file that is nearest, and the words of both."""
    answer = cli("-C", office(), "agents", "route", "Quel est l'état du disque ?")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "AGENT   SCORE  SIMILAR  LEARNED  NEAREST",
        "disks   1.00   1.00     -        suggestion: État du disque [etat, disque]",
        "friend  0.00   0.00     -        -",
        "guest   0.00   0.00     -        -",
        "",
        "disks: its suggestion is nearest to the message (1.00), and no other agent is within 0.1 of it",
    ]


def test_the_choice_is_given_as_json(cli: Cli, office: Callable[..., Path]) -> None:
    """With everything that the table has."""
    told = json.loads(cli("-C", office(), "--json", "agents", "route", "Espace disque !").out)
    assert (told["agent"], told["how"], told["close"]) == ("disks", "intent", [])
    assert told["reason"] == "the message is a phrase of it: espace disque"
    first = told["candidates"][0]
    assert (first["agent"], first["score"], first["similarity"], first["kind"]) == ("disks", 1.0, 1.0, "intent")
    assert set(first) == {
        *("agent", "score", "similarity", "kind", "nearest", "words", "passed", "runs", "shift"),
    }


def test_runs_that_failed_shift_a_close_call(cli: Cli, office: Callable[..., Path]) -> None:
    """They are read from the journal, shown with their counts, and left alone with `learn: false`."""
    root = office()
    before = cli("-C", root, "agents", "route", "Bonjour à tous").out
    assert "\nfriend: its suggestion is nearest" in before
    assert "a close call with guest" in before
    text = (root / "agents.d/friend.yaml").read_text()
    (root / "agents.d/friend.yaml").write_text(text + "model: none_at_home\n")
    (root / "agents.d/guest.yaml").write_text(FILES["agents.d/guest.yaml"].replace("none_at_home", "default"))
    for agent, code in (("friend", 6), ("guest", 0)):
        assert [cli("-C", root, "run", agent, "Hello").code for _ in range(2)] == [code, code]
    after = cli("-C", root, "agents", "route", "Bonjour à tous").out
    assert "\nguest: a close call: friend is" in after
    assert "2 of 2 runs of guest passed, and 0 of 2 runs of friend" in after
    assert "+0.02 (2 of 2)" in after
    (root / "runner.yaml").write_text(FILES["runner.yaml"] + "learn: false\n")
    assert "\nfriend: its suggestion is nearest" in cli("-C", root, "agents", "route", "Bonjour à tous").out


def test_a_model_that_would_be_asked_is_told(cli: Cli, office: Callable[..., Path]) -> None:
    """It is not asked."""
    answer = cli("-C", office("router: {model: default}\n"), "agents", "route", "Bonjour à tous")
    assert answer.err == "default would be asked to choose between friend, guest\n"


def test_nobody_fits(cli: Cli, office: Callable[..., Path]) -> None:
    """With the hint, unless there is a fallback."""
    answer = cli("-C", office(), "agents", "route", "Traduis ce poème")
    assert answer.code == 0
    assert "\nnobody: no agent fits, as none has a similarity of 0.2" in answer.out
    assert answer.err == "hint: `router: {fallback: NAME}` in runner.yaml names an agent for such messages\n"
    answer = cli("-C", office("router: {fallback: friend}\n"), "agents", "route", "Traduis ce poème")
    assert "\nfriend: no agent fits, " in answer.out
    assert answer.err == ""


def test_a_message_that_plays_tricks_is_only_read(cli: Cli, office: Callable[..., Path]) -> None:
    """No template, no terminal's sign."""
    answer = cli("-C", office(), "agents", "route", "{{ 7*7 }} \x1b[31m {% raise %} bonjour toi")
    assert answer.code == 0
    assert "\x1b" not in answer.out
    assert "\nfriend: " in answer.out


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_message_is_told(cli: Cli, office: Callable[..., Path], text: str) -> None:
    """With how it is written."""
    answer = cli("-C", office(), "agents", "route", text)
    assert (answer.code, answer.err.splitlines()[0]) == (2, "error: there is no message")


@pytest.mark.parametrize(
    "words, error",
    [
        (["how", "full", "is it"], "nobody knows what to do with `full is it`\nhint: put the message in quotes: "),
        ([" "], "there is no message\n"),
        (["x" * 1_000_001], "the message is too long: "),
        (["\udcff"], "the message is no UTF-8 text\n"),
    ],
    ids=["words", "blank", "long", "bytes"],
)
def test_what_is_no_message_is_refused_in_words(
    cli: Cli, office: Callable[..., Path], words: list[str], error: str
) -> None:
    """As by every other way to say something."""
    answer = cli("-C", office(), "agents", "route", *words)
    assert (answer.code, answer.out, answer.err.startswith(f"error: {error}")) == (2, "", True)
