"""One call of a tool over HTTP."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_call_is_a_run_of_its_own(served: Any) -> None:
    """202 with the id; it is shown, cancelled and listed as any run."""
    answer = served.ask("POST", "/tools/nap/call", {"by": "ada"})
    assert answer.status_code == 202
    run = answer.json()["id"]
    shown = served.until(run, "running")
    assert (shown["kind"], shown["name"], shown["by"], shown["inputs"]) == (
        "tool",
        "tool:nap",
        "ada",
        {"target": "local"},
    )
    served.ask("POST", f"/runs/{run}/cancel")
    assert served.until(run, "ended")["verdict"] == "cancelled"


def test_the_same_key_is_the_same_call(served: Any) -> None:
    """A client that lost the answer makes it once."""
    first, second = (served.ask("POST", "/tools/nap/call", {}, Idempotency_Key="k").json()["id"] for _ in range(2))
    served.ask("POST", f"/runs/{first}/cancel")
    assert first == second


@pytest.mark.parametrize(
    "path, body, status, detail",
    [
        ("/tools/nip/call", {}, 404, "there is no tool `nip`"),
        ("/tools/nap/call", {"arguments": {"for": 1}}, 422, "inputs of tool:nap: for: there is no such field"),
        ("/tools/nap/call", {"target": "web1"}, 422, "there is no target 'web1'"),
        ("/tools/nap/call", {"args": {}}, 422, "body.args: is no key that is known here"),
        ("/tools/nap/call", {"target": 7}, 422, "body.target: has to be a text"),
        ("/runs", {"workflow": "tool:nap"}, 422, "there is no agent or workflow `tool:nap`"),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_words(
    served: Any, path: str, body: dict[str, Any], status: int, detail: str
) -> None:
    """Nothing was accepted."""
    answer = served.ask("POST", path, body)
    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    assert served.ask("GET", "/runs").json()["runs"] == []
