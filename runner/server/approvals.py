"""Questions to people, and their answers."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from runner.errors import UsageError
from runner.server.parts import parts_of
from runner.server.problems import Refused, usage_as

if TYPE_CHECKING:
    from runner.engine import Engine

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


class Decisions(Decision):
    """The same answer to several approvals."""

    ids: Annotated[list[str], Field(min_length=1, max_length=500)]
    """Their ids; each is decided for itself."""


@routes.get("")
async def list_approvals(request: Request, wanted: Annotated[Filters, Query()]) -> dict[str, Any]:
    """The open approvals of one run or of all, oldest first; `all=true` shows those that were decided, too."""
    rows = parts_of(request).engine.store.approvals(run=wanted.run, open_only=not wanted.all)
    return {"approvals": [asdict(row) for row in rows]}


@routes.post("")
async def decide_all(request: Request, body: Decisions) -> dict[str, Any]:
    """Decide several approvals, each once; `error` says why one did not count, and the others do all the same."""
    engine = parts_of(request).engine
    answers = await asyncio.gather(*(_decided(engine, approval, body) for approval in body.ids))
    return {"results": answers}


async def _decided(engine: Engine, approval: str, body: Decisions) -> dict[str, Any]:
    row = engine.store.approval(approval)
    about = {"id": approval, "run": row.run if row else None, "decision": body.decision}
    try:
        await engine.decide(approval, body.decision, by=body.by, note=body.note)
    except UsageError as refusal:
        return {**about, "decided": False, "error": refusal.message}
    return {**about, "decided": True, "error": ""}


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
