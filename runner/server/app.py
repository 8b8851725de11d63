"""The application: one gate before all routes, errors as problem details, no page and no script of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from runner import __version__
from runner.server import approvals, calls, chat, events, runs, system, things
from runner.server.auth import Gate
from runner.server.problems import answer_with_problems

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from runner.server.parts import Parts


def make_app(parts: Parts, *, token: str, host: str) -> ASGIApp:
    """The daemon's application; `host` is the name it listens on."""
    app = FastAPI(title="runner", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.parts = parts
    answer_with_problems(app)
    app.include_router(system.probes)
    for room in (system, runs, chat, events, approvals, things, calls):
        app.include_router(room.routes, prefix="/api/v1")
    return Gate(app, token=token, host=host)
