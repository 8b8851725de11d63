"""Questions to people, and their answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from runner.server.parts import parts_of
from runner.server.problems import Refused, usage_as

routes = APIRouter(prefix="/approvals")


class Filters(BaseModel):
    """Which approvals a list shows."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    run: str | None = None
    """Those of this run only."""
    all: bool = False
    """Also those that were decided."""


class Decision(BaseModel):
    """The answer to an approval."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    decision: Literal["approve", "deny"]
    """What was decided."""
    note: str = ""
    """Why, for the record."""
    by: str = ""
    """Who decided; an approval with a list of names takes only those."""


@routes.get("")
async def list_approvals(request: Request, wanted: Annotated[Filters, Query()]) -> dict[str, Any]:
    """The open approvals of one run or of all, oldest first; `all=true` shows those that were decided, too."""
    rows = parts_of(request).engine.store.approvals(run=wanted.run, open_only=not wanted.all)
    return {"approvals": [asdict(row) for row in rows]}


@routes.post("/{approval}")
async def decide(request: Request, approval: str, body: Decision) -> dict[str, str]:
    """Decide an approval, once; 409 when it was decided before or these hands may not."""
    engine = parts_of(request).engine
    row = engine.store.approval(approval)
    if row is None:
        raise Refused(404, f"there is no approval {approval}")
    with usage_as(409):
        await engine.decide(approval, body.decision, by=body.by, note=body.note)
    return {"id": approval, "run": row.run, "decision": body.decision}
