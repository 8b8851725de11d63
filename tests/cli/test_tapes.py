"""`runner run --record` and `--replay`: a run with a real server, and the same run with nothing at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.runs.store import Store
from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
KEY = "sk-abcdefghijklmnop-1234"
OTHER = "tok_0123456789abcdefghij"
TOOLS = """
description: Own.
tools:
  keys:
    description: Prints keys.
    command: [cat, leak.txt]
    risk: read
"""


def answer(body: dict[str, Any]) -> Any:
    """First a call, then words made of its result."""
    last = body["messages"][-1]
    return f"It says: {last['content']}" if last["role"] == "tool" else [("keys", {})]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A server that wants a key."""
    with ModelServer(answer, key=KEY) as server:
        yield server


@pytest.fixture
def served(project: Callable[..., Path], server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one agent on that server, whose tool prints a key of the project and one that only looks like it."""
    monkeypatch.setenv("LAB_KEY", KEY)
    return project(
        {
            "runner.yaml": (
                "models:\n"
                f'  default: {{provider: openai, model: tiny, base_url: "{server.url}", key: "${{LAB_KEY}}"}}\n'
            ),
            "agents.d/teller.yaml": "description: Tells.\nprompt: Tell.\ntools: [keys]\n",
            "tools.d/own.yaml": TOOLS,
            "leak.txt": f"{KEY} {OTHER}",
            ".env": f"DEPLOY_TOKEN={OTHER}\n",
        }
    )


def test_a_run_is_repeated_without_key_and_network(
    cli: Cli, served: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same calls, the same words, and nobody was asked."""
    tape = served / "tape.yaml"
    (served / "leak.txt").write_text("It took 0.3s.")
    assert cli("-C", served, "run", "teller", "go", "--record", tape).code == 0
    (served / "leak.txt").write_text("It took 1.2s.")
    asked = len(server.bodies)
    monkeypatch.delenv("LAB_KEY")
    answer = cli("-C", served, "run", "teller", "go", "--replay", tape)
    assert answer.code == 0
    assert "It says: " in answer.out
    assert len(server.bodies) == asked == 2


def test_no_secret_gets_onto_the_cassette(cli: Cli, served: Path) -> None:
    """Neither the model's key, nor one of `.env` that no file names; a tool has put out both."""
    tape = served / "tape.yaml"
    cli("-C", served, "run", "teller", "go", "--record", tape)
    text = tape.read_text()
    assert KEY not in text
    assert OTHER not in text
    assert "*** ***" in text
    assert str(served) not in text


def test_another_question_is_refused_with_what_differs(cli: Cli, served: Path) -> None:
    """The run ends in error, and the error says what to do."""
    tape = served / "tape.yaml"
    cli("-C", served, "run", "teller", "go", "--record", tape)
    answer = cli("-C", served, "run", "teller", "come", "--replay", tape)
    assert answer.code == 6
    assert "no answer of model default for agent teller, phase answer, visit 1, turn 1" in answer.err
    assert "message 2 (user) differs: recorded 'go', now 'come'" in answer.err


def test_scripted_models_are_recorded_too(cli: Cli, project: Callable[..., Path], tmp_path: Path) -> None:
    """And the script may be gone afterwards."""
    root = project({"agents.d/teller.yaml": "description: Tells.\nprompt: Tell.\n"})
    tape = tmp_path / "tape.yaml"
    assert cli("-C", root, "run", "teller", "go", "--record", tape).code == 0
    (root / "replies.yaml").write_text("[]\n")
    assert cli("-C", root, "run", "teller", "go").code == 6
    assert cli("-C", root, "run", "teller", "go", "--replay", tape).out == "Done.\n"


def test_a_replay_takes_no_money(cli: Cli, served: Path) -> None:
    """It costs what the run cost, is in no sum, and goes on when the money of the day is spent."""
    tape, settings = served / "tape.yaml", (served / "runner.yaml").read_text()
    priced = settings.replace("model: tiny", "model: tiny, price: {input: 1, output: 1}")
    (served / "runner.yaml").write_text(f"{priced}limits: {{cost_usd_per_day: 1}}\n")
    assert cli("-C", served, "run", "teller", "go", "--record", tape).code == 0
    usage = cli("-C", served, "--json", "models", "usage").out
    (served / "runner.yaml").write_text(f"{priced}limits: {{cost_usd_per_day: 0}}\n")
    assert cli("-C", served, "run", "teller", "go", "--replay", tape).code == 0
    again, recorded = json.loads(cli("-C", served, "--json", "runs", "ls").out)
    assert again["cost_micros"] == recorded["cost_micros"] > 0
    assert cli("-C", served, "--json", "models", "usage").out == usage
    assert cli("-C", served, "run", "teller", "go").code != 0


def test_nothing_is_learned_from_a_replay(cli: Cli, served: Path) -> None:
    """How fast a cassette answers says nothing about the model."""
    tape = served / "tape.yaml"
    cli("-C", served, "run", "teller", "go", "--record", tape)
    replayed = cli("-C", served, "run", "teller", "go", "--replay", tape, "--json")
    events = [json.loads(line) for line in replayed.out.splitlines()]
    served_as = {event["served"] for event in events if event["type"] == "model.requested"}
    (name,) = served_as
    assert name.startswith("replay:openai:tiny")
    store = Store.open(served / ".runner")
    try:
        assert len(store.model_calls(name.removeprefix("replay:"), 9)) == 2
    finally:
        store.close()


def test_a_full_disk_costs_the_recording_and_not_the_answers(cli: Cli, served: Path, server: ModelServer) -> None:
    """The run ends as it would have, the error comes behind it, and it is no success."""
    answer = cli("-C", served, "run", "teller", "go", "--record", "/dev/full")
    assert answer.code == 6
    assert "It says: " in answer.out
    assert "error: /dev/full is no whole recording: No space left on device" in answer.err
    assert "recorded: " not in answer.err
    assert len(server.bodies) == 2


def test_a_run_that_asks_no_model_says_that_nothing_was_recorded(cli: Cli, served: Path) -> None:
    """A recording that was there stays as it was."""
    (served / "workflows").mkdir(exist_ok=True)
    (served / "workflows/look.yaml").write_text("description: Looks.\nphases:\n  a: {tool: keys}\n")
    (served / "tape.yaml").write_text("# former\n")
    answer = cli("-C", served, "run", "look", "--record", served / "tape.yaml")
    assert "nothing was recorded in" in answer.err
    assert (served / "tape.yaml").read_text() == "# former\n"


@pytest.mark.parametrize(
    "words,told",
    [
        (("--record", "a", "--replay", "b"), "only one of"),
        (("--replay", "a", "--detach"), "only one of"),
        (("--replay", "missing.yaml"), "there is no cassette missing.yaml"),
        (("--record", "."), "is a directory"),
        (("--record", "/proc/nowhere/tape"), "cannot be written"),
    ],
)
def test_what_cannot_be_is_a_wrong_command(cli: Cli, served: Path, words: tuple[str, ...], told: str) -> None:
    """In one line, before anything is started."""
    answer = cli("-C", served, "run", "teller", "go", *words)
    assert (answer.code, told in answer.err) == (2, True), answer.err
