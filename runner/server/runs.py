"""Start, list, show, explain, cancel and resume runs."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from runner.engine import Start
from runner.errors import UsageError
from runner.runs.choices import choice_data
from runner.runs.events import EdgeTaken, Verdict
from runner.runs.parts import PhaseState
from runner.runs.rows import RunStatus
from runner.runs.state import RunState, fold
from runner.server.accepting import Key, accepting, refusals
from runner.server.parts import Parts, parts_of, run_of
from runner.server.problems import usage_as

routes = APIRouter(prefix="/runs")

FILES_ARE_BAD = "the files have problems and an earlier revision is used: `runner check`"


class NewRun(BaseModel):
    """A run to start: of a workflow or of an agent."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    workflow: str = ""
    """The workflow's name."""
    agent: str = ""
    """The agent's name."""
    inputs: dict[str, Any] = {}
    """Its inputs; an agent's only input is `text`."""
    by: str = ""
    """Who starts it, for the record."""
    at: str = ""
    """The files to run it with when not those in use: a kept revision (or its beginning), or a commit's name."""
    dry: bool = False
    """Whether it only reads, and tells what else it would do (`foreseen` of the run)."""

    @model_validator(mode="after")
    def _one_name(self) -> NewRun:
        if bool(self.workflow) == bool(self.agent):
            msg = "name either a workflow or an agent"
            raise ValueError(msg)
        return self


class Filters(BaseModel):
    """Which runs a list shows."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    status: RunStatus | None = None
    """Where it stands."""
    verdict: Verdict | None = None
    """How it ended."""
    name: str | None = None
    """The workflow or agent."""
    revision: str | None = None
    """The digest of its files, or the beginning of it."""
    limit: int = Field(default=50, ge=1, le=500)
    """How many at most."""
    before: str | None = None
    """The last id of the page already seen."""


class Word(BaseModel):
    """Who asks for something, and why, for the record."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    by: str = ""
    """Who it is."""
    note: str = ""
    """Why."""


class Again(BaseModel):
    """How a run is started anew."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    at: str = ""
    """The files to run it with: a kept revision (or its beginning), a commit's name, `live`; else its own revision."""
    by: str = ""
    """Who starts it, for the record."""


@routes.post("", status_code=202)
async def start(request: Request, body: NewRun, idempotency_key: Key = "") -> dict[str, str]:
    """Accept a run: it is on disk when this answers. The same Idempotency-Key gives the same run."""
    parts = accepting(request)
    name = body.workflow or body.agent
    kind: Literal["agent", "workflow"] = "agent" if body.agent else "workflow"
    start = Start(name, body.inputs, by=body.by, key=idempotency_key, at=body.at, kind=kind, dry=body.dry)
    with refusals():
        try:
            return {"id": await parts.engine.submit(start)}
        except UsageError as error:
            error.hint = error.hint if body.at else _with_what_is_not_read(parts, name, error.hint)
            raise


@routes.post("/{run}/rerun", status_code=202)
async def rerun(request: Request, run: str, body: Again | None = None, idempotency_key: Key = "") -> dict[str, str]:
    """Start a run anew with its inputs and workspace, with the files of its own revision or others."""
    parts, wanted = accepting(request), body or Again()
    run_of(parts, run)
    with refusals():
        return {"id": await parts.engine.rerun(run, at=wanted.at, by=wanted.by, key=idempotency_key)}


@routes.get("")
async def list_runs(request: Request, wanted: Annotated[Filters, Query()]) -> dict[str, Any]:
    """Runs that pass every filter, newest first; `next` is the `before` of the next page, null at the end."""
    rows = parts_of(request).engine.store.runs(**wanted.model_dump())
    return {"runs": [asdict(row) for row in rows], "next": rows[-1].id if len(rows) == wanted.limit else None}


@routes.get("/{run}")
async def show(request: Request, run: str) -> dict[str, Any]:
    """One run: how it stands, phase by phase, and how it ended."""
    parts = parts_of(request)
    row = run_of(parts, run)
    state = await _state(parts, run)
    ended = state.ended.model_dump(exclude={"v", "run", "seq", "time", "path", "type"}) if state.ended else {}
    return {
        **asdict(row),
        "inputs": state.queued.inputs if state.queued else {},
        "phases": _phases(state),
        **choice_data(state),
        "foreseen": [told.plain() for told in state.foreseen.values()],
        "tokens_in": state.spent_tokens_in,
        "tokens_out": state.spent_tokens_out,
        **ended,
    }


@routes.get("/{run}/why")
async def why(request: Request, run: str) -> dict[str, Any]:
    """Why a run is where it is: the verdict, its evidence, and every edge taken with its expression and values."""
    parts = parts_of(request)
    row = run_of(parts, run)
    events = await asyncio.to_thread(parts.engine.store.events, run)
    state = fold(events)
    ended = state.ended
    edges = [event.model_dump(exclude={"v", "run", "type"}) for event in events if isinstance(event, EdgeTaken)]
    return {
        "id": run,
        "status": row.status,
        "verdict": row.verdict,
        "why": row.why,
        "rerun_of": row.rerun_of,
        **choice_data(state),
        "evidence": ended.evidence if ended else {},
        "red": ended.red if ended else [],
        "edges": edges,
    }


@routes.post("/{run}/cancel", status_code=202)
async def cancel(request: Request, run: str, body: Word | None = None) -> dict[str, str]:
    """Ask a run to stop; 409 when it has ended."""
    parts, word = parts_of(request), body or Word()
    run_of(parts, run)
    with usage_as(409):
        await parts.engine.cancel(run, by=word.by, note=word.note)
    return {"id": run}


@routes.post("/{run}/resume", status_code=202)
async def resume(request: Request, run: str) -> dict[str, str]:
    """Go on with a run that nobody works on; 409 when it has ended or somebody does."""
    parts = parts_of(request)
    run_of(parts, run)
    with usage_as(409):
        await parts.engine.resume(run)
    return {"id": run}


def _with_what_is_not_read(parts: Parts, name: str, hint: str) -> str:
    """The hint; for a name that may stand in files which are refused also that they are."""
    bench = parts.engine.workbench
    is_known = bench is not None and name in bench.project.workflows
    return hint if is_known or not parts.files.report()["problems"] else f"{hint}; {FILES_ARE_BAD}"


async def _state(parts: Parts, run: str) -> RunState:
    return fold(await asyncio.to_thread(parts.engine.store.events, run))


def _phases(state: RunState) -> dict[str, Any]:
    """Every phase entered so far by its path without the visit: `verify`, and `sub/1/inner` in a called workflow."""
    return {
        f"{scope}/{name}" if scope else name: _phase(phase)
        for scope, walked in state.scopes.items()
        for name, phase in walked.phases.items()
        if phase.visits
    }


def _phase(phase: PhaseState) -> dict[str, Any]:
    last = phase.history[-1] if phase.history and not phase.open else None
    return {
        "visits": phase.visits,
        "status": last.status if last else "running",
        "ok": last.ok if last else None,
        "error": last.error if last else None,
    }
