"""Every error as problem details (RFC 9457): a status, one line what, and a hint where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from runner.errors import RunnerError, UsageError
from runner.server.faults import fault, hint

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"


class Refused(Exception):
    """The answer is a problem of this status; `more` are further members of its object."""

    def __init__(self, status: int, detail: str, *, hint: str = "", **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.more = more


def answer_with_problems(app: FastAPI) -> None:
    """Let all errors of an application be answered as problem details."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(RunnerError, _runner)
    app.add_exception_handler(Exception, _unexpected)


@contextmanager
def usage_as(status: int) -> Iterator[None]:
    """Answer a `UsageError` of the block with this status."""
    try:
        yield
    except UsageError as error:
        raise Refused(status, error.message, hint=error.hint) from error


def problem(
    status: int, detail: str, *, hint: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """An answer with the members `title`, `status` and `detail`, `hint` where there is one, and what else is given."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body |= {"hint": hint} if hint else {}
    return JSONResponse(body | more, status, headers, MEDIA_TYPE)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)  # noqa: S101 - registered for this class
    said = _discreet(request, {"detail": error.detail, "hint": error.hint, **error.more})
    return problem(error.status, **said)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    details = {
        404: f"there is nothing at {request.url.path}",
        405: f"{request.url.path} does not take {request.method}",
    }
    detail = _discreet(request, details.get(error.status_code, str(error.detail)))
    return problem(error.status_code, detail, headers=error.headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    found = error.errors()
    faults = _discreet(request, [fault(one) for one in found])
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in faults)
    return problem(422, detail, hint=hint(request, found), errors=faults)


def _discreet(request: Request, said: Any) -> Any:
    """What an answer says, without secrets: it repeats what was asked for, and that may be one."""
    bench = request.app.state.parts.engine.workbench
    return bench.redact(said) if bench else said


async def _runner(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RunnerError)  # noqa: S101 - registered for this class
    return problem(503, **_discreet(request, {"detail": error.message, "hint": error.hint}))


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    return problem(500, f"runner itself failed: {type(error).__name__}", hint="the daemon's log says where")
