"""Health, readiness, reload, and answers for what is not there."""

from __future__ import annotations

from typing import Any

import pytest


def test_health_says_what_the_daemon_runs_on(served: Any) -> None:
    """The shape that scripts and the command line read."""
    health = served.ask("GET", "/system/health").json()
    assert health["status"] == "ok"
    assert health["revision"] == served.engine.workbench.project.revision
    assert (health["commit"], health["dirty"]) == ("c0ffee", True)
    assert health["reload"] == {"ok": True, "at": 1.0, "problems": []}
    assert health["runs"] == {"active": 0, "waiting": 0, "queued": 0}
    assert health["pid"] > 0


def test_health_is_degraded_while_the_files_are_bad(served: Any) -> None:
    """With the file and the line, so that nobody must read the log."""
    served.files.ok = False
    health = served.ask("GET", "/system/health").json()
    assert health["status"] == "degraded"
    assert health["reload"]["problems"] == [{"file": "agents.d/a.yaml", "line": 3}]


def test_waiting_runs_are_counted(served: Any) -> None:
    """A run that waits is seen, though nothing works on it."""
    served.until(served.start("ask", what="x"), "waiting")
    assert served.ask("GET", "/system/health").json()["runs"] == {"active": 0, "waiting": 1, "queued": 0}


def test_a_request_to_reload_is_one_trigger_of_the_one_function(served: Any) -> None:
    """The answer is how it went."""
    answer = served.ask("POST", "/system/reload")
    assert answer.json() == {"ok": True, "at": 1.0, "problems": []}
    assert served.files.triggers == ["request"]


def test_the_history_of_reloads_can_be_asked_for(served: Any) -> None:
    """Newest first, as many as wanted."""
    for trigger in ("start", "change"):
        served.engine.store.revisions.record_reload(ok=True, revision="r", problems_json="[]", trigger=trigger)
    told = served.ask("GET", "/system/reload").json()["reloads"]
    assert [(row["trigger"], row["ok"], row["problems"]) for row in told] == [("change", True, []), ("start", True, [])]
    assert len(served.ask("GET", "/system/reload?limit=1").json()["reloads"]) == 1
    assert served.ask("GET", "/system/reload?limit=0").status_code == 422


def test_what_is_open_is_counted(served: Any) -> None:
    """One workbench, and its models."""
    assert served.ask("GET", "/system/health").json()["open"]["workbenches"] == 1


def test_nothing_is_loaded_any_more_while_the_daemon_stops(served: Any) -> None:
    """503: what is being closed takes nothing new."""
    served.loop.call_soon_threadsafe(served.parts.stopping.set)
    assert served.ask("POST", "/system/reload").status_code == 503
    assert served.files.triggers == []


def test_ready_until_told_to_stop(served: Any) -> None:
    """A supervisor sends no more work to a daemon that stops."""
    assert served.client.get("/readyz").text == "ready\n"
    served.loop.call_soon_threadsafe(served.parts.stopping.set)
    answer = served.client.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "runner is stopping")
    assert served.client.get("/healthz").status_code == 200
    assert served.ask("GET", "/system/health").json()["status"] == "stopping"


@pytest.mark.parametrize(
    "method, path, status, detail",
    [
        ("GET", "/nothing", 404, "there is nothing at /api/v1/nothing"),
        ("GET", "/runs/", 404, "there is nothing at /api/v1/runs/"),
        ("DELETE", "/runs", 405, "/api/v1/runs does not take DELETE"),
        ("PUT", "/system/reload", 405, "/api/v1/system/reload does not take PUT"),
    ],
)
def test_what_is_not_there_is_answered_as_a_problem(
    served: Any, method: str, path: str, status: int, detail: str
) -> None:
    """Problem details, not a page."""
    answer = served.ask(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"] == detail
    if status == 405:
        assert answer.headers["allow"]


def test_openapi_describes_every_route(served: Any) -> None:
    """A client can be generated from it."""
    paths = served.client.get("/openapi.json").json()["paths"]
    assert {"/healthz", "/api/v1/runs", "/api/v1/runs/{run}/events", "/api/v1/approvals/{approval}"} <= set(paths)


def test_a_fault_of_runner_itself_is_told_without_its_innards(served: Any) -> None:
    """500 as problem details; the traceback is for the log."""
    served.engine.store.close()
    answer = served.ask("GET", "/runs")
    assert answer.status_code in (500, 503)
    assert "Traceback" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"
