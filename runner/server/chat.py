"""A message to an agent, or to whom it fits: a run of its own, which may go on with an earlier one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from runner.engine.submit import message
from runner.server.accepting import Key, accepting, refusals

routes = APIRouter()


class NewMessage(BaseModel):
    """What somebody says."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    text: str
    """The message."""
    target: str = ""
    """The agent that is to answer; empty: the one that the message fits."""
    previous: str = ""
    """The run whose conversation it goes on with."""
    by: str = ""
    """Who says it, for the record."""


@routes.post("/chat", status_code=202)
async def say(request: Request, body: NewMessage, idempotency_key: Key = "") -> dict[str, str]:
    """Accept a message as a run, as `POST /runs` accepts others; who was chosen is its event `agent.chosen`."""
    parts = accepting(request)
    start = message(body.target, body.text, body.by, key=idempotency_key, previous=body.previous)
    with refusals():
        return {"id": await parts.engine.submit(start)}
