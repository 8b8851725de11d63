"""Questions to people over HTTP: each is answered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest


@pytest.fixture
def asked(served: Any) -> tuple[str, str]:
    """(run, approval) of a run that waits for a person."""
    run = served.start("ask", what="delete it")
    served.until(run, "waiting")
    (row,) = served.ask("GET", "/approvals").json()["approvals"]
    assert (row["run"], row["ask"], row["status"]) == (run, "Really delete it?", "open")
    return run, row["id"]


@pytest.mark.parametrize("decision, verdict", [("approve", "pass"), ("deny", "fail")])
def test_the_answer_decides_how_the_run_goes_on(
    served: Any, asked: tuple[str, str], decision: str, verdict: str
) -> None:
    """Yes is `ok` and no is `no`; who said it and why is kept."""
    run, approval = asked
    answer = served.ask("POST", f"/approvals/{approval}", {"decision": decision, "note": "so be it", "by": "ada"})
    assert (answer.status_code, answer.json()) == (200, {"id": approval, "run": run, "decision": decision})
    assert served.until(run, "ended")["verdict"] == verdict
    assert served.ask("GET", "/approvals").json()["approvals"] == []
    (row,) = served.ask("GET", f"/approvals?all=true&run={run}").json()["approvals"]
    assert (row["status"], row["decided_by"], row["note"]) == (decision, "ada", "so be it")


def test_of_two_answers_exactly_one_counts(served: Any, asked: tuple[str, str]) -> None:
    """The other one is told that it came too late."""
    _, approval = asked
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda decision: served.ask("POST", f"/approvals/{approval}", {"decision": decision}),
                ["approve", "deny"],
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (late,) = [answer.json()["detail"] for answer in answers if answer.status_code == 409]
    assert "too late" in late or "decided before" in late


@pytest.mark.parametrize("body", [{}, {"decision": "yes"}, {"decision": "approve", "why": "x"}, {"decision": None}])
def test_an_answer_that_is_none_leaves_the_question_open(served: Any, asked: tuple[str, str], body: Any) -> None:
    """Only the two words count, and no key is passed over."""
    _, approval = asked
    assert served.ask("POST", f"/approvals/{approval}", body).status_code == 422
    assert len(served.ask("GET", "/approvals").json()["approvals"]) == 1


def test_an_approval_that_is_not_there_is_404(served: Any) -> None:
    """The id is named."""
    answer = served.ask("POST", "/approvals/nope", {"decision": "approve"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no approval nope")


def test_several_are_decided_at_once_each_for_itself(served: Any, asked: tuple[str, str]) -> None:
    """One that is not there, or was named twice, keeps the others from nothing."""
    run, approval = asked
    other = served.start("ask", what="move it")
    served.until(other, "waiting")
    (second,) = [row["id"] for row in served.ask("GET", "/approvals").json()["approvals"] if row["run"] == other]
    body = {"ids": [approval, "nope", second, approval], "decision": "approve", "by": "ada"}
    answer = served.ask("POST", "/approvals", body)
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [one["id"] for one in results] == body["ids"]
    assert [one["run"] for one in results] == [run, None, other, run]
    assert (results[2]["decided"], results[1]["error"]) == (True, "there is no approval nope")
    first, last = results[0], results[3]
    assert sorted([first["decided"], last["decided"]]) == [False, True]
    late = last if first["decided"] else first
    assert "too late" in late["error"]
    assert served.until(other, "ended")["verdict"] == "pass"


@pytest.mark.parametrize(
    "body", [{"ids": [], "decision": "approve"}, {"ids": ["x"]}, {"ids": "x", "decision": "deny"}, {"decision": "deny"}]
)
def test_a_batch_that_says_nothing_clear_is_refused(served: Any, body: Any) -> None:
    """Before anything is decided."""
    assert served.ask("POST", "/approvals", body).status_code == 422
