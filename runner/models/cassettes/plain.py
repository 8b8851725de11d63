"""A request as plain data that is the same on another day, in another folder and in another run."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.models.port import Message, Request

PROJECT = "⟨project⟩"
"""Stands for the project's folder."""
RUN = "⟨run⟩"
"""Stands for the id of the run."""
_PASSING = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\b\d\d:\d\d:\d\d(?:\.\d+)?\b"
    r"|\b\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|seconds?)\b"
)
"""Dates, times of day, and how long something took."""
_SHORTEST = 8
"""Letters below which an id is not looked for."""


@dataclass(frozen=True, slots=True)
class Places:
    """What differs from machine to machine and must not differ on a cassette: the project's folder, and secrets."""

    root: str
    redact: Callable[[Any], Any]

    def hide(self, data: Any, run: str = "") -> Any:
        """Plain data with marks in place of the folder and of the run's id, and without secrets."""
        pairs = [(self.root, PROJECT), (run, RUN)]
        return _replaced(self.redact(data), [pair for pair in pairs if len(pair[0]) >= _SHORTEST])

    def fill(self, data: Any, run: str = "") -> Any:
        """Plain data with the folder and the run's id in place of their marks."""
        return _replaced(data, [(PROJECT, self.root), (RUN, run or RUN)])


@dataclass(frozen=True, slots=True)
class Plain:
    """A request: its messages and their digests, what is offered beside them, and what it is found by."""

    key: str
    served: str
    messages: tuple[dict[str, Any], ...]
    digests: tuple[str, ...]
    tools: tuple[str, ...]
    offers: str
    """The digest of tools, schema and sampling."""


def plain(request: Request, served: str, places: Places) -> Plain:
    """The request as plain data; deadlines, ids of calls and thinking are no part of it."""
    run = run_of(request)
    messages = tuple(places.hide(_messages(request.messages), run))
    offered: list[Any] = [[tool.name, tool.description, tool.parameters] for tool in request.tools]
    offers = digest(places.hide([offered, request.schema, request.sampling.model_dump(exclude_none=True)], run))
    key = digest([served, loose(messages), offers])
    return Plain(key, served, messages, tuple(map(digest, messages)), tuple(one.name for one in request.tools), offers)


def run_of(request: Request) -> str:
    """The id of the run that makes a request; empty where none does."""
    return request.cache_key.partition("/")[0]


def loose(data: Any) -> Any:
    """Plain data without what passes: requests that differ in times alone are the same."""
    if isinstance(data, str):
        return _PASSING.sub("⟨time⟩", data)
    if isinstance(data, dict):
        return {key: loose(value) for key, value in data.items()}
    return [loose(item) for item in data] if isinstance(data, list | tuple) else data


def digest(data: Any) -> str:
    """A short digest of plain data."""
    text = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Ids of calls are the server's whim: they are numbered."""
    numbers: dict[str, int] = {}
    plain: list[dict[str, Any]] = []
    for message in messages:
        data: dict[str, Any] = {"role": message.role, "text": message.text}
        for call in message.calls:
            numbers[call.id] = len(numbers) + 1
        if message.calls:
            data["calls"] = [{"tool": call.tool, "with": call.arguments} for call in message.calls]
        if message.role == "tool":
            data["of_call"] = numbers.get(message.call_id, 0)
        plain.append(data)
    return plain


def _replaced(data: Any, pairs: Sequence[tuple[str, str]]) -> Any:
    if isinstance(data, str):
        for old, new in pairs:
            data = data.replace(old, new)
        return data
    if isinstance(data, dict):
        return {_replaced(key, pairs): _replaced(value, pairs) for key, value in data.items()}
    return [_replaced(item, pairs) for item in data] if isinstance(data, list | tuple) else data
