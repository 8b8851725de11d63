"""One call of a tool, made by a person: a run of its own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from runner.engine import Start
from runner.project.startable import inputs_of_call
from runner.runs.paths import TOOL
from runner.server.accepting import Key, accepting, refusals
from runner.server.problems import Refused
from runner.spec.words import did_you_mean

routes = APIRouter(prefix="/tools")


class NewCall(BaseModel):
    """A call to make."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    arguments: dict[str, Any] = {}
    """What the tool takes."""
    target: str = ""
    """Where its command runs: local, sandbox, a host, or group:NAME for all hosts of a group at once."""
    by: str = ""
    """Who makes it, for the record."""


@routes.post("/{name}/call", status_code=202)
async def call(request: Request, name: str, body: NewCall, idempotency_key: Key = "") -> dict[str, str]:
    """Accept a run of one call of a tool, as `POST /runs` accepts others."""
    parts = accepting(request)
    bench = parts.engine.workbench
    if bench is None:
        raise Refused(503, "no project is open yet")
    if name not in bench.project.tools:
        raise Refused(404, f"there is no tool `{name}`", hint=did_you_mean(name, bench.project.tools))
    with refusals():
        inputs = inputs_of_call(bench.project.tools[name], body.arguments, body.target)
        start = Start(f"{TOOL}{name}", inputs, by=body.by, key=idempotency_key, kind="tool")
        return {"id": await parts.engine.submit(start)}
