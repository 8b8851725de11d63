"""What the project in use has: agents and what they are told, tools, workflows and pictures of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from runner.engine.routing.router import LATEST, route
from runner.project.about.agents import about_agent
from runner.project.about.places import Places
from runner.project.about.tools import about_tool
from runner.project.about.workflows import about_workflow
from runner.project.drawing.chart import chart_of
from runner.project.drawing.mermaid import mermaid
from runner.project.drawing.svg import svg
from runner.project.messages import check_message
from runner.project.names.samples import of_run
from runner.project.render import render_system
from runner.prompts import RenderError
from runner.runs.tool_calls import Subject
from runner.server.accepting import refusals
from runner.server.parts import parts_of
from runner.server.problems import Refused
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from runner.engine.workbenches.workbench import Workbench

# These are no coroutines on purpose: what they read of the files takes a thread, not the loop that runs are driven by.
routes = APIRouter()
T = TypeVar("T")
CLOSED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
"""A picture opened as a page may do nothing but be styled by itself."""


@routes.get("/agents")
def agents(request: Request) -> dict[str, Any]:
    """Every agent, as `agents/{name}` shows it."""
    bench = _bench(request)
    project, places, unavailable = bench.project, Places(bench.project), bench.unavailable
    found = [about_agent(project, entry, places, unavailable) for entry in project.agents.values()]
    return {"revision": project.revision, "agents": found}


class Message(BaseModel):
    """What somebody says, without a name."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    text: str
    """The message."""


@routes.post("/agents/route")
def route_message(request: Request, message: Message) -> dict[str, Any]:
    """Which agent a message is for, with all scores and why; no model is asked, and nothing is begun."""
    with refusals():
        check_message(message.text)
    learned = parts_of(request).engine.store.passed(LATEST)
    return route(_bench(request).project, message.text, learned).plain()


@routes.get("/agents/{name}")
def agent(request: Request, name: str) -> dict[str, Any]:
    """One agent: prompt as it is written, model, tools with what happens when they are called, limits, places."""
    bench = _bench(request)
    entry = _find("agent", bench.project.agents, name)
    return about_agent(bench.project, entry, Places(bench.project), bench.unavailable)


@routes.get("/agents/{name}/prompt")
def prompt(request: Request, name: str) -> dict[str, str]:
    """The system prompt of an agent as it would be rendered now."""
    project = _bench(request).project
    entry = _find("agent", project.agents, name)
    try:
        system = render_system(project, entry, entry.spec.output, of_run(project, name))
    except RenderError as error:
        raise Refused(409, f"the prompt of {name} cannot be rendered: {error}") from error
    return {"agent": name, "revision": project.revision, "system": system}


@routes.get("/tools")
def tools(request: Request) -> dict[str, Any]:
    """Every tool: what it runs and takes, its risk, who may call it and what happens then, what its calls came to."""
    bench = _bench(request)
    project, places, unavailable = bench.project, Places(bench.project), bench.unavailable
    stats = {row.key: row.plain() for row in parts_of(request).engine.store.tool_figures("tool")}
    found = [
        {**about_tool(project, entry, places, unavailable), "stats": stats.get(entry.name)}
        for entry in project.tools.values()
    ]
    return {"revision": project.revision, "tools": found}


@routes.get("/tools/stats")
def tool_stats(request: Request, by: Subject = "tool", since: float = 0.0, agent: str | None = None) -> dict[str, Any]:
    """What tool calls came to since a time: counts, success, seconds, last error, of those that had any."""
    rows = parts_of(request).engine.store.tool_figures(by, since, agent=agent)
    return {"by": by, "since": since, "agent": agent, "figures": [row.plain() for row in rows]}


@routes.get("/workflows")
def workflows(request: Request) -> dict[str, Any]:
    """Every workflow, as `workflows/{name}` shows it."""
    project = _bench(request).project
    places = Places(project)
    found = [about_workflow(project, entry, places) for entry in project.declared_workflows.values()]
    return {"revision": project.revision, "workflows": found}


@routes.get("/workflows/{name}")
def workflow(request: Request, name: str) -> dict[str, Any]:
    """One workflow: inputs, phases, edges, and the most that a run of it can take."""
    project = _bench(request).project
    return about_workflow(project, _find("workflow", project.declared_workflows, name), Places(project))


@routes.get("/workflows/{name}/graph")
def graph(request: Request, name: str, format: Literal["svg", "mermaid", "json"] = "svg") -> Response:  # noqa: A002 - the query's name
    """A picture of a workflow; its groups have `data-phase`, `data-branch`, `data-end`, `data-from` and `data-to`."""
    chart = chart_of(_find("workflow", _bench(request).project.declared_workflows, name))
    if format == "json":
        return JSONResponse(chart.to_dict())
    if format == "mermaid":
        return Response(mermaid(chart), media_type="text/plain")
    return Response(svg(chart), media_type="image/svg+xml", headers=CLOSED)


def _bench(request: Request) -> Workbench:
    bench = parts_of(request).engine.workbench
    if bench is None:
        raise Refused(503, "no project is open yet")
    return bench


def _find(kind: str, things: Mapping[str, T], name: str) -> T:
    if name not in things:
        raise Refused(404, f"there is no {kind} `{name}`", hint=did_you_mean(name, things))
    return things[name]
