"""Is it alive, is it ready, what does it run on; and load the files now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse

from runner.runs.revisions import RELOADS
from runner.server.parts import parts_of
from runner.server.problems import Refused

probes = APIRouter()
routes = APIRouter(prefix="/system")


@probes.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> str:
    """The process answers."""
    return "ok\n"


@probes.get("/readyz", response_class=PlainTextResponse)
async def readyz(request: Request) -> str:
    """It takes runs: a project is open and nobody told it to stop."""
    parts = parts_of(request)
    if parts.stopping.is_set():
        raise Refused(503, "runner is stopping")
    if parts.engine.workbench is None:
        raise Refused(503, "no project is open yet")
    return "ready\n"


@routes.get("/health")
async def health(request: Request) -> dict[str, Any]:
    """What the daemon runs on, how the last load went, what is watched, and how many runs there are.

    `status` is `ok`, `degraded` (the files are bad and an earlier revision is used) or `stopping`.
    """
    parts = parts_of(request)
    bench = parts.engine.workbench
    report = parts.files.report()
    status = "ok" if report["ok"] else "degraded"
    return {
        "status": "stopping" if parts.stopping.is_set() else status,
        "pid": parts.pid,
        "started": parts.started,
        "revision": bench.project.revision if bench else "",
        **await parts.files.commit(),
        "reload": report,
        "watching": parts.files.watching(),
        "unavailable": dict(bench.unavailable) if bench else {},
        "servers": parts.engine.model_servers(),
        "runs": parts.engine.counts(),
        "triggers": parts.engine.triggers.report(),
        "alerts": [asdict(row) for row in parts.engine.store.alerts()],
        "open": parts.engine.open_parts(),
    }


@routes.get("/reload")
async def reloads(request: Request, limit: Annotated[int, Query(ge=1, le=RELOADS)] = 20) -> dict[str, Any]:
    """The history of reloads, newest first: what was read, whether it went live, and why not."""
    rows = parts_of(request).engine.store.revisions.reloads(limit)
    return {"reloads": [row.report() for row in rows]}


@routes.post("/reload")
async def reload(request: Request) -> dict[str, Any]:
    """Load the files now and say how it went; bad files leave the revision in use as it is."""
    parts = parts_of(request)
    if parts.stopping.is_set():
        raise Refused(503, "runner is stopping")
    await parts.files.reload("request")
    return parts.files.report()
