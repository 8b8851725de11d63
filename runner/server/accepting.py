"""What all routes that begin a run share: none is accepted while stopping, and a refusal is the caller's to mend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Header, Request

from runner.errors import ConfigInvalid, UsageError
from runner.server.parts import Parts, parts_of
from runner.server.problems import Refused

if TYPE_CHECKING:
    from runner.project.problems import Problem

Key = Annotated[str, Header(max_length=200)]


def accepting(request: Request) -> Parts:
    """The daemon's parts, while it accepts runs."""
    parts = parts_of(request)
    if parts.stopping.is_set():
        raise Refused(503, "runner is stopping and accepts no runs")
    return parts


@contextmanager
def refusals() -> Iterator[None]:
    """Answer 422 when what is asked for cannot be; for a commit whose files are wrong, with every problem."""
    try:
        yield
    except UsageError as error:
        raise Refused(422, error.message, hint=error.hint) from error
    except ConfigInvalid as error:
        problems = [cast("Problem", one).to_dict() for one in error.problems]
        raise Refused(422, error.message, hint=error.hint, problems=problems) from error
