"""What the project has, over HTTP: agents and their prompts, tools, workflows and pictures of them."""

from __future__ import annotations

from typing import Any

import pytest

from runner.runs.events import ToolCalled, ToolReturned
from runner.runs.record import Record


def test_agents_are_listed_and_shown(served: Any) -> None:
    """With the revision that they are of."""
    listed = served.ask("GET", "/agents").json()
    assert listed["revision"] == served.engine.workbench.project.revision
    (greeter,) = listed["agents"]
    assert served.ask("GET", "/agents/greeter").json() == greeter
    assert greeter["tools"][0]["action"] == "allow"
    assert greeter["file"] == "agents.d/greeter.yaml"


def test_a_message_is_routed(served: Any) -> None:
    """With every agent's score and the reason; nothing is begun."""
    told = served.ask("POST", "/agents/route", {"text": "Who greets?"}).json()
    assert (told["agent"], told["how"]) == ("greeter", "similarity")
    assert told["candidates"][0]["kind"] == "description"
    assert served.ask("POST", "/agents/route", {"text": "Quel temps ?"}).json()["agent"] == ""
    assert served.ask("GET", "/runs").json()["runs"] == []
    assert served.ask("POST", "/agents/route", {"text": ""}).status_code == 422
    assert served.ask("POST", "/agents/route", {"txt": "x"}).status_code == 422


def test_a_prompt_is_given_as_it_is_rendered(served: Any) -> None:
    """What the model would be told now."""
    answer = served.ask("GET", "/agents/greeter/prompt").json()
    assert (answer["agent"], answer["system"]) == ("greeter", "Greet the user.")


def test_tools_are_listed(served: Any) -> None:
    """With who may call them."""
    (nap,) = served.ask("GET", "/tools").json()["tools"]
    assert nap["stats"] is None
    assert (nap["name"], nap["does"], nap["line"]) == ("nap", {"command": ["sleep", "60"]}, 2)
    assert [caller.get("agent") or caller["phase"] for caller in nap["callers"]] == ["greeter", "rest.rest"]


def test_figures_of_calls_are_given(served: Any) -> None:
    """Of what was called, by whatever is asked for; nothing was yet of another agent or after another time."""
    about: dict[str, Any] = {"run": "r", "path": "ring/1", "tool": "ring", "time": 7.0}
    called = ToolCalled(seq=0, arguments={}, risk="read", target="local", cwd="/", rule="", **about)
    served.engine.store.append([called, ToolReturned(seq=1, record=Record.of("ok"), **about)])
    (ring,) = served.ask("GET", "/tools/stats").json()["figures"]
    assert (ring["key"], ring["calls"], ring["ok"], ring["rate"], ring["error_at"]) == ("ring", 1, 1, 1.0, None)
    by_host = served.ask("GET", "/tools/stats?by=host").json()
    assert (by_host["by"], [one["key"] for one in by_host["figures"]]) == ("host", ["local"])
    assert served.ask("GET", "/tools/stats?agent=greeter").json()["figures"] == []
    assert served.ask("GET", "/tools/stats?since=9e9").json()["figures"] == []


def test_workflows_are_listed_and_shown(served: Any) -> None:
    """Without the runs of single agents."""
    listed = served.ask("GET", "/workflows").json()["workflows"]
    assert [one["name"] for one in listed] == ["ask", "pass", "rest"]
    assert served.ask("GET", "/workflows/rest").json() == listed[2]
    assert listed[2]["bounds"]["tool_calls"] == 1


def test_a_workflow_is_drawn(served: Any) -> None:
    """A picture that may do nothing as a page, text, or data."""
    picture = served.ask("GET", "/workflows/ask/graph")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["content-security-policy"].startswith("default-src 'none'")
    assert 'data-phase="sure"' in picture.text
    assert served.ask("GET", "/workflows/ask/graph?format=mermaid").text.startswith("flowchart TD\n")
    assert served.ask("GET", "/workflows/ask/graph?format=json").json()["edges"][0]["to"] == "pass"


@pytest.mark.parametrize(
    "path, status, detail, hint",
    [
        ("/agents/greter", 404, "there is no agent `greter`", "did you mean greeter?"),
        ("/agents/greter/prompt", 404, "there is no agent `greter`", "did you mean greeter?"),
        ("/workflows/greeter", 404, "there is no workflow `greeter`", None),
        ("/workflows/rst/graph", 404, "there is no workflow `rst`", "did you mean rest?"),
        ("/workflows/rest/graph?format=png", 422, "query.format", None),
        ("/tools/stats?by=day", 422, "query.by", None),
        ("/tools/stats?since=yesterday", 422, "query.since", None),
    ],
)
def test_what_is_not_there_is_refused(served: Any, path: str, status: int, detail: str, hint: str | None) -> None:
    """As problem details, with the nearest name."""
    answer = served.ask("GET", path)
    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    assert answer.json().get("hint") == hint
