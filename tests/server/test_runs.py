"""Runs over HTTP: accepted once, listed, shown, explained, cancelled; every refusal a problem that says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.git.repository import commit, git


def test_a_run_is_accepted_and_goes_to_its_end(served: Any) -> None:
    """202 with the id; then its verdict, its phases and why."""
    run = served.start("pass")
    shown = served.until(run, "ended")
    assert (shown["verdict"], shown["name"], shown["kind"]) == ("pass", "pass", "workflow")
    assert shown["phases"] == {"wait": {"visits": 1, "status": "ok", "ok": True, "error": None}}
    assert shown["revision"] == served.engine.workbench.project.revision


def test_an_agent_is_run_by_its_text(served: Any) -> None:
    """The agent's answer is the run's output."""
    answer = served.ask("POST", "/runs", {"agent": "greeter", "inputs": {"text": "Salut"}, "by": "ada"})
    shown = served.until(answer.json()["id"], "ended")
    assert (shown["verdict"], shown["output"], shown["by"]) == ("pass", "Bonjour à toi.", "ada")
    assert shown["inputs"] == {"text": "Salut"}
    assert shown["tokens_in"] > 0


def test_the_same_idempotency_key_is_the_same_run(served: Any) -> None:
    """A client that lost the answer asks again and gets it."""
    body = {"workflow": "pass"}
    first = served.ask("POST", "/runs", body, Idempotency_Key="k1").json()["id"]
    assert served.ask("POST", "/runs", body, Idempotency_Key="k1").json()["id"] == first
    assert served.ask("POST", "/runs", body, Idempotency_Key="k2").json()["id"] != first
    assert served.ask("POST", "/runs", body).json()["id"] != served.ask("POST", "/runs", body).json()["id"]


REFUSED = [
    ({"workflow": "pas"}, "no agent or workflow `pas`", "did you mean pass?"),
    ({"agent": "pass"}, "`pass` is a workflow, not an agent", '{"workflow": …}'),
    ({}, "name either a workflow or an agent", ""),
    ({"workflow": "pass", "agent": "greeter"}, "name either a workflow or an agent", ""),
    ({"workflow": "pass", "input": {}}, "body.input: is no key that is known here", ""),
    ({"workflow": "ask"}, "what", ""),
    ({"workflow": "ask", "inputs": {"what": "x", "wat": "y"}}, "wat", ""),
    ({"workflow": 7}, "body.workflow: has to be a text", ""),
    (["pass"], "body", ""),
    ({"workflow": "pass", "at": "abcdef"}, "no kept revision begins with `abcdef`, and", ""),
    ({"workflow": "pass", "at": " "}, "no revision is named", "`live`"),
    ({"workflow": "pass", "at": 7}, "body.at: has to be a text", ""),
]


@pytest.mark.parametrize("body, detail, hint", REFUSED)
def test_a_run_that_cannot_be_is_refused_in_words(served: Any, body: Any, detail: str, hint: str) -> None:
    """422 says what is wrong with the request; nothing was accepted."""
    answer = served.ask("POST", "/runs", body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert detail in problem["detail"]
    assert hint in problem.get("hint", "")
    assert problem["status"] == 422
    assert served.ask("GET", "/runs").json()["runs"] == []


def test_a_refusal_holds_no_secret(serve_at: Any, root: Path) -> None:
    """It repeats what was asked for, and that may be one."""
    (root / ".env").write_text("SOME_PASSWORD=canary-0123456789\n")
    secret = "canary-0123456789"
    with serve_at(root) as served:
        for method, path, body in (
            ("POST", "/runs", {"workflow": secret}),
            ("POST", "/runs", {secret: secret}),
            ("POST", "/runs", {"workflow": "ask", "inputs": {"what": "x", secret: 1}}),
            ("GET", f"/nothing/{secret}", None),
            ("GET", f"/runs/{secret}", None),
        ):
            answer = served.ask(method, path, body)
            assert answer.status_code in (404, 422)
            assert secret not in answer.text
            assert "***" in answer.text


def test_an_unknown_name_may_stand_in_files_that_are_refused(served: Any) -> None:
    """The hint says so, and not for a name that is known."""
    served.files.ok = False
    unknown = served.ask("POST", "/runs", {"workflow": "fresh"}).json()
    assert "the files have problems and an earlier revision is used: `runner check`" in unknown["hint"]
    known = served.ask("POST", "/runs", {"workflow": "ask"}).json()
    assert "runner check" not in known.get("hint", "")


@pytest.mark.parametrize("content", [b"{", b"", b'{"workflow": "pass"', b"\xff\xfe", b"null"])
def test_a_body_that_is_no_json_object_is_refused(served: Any, content: bytes) -> None:
    """Broken JSON is the client's fault, not the daemon's."""
    answer = served.client.post("/api/v1/runs", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("body")


def test_lists_are_filtered_and_turned_page_by_page(served: Any) -> None:
    """`next` leads from page to page until every run was seen once."""
    runs = [served.start("pass") for _ in range(5)]
    for run in runs:
        served.until(run, "ended")
    waiting = served.start("ask", what="x")
    served.until(waiting, "waiting")
    seen, page = [], served.ask("GET", "/runs?limit=2&name=pass").json()
    while page["runs"]:
        seen += [row["id"] for row in page["runs"]]
        page = served.ask("GET", f"/runs?limit=2&name=pass&before={seen[-1]}").json()
    assert seen == runs[::-1]
    assert [row["id"] for row in served.ask("GET", "/runs?status=waiting").json()["runs"]] == [waiting]
    assert served.ask("GET", "/runs?verdict=fail").json() == {"runs": [], "next": None}
    assert served.ask("GET", "/runs?limit=2").json()["next"] == runs[-1]


@pytest.mark.parametrize("query", ["stauts=ended", "status=done", "verdict=good", "limit=0", "limit=many", "limit=501"])
def test_a_filter_that_means_nothing_is_refused(served: Any, query: str) -> None:
    """A wrong filter is never passed over in silence."""
    answer = served.ask("GET", f"/runs?{query}")
    assert answer.status_code == 422
    assert f"query.{query.partition('=')[0]}" in answer.json()["detail"]


def test_why_names_every_edge_with_its_values(served: Any) -> None:
    """The same evidence that the command line shows."""
    run = served.start("pass")
    served.until(run, "ended")
    why = served.ask("GET", f"/runs/{run}/why").json()
    assert (why["status"], why["verdict"]) == ("ended", "pass")
    assert why["why"]
    assert all({"path", "to", "expression", "values", "count"} <= set(edge) for edge in why["edges"])


def test_a_waiting_run_can_be_cancelled_once(served: Any) -> None:
    """202, then 409 that says how it ended."""
    run = served.start("ask", what="x")
    served.until(run, "waiting")
    assert served.ask("POST", f"/runs/{run}/cancel", {"by": "ada", "note": "no more"}).status_code == 202
    assert served.until(run, "ended")["verdict"] == "cancelled"
    again = served.ask("POST", f"/runs/{run}/cancel")
    assert (again.status_code, again.json()["detail"]) == (409, f"run {run} has ended already (cancelled)")


def test_a_running_tool_is_stopped_by_cancel(served: Any) -> None:
    """A run in the middle of a long command ends at once."""
    run = served.start("rest")
    served.until(run, "running")
    assert served.ask("POST", f"/runs/{run}/cancel").status_code == 202
    assert served.until(run, "ended")["verdict"] == "cancelled"


def test_a_run_that_is_worked_on_cannot_be_resumed(served: Any) -> None:
    """409: somebody does it already."""
    run = served.start("rest")
    served.until(run, "running")
    answer = served.ask("POST", f"/runs/{run}/resume")
    assert (answer.status_code, answer.json()["detail"]) == (409, f"run {run} is being worked on")


@pytest.mark.parametrize(
    "method, path", [("GET", ""), ("GET", "/why"), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/resume")]
)
def test_a_run_that_is_not_there_is_404(served: Any, method: str, path: str) -> None:
    """The id is named, so that a typing error shows."""
    answer = served.ask(method, f"/runs/nope{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no run nope")


def test_nothing_is_accepted_while_the_daemon_stops(served: Any) -> None:
    """503, so that a client tries again later."""
    served.loop.call_soon_threadsafe(served.parts.stopping.set)
    answer = served.ask("POST", "/runs", {"workflow": "pass"})
    assert (answer.status_code, answer.json()["detail"]) == (503, "runner is stopping and accepts no runs")


def test_a_run_is_begun_with_a_kept_revision_and_run_again(served: Any) -> None:
    """By a part of its digits; the new run has the same inputs and says which one it repeats."""
    revision = served.engine.workbench.project.revision
    body = {"agent": "greeter", "inputs": {"text": "Salut"}, "at": revision[:6]}
    first = served.ask("POST", "/runs", body).json()["id"]
    assert served.until(first, "ended")["revision"] == revision
    again = served.ask("POST", f"/runs/{first}/rerun", {"by": "ada"}, Idempotency_Key="k").json()["id"]
    shown = served.until(again, "ended")
    assert (shown["rerun_of"], shown["by"], shown["inputs"]) == (first, "ada", {"text": "Salut"})
    assert (shown["kind"], shown["revision"], shown["verdict"]) == ("agent", revision, "pass")
    assert served.ask("POST", f"/runs/{first}/rerun", Idempotency_Key="k").json()["id"] == again
    assert served.ask("GET", f"/runs/{again}/why").json()["rerun_of"] == first


def test_a_run_that_cannot_be_run_again_is_told_why(served: Any) -> None:
    """404 without such a run, 422 without such a revision or for a word that is not known."""
    run = served.start("pass")
    assert served.ask("POST", "/runs/nope/rerun").status_code == 404
    for body, said in (
        ({"at": "abcdef"}, "no kept revision begins with `abcdef`"),
        ({"revision": "x"}, "body.revision"),
    ):
        answer = served.ask("POST", f"/runs/{run}/rerun", body)
        assert answer.status_code == 422
        assert said in answer.json()["detail"]


def test_wrong_files_of_a_commit_are_answered_with_every_problem(served: Any, root: Path) -> None:
    """As `check --json` has them, under git's name for the file; what runs is not touched by it."""
    git(root, "init", "-q", "-b", "main")
    (root / "agents.d/greeter.yaml").write_text("descripton: Greets.\nprompt: Greet.\n")
    sha = commit(root, "bad")
    for path, body in (
        ("/runs", {"workflow": "pass", "at": "main"}),
        (f"/runs/{served.start('pass')}/rerun", {"at": sha}),
    ):
        answer = served.ask("POST", path, body)
        (problem,) = answer.json()["problems"]
        assert (answer.status_code, problem["line"]) == (422, 1)
        assert problem["file"] == f"{sha[:8]}:agents.d/greeter.yaml"
    assert served.engine.open_parts()["workbenches"] == 1


def test_a_dry_run_is_asked_for_in_the_body(served: Any) -> None:
    """What it would have done is part of the run; a text is no truth value."""
    answer = served.ask("POST", "/runs", {"workflow": "ask", "inputs": {"what": "go"}, "dry": True})
    run = answer.json()["id"]
    served.until(run, "ended")
    shown = served.ask("GET", f"/runs/{run}").json()
    assert (shown["dry"], shown["verdict"]) == (True, "pass")
    assert [(one["path"], one["kind"], one["would"]) for one in shown["foreseen"]] == [
        ("sure/1", "approval", "Really go?")
    ]
    assert served.ask("POST", "/runs", {"workflow": "ask", "inputs": {"what": "go"}, "dry": "yes"}).status_code == 422
