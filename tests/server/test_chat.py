"""Messages over HTTP."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_message_is_a_run_of_whom_it_fits(served: Any) -> None:
    """202 with the id; the run is listed under the agent that was chosen."""
    answer = served.ask("POST", "/chat", {"text": "greets", "by": "ada"})
    assert answer.status_code == 202
    shown = served.until(answer.json()["id"], "ended")
    assert (shown["kind"], shown["name"], shown["by"], shown["output"]) == ("agent", "greeter", "ada", "Bonjour à toi.")


def test_a_message_goes_on_with_a_conversation(served: Any) -> None:
    """What was said in it is in the first event of the run."""
    first = served.ask("POST", "/chat", {"text": "one", "target": "greeter"}).json()["id"]
    served.until(first, "ended")
    second = served.ask("POST", "/chat", {"text": "zzz", "previous": first}).json()["id"]
    shown = served.until(second, "ended")
    assert (shown["name"], shown["previous"], shown["chosen"]["how"]) == ("greeter", first, "previous")
    assert served.ask("GET", f"/runs/{second}/why").json()["chosen"] == shown["chosen"]
    (queued, *_) = served.engine.store.events(second)
    assert [one.text for one in queued.said] == ["one", "Bonjour à toi."]


def test_the_same_key_is_the_same_message(served: Any) -> None:
    """A client that lost the answer says it once."""
    body = {"text": "one", "target": "greeter"}
    first, second = (served.ask("POST", "/chat", body, Idempotency_Key="k").json()["id"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "path, body, detail",
    [
        ("/chat", {"text": "x", "target": "greetr"}, "there is no agent `greetr`"),
        ("/chat", {"text": "x", "previous": "r0"}, "no run"),
        ("/chat", {"text": ""}, "there is no message"),
        ("/chat", {"text": " "}, "there is no message"),
        ("/runs", {"agent": "greeter", "inputs": {"text": ""}}, "there is no message"),
        ("/agents/route", {"text": ""}, "there is no message"),
        ("/chat", {"text": "x" * 1_000_001}, "the message is too long: 1,000,001 characters, at most 1,000,000"),
        ("/chat", {"text": "x", "to": "greeter"}, "body.to: is no key that is known here"),
        ("/runs", {"workflow": "chat:", "inputs": {"text": "x"}}, "there is no agent or workflow `chat:`"),
    ],
)
def test_a_message_that_cannot_be_is_refused_in_words(
    served: Any, path: str, body: dict[str, Any], detail: str
) -> None:
    """Nothing was accepted."""
    answer = served.ask("POST", path, body)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]
    assert served.ask("GET", "/runs").json()["runs"] == []
