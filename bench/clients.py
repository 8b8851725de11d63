"""Bare clients that have the same exchange with the model: two streamed calls, the tool's answer made up between them.

Each reads the lines of the stream and parses every event, as a client has to; nothing is kept, judged or checked.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

Exchange: TypeAlias = Callable[[], Awaitable[None]]

_PROMPT = "## Role\nYou know a dictionary by heart.\n\n## Task\nAnswer the question, in one sentence."
_WORD = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
_TOOL = {"name": "look", "description": "Look a word up.", "parameters": _WORD}
_OPENING: list[dict[str, Any]] = [
    {"role": "system", "content": _PROMPT},
    {"role": "user", "content": "What does the word mean?"},
]


@asynccontextmanager
async def bare_httpx(url: str) -> AsyncIterator[Exchange]:
    """The client of httpx as it comes."""
    async with httpx.AsyncClient() as client:
        yield lambda: _over_httpx(client, url)


@asynccontextmanager
async def bare_httpx_aiohttp(url: str) -> AsyncIterator[Exchange]:
    """The client of httpx over the connections of aiohttp, as many as there are calls."""
    async with over_aiohttp() as client:
        yield lambda: _over_httpx(client, url)


def over_aiohttp() -> httpx.AsyncClient:
    """A client of httpx over the connections of aiohttp."""
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    return httpx.AsyncClient(transport=AiohttpTransport(client=session))


@asynccontextmanager
async def bare_aiohttp(url: str) -> AsyncIterator[Exchange]:
    """The client of aiohttp, with as many connections as there are calls."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield lambda: _over_aiohttp(session, url)


CLIENTS: dict[str, Callable[[str], AbstractAsyncContextManager[Exchange]]] = {
    "httpx": bare_httpx,
    "httpx-aiohttp": bare_httpx_aiohttp,
    "aiohttp": bare_aiohttp,
}


async def _over_httpx(client: httpx.AsyncClient, url: str) -> None:
    messages = list(_OPENING)
    for _ in range(2):
        async with client.stream("POST", f"{url}/chat/completions", json=_body(messages)) as response:
            chunks = [json.loads(line[6:]) async for line in response.aiter_lines() if line.startswith("data: {")]
        messages += _continued(chunks)


async def _over_aiohttp(session: aiohttp.ClientSession, url: str) -> None:
    messages = list(_OPENING)
    for _ in range(2):
        async with session.post(f"{url}/chat/completions", json=_body(messages)) as response:
            chunks = [json.loads(line[6:]) async for line in response.content if line.startswith(b"data: {")]
        messages += _continued(chunks)


def _body(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "model": "bench",
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [{"type": "function", "function": _TOOL}],
    }


def _continued(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the conversation goes on with: the call that the stream holds and its answer, or nothing."""
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    if not calls:
        return []
    said = {"role": "assistant", "content": None, "tool_calls": calls}
    answers = [{"role": "tool", "tool_call_id": call["id"], "content": '{"word": "x"}'} for call in calls]
    return [said, *answers]
