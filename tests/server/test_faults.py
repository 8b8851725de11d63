"""What is wrong with a request is told in words of ours."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "method, path, body, detail",
    [
        ("POST", "/chat", [1], "body: has to be an object: {…}"),
        ("POST", "/chat", {"text": 1}, "body.text: has to be a text"),
        ("POST", "/runs", {"agent": "greeter", "inputs": 1}, "body.inputs: has to be an object: {…}"),
        ("POST", "/runs", {"agent": "greeter", "dry": 1}, "body.dry: has to be true or false"),
        ("POST", "/runs", {}, "body: name either a workflow or an agent"),
        ("POST", "/approvals", {"ids": [], "decision": "no"}, "body.decision: has to be 'approve' or 'deny'"),
        ("POST", "/approvals", {"ids": [], "decision": "deny"}, "body.ids: needs at least 1"),
        ("POST", "/approvals", {"ids": 1, "decision": "deny"}, "body.ids: has to be a list"),
        ("GET", "/runs?limit=x", None, "query.limit: has to be a whole number"),
        ("GET", "/runs?limit=0", None, "query.limit: has to be at least 1"),
        ("GET", "/runs?limit=999", None, "query.limit: has to be at most 500"),
        ("GET", "/approvals?all=perhaps", None, "query.all: has to be true or false"),
        ("GET", "/tools/stats?since=x", None, "query.since: has to be a number"),
    ],
)
def test_faults_are_told_in_words_of_ours(served: Any, method: str, path: str, body: object, detail: str) -> None:
    """The place, and what has to stand there."""
    answer = served.ask(method, path, body)
    assert (answer.status_code, answer.json()["detail"].split("; ")[0]) == (422, detail)


@pytest.mark.parametrize(
    "method, path, body, hint",
    [
        ("POST", "/chat", {"text": "x", "targt": "y"}, "did you mean target?; there are: text, target, previous, by"),
        ("POST", "/chat", {"text": "x", "zzz": "y"}, "there are: text, target, previous, by"),
        ("POST", "/runs/{run}/cancel", {"notes": "x"}, "did you mean note?; there are: by, note"),
        ("GET", "/approvals?runs=x", None, "did you mean run?; there are: run, all"),
        ("POST", "/chat", {"text": "x", "target": "greetr"}, "did you mean greeter?"),
        ("POST", "/chat", {"text": "x", "target": "zzz"}, "there are: greeter"),
    ],
)
def test_what_was_meant_is_said(served: Any, method: str, path: str, body: object, hint: str) -> None:
    """The nearest, and all there are."""
    answer = served.ask(method, path.format(run="r"), body)
    assert (answer.status_code, answer.json()["hint"]) == (422, hint)
