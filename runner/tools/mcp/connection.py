"""One connection to a server, from the first word to the last, and what it lists.

A task of its own holds it open, as the library's parts must be closed by the task that opened them.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Protocol

from runner import __version__
from runner.errors import ToolFailed
from runner.spec.cuts import begin_of
from runner.tools.mcp.lock import Listed

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from mcp import Client
    from mcp.client._transport import TransportStreams

    from runner.tools.mcp.refusals import Refusal

START = 30.0
"""Seconds in which a server must be ready and have listed its tools."""
CHECKED = 60.0
"""Seconds after which a call looks at the list again."""
CLOSING = 5.0
"""Seconds that saying goodbye may take."""
MOST_TOOLS = 1_000
MOST_PAGES = 100


class Link(Protocol):
    """What carries the messages: a program's pipes, or HTTP."""

    name: str
    where: str
    gone: asyncio.Event

    def open(self) -> AbstractAsyncContextManager[TransportStreams]:
        """Open it for the length of a block."""

    def words(self) -> str:
        """What is known of why it failed."""

    def refusal(self) -> Refusal | None:
        """Why it did not let us in when it was asked last."""

    def redact(self, data: Any) -> Any:
        """Plain data without what was got for it alone."""


class Connection:
    """A connection; `open` it, `close` it in any case."""

    client: Client

    def __init__(self, link: Link, *, legacy: bool = False, seconds: float = START) -> None:
        self.link = link
        self._seconds = seconds
        self.listed: list[Listed] = []
        self._legacy = legacy
        self._looked = 0.0
        self._looking = asyncio.Lock()
        self._ready = asyncio.Event()
        self._leave = asyncio.Event()
        self._fault: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_gone(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._task is None or self._task.done() or self.link.gone.is_set()

    async def open(self) -> None:
        """Connect and list the tools; raises ToolFailed, `unavailable`."""
        self._task = asyncio.create_task(self._hold())
        try:
            async with asyncio.timeout(self._seconds):
                await self._ready.wait()
        except TimeoutError:
            await self.close()
            raise self._unavailable(f"not ready after {self._seconds:g} s") from None
        except BaseException:
            await self.close()
            raise
        if self._fault is not None:
            await self.close()
            raise self._told(self._fault) from self._fault

    async def close(self) -> None:
        """Say goodbye; nothing of it is alive afterwards."""
        self._leave.set()
        if self._task is None:
            return
        if self._ready.is_set():
            await asyncio.wait({self._task}, timeout=CLOSING)
        self._task.cancel()
        await asyncio.wait({self._task})

    async def wait_gone(self) -> None:
        """Until nothing can be asked any more."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def look_again(self) -> None:
        """List the tools anew when the server said that they changed, or when it was long ago."""
        async with self._looking:
            if time.monotonic() - self._looked > CHECKED:
                self.listed = await listing(self.client)
                self._looked = time.monotonic()

    async def _hold(self) -> None:
        try:
            await self._live()
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            self._fault = error
        finally:
            self._ready.set()

    async def _live(self) -> None:
        from mcp import Client
        from mcp_types import Implementation

        me = Implementation(name="runner", version=__version__)
        mode = "legacy" if self._legacy else "auto"
        async with Client(
            self.link.open(), mode=mode, client_info=me, message_handler=self._hear, cache=None
        ) as client:
            self.client = client
            self.listed = await listing(client)
            self._looked = time.monotonic()
            self._ready.set()
            await _first(self._leave, self.link.gone)

    async def _hear(self, message: Any) -> None:
        from mcp_types import ToolListChangedNotification

        if isinstance(getattr(message, "root", message), ToolListChangedNotification):
            self._looked = 0.0

    def _told(self, fault: BaseException) -> ToolFailed:
        """Why it could not be opened."""
        if isinstance(fault, ToolFailed):
            return fault
        if isinstance(first := first_of(fault), ToolFailed):
            return self._unavailable(first.message, first.hint)
        if refusal := self.link.refusal():
            return self._unavailable(*refusal)
        return self._unavailable(reason(fault))

    def _unavailable(self, why: str, hint: str = "") -> ToolFailed:
        what = f"the server {self.link.name} ({self.link.where}) cannot be reached: {why}{self.link.words()}"
        return ToolFailed(self.link.redact(what), match="unavailable", hint=hint)


async def listing(client: Client) -> list[Listed]:
    """All tools that a server lists, page by page; raises ToolFailed when there is no end of them."""
    if client.server_capabilities.tools is None:
        return []
    found: list[Listed] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="bypass")
        found += [_listed(tool) for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None and len(found) <= MOST_TOOLS:
            return found
        if len(found) > MOST_TOOLS:
            break
    raise ToolFailed(f"the server lists more than {MOST_TOOLS:,} tools, or has no last page", match="unavailable")


def reason(error: BaseException) -> str:
    """Why, in one line: of a group of errors the first that says something."""
    error = first_of(error)
    return begin_of(" ".join(str(error).split()), 500) or type(error).__name__


def first_of(error: BaseException) -> BaseException:
    """The error itself, or of a group of them the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _listed(tool: Any) -> Listed:
    data = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
    annotations = dict(data.get("annotations", {}))
    if "title" in data:
        annotations["title"] = data["title"]
    return Listed(
        data["name"], data.get("description", ""), data.get("inputSchema", {}), data.get("outputSchema"), annotations
    )


async def _first(*events: asyncio.Event) -> None:
    """Until one of them is set."""
    tasks = {asyncio.create_task(event.wait()) for event in events}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
