"""The live part: a server that is kept up, and asked for tools that are still what was agreed on."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.tools.mcp.connection import Connection, Link, reason
from runner.tools.mcp.lock import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_types import CallToolResult

    from runner.tools.mcp.spec import Lifecycle
    from runner.tools.port import Outcome

_RELOCK = "look at what changed with `runner mcp lock --check`, then take it over with `runner mcp lock`"


class McpServer:
    """A server of one pack; `link` makes the way to it, `pins` are the digests agreed on by the tools' wire names."""

    def __init__(
        self,
        name: str,
        link: Callable[[], Link],
        pins: Mapping[str, str],
        lifecycle: Lifecycle,
        *,
        legacy: bool = False,
    ) -> None:
        self.name = name
        self.changed: dict[str, str] = {}
        """Why tools may not be used any more, by their wire names."""
        self.starts = 0
        """How often it was started or connected to."""
        self._link = link
        self._pins = dict(pins)
        self._lifecycle = lifecycle
        self._legacy = legacy
        self._live: Connection | None = None
        self._failures = 0
        self._not_before = 0.0
        self._last_fault = ""
        self._starting = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @property
    def fault(self) -> str:
        """Why it is down; empty while it is up, or was not asked for."""
        return self._last_fault if self._failures and self._live is None else ""

    def keep_up(self) -> None:
        """Start it now, and again whenever it ends: a required server waits for no call."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    async def call(self, tool: str, arguments: Mapping[str, Any], seconds: float) -> Outcome:
        """What a tool answers; raises ToolFailed: `timeout` after so many seconds, `unavailable`, or the tool's words.

        The time begins when the server is there. A call that is cancelled, or too late, is cancelled at the server.
        """
        live = await self._connected(seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._asked(live, tool, arguments)
        except TimeoutError:
            what = f"{tool} of the server {self.name} was stopped: not finished after {seconds:g} s{live.link.words()}"
            raise ToolFailed(what, match="timeout") from None

    async def close(self) -> None:
        """End it, with all that it started."""
        self._closing.set()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        async with self._starting:
            if self._live is not None:
                await self._live.close()

    # -------------------------------------------------------------------------------------------------- calls

    async def _asked(self, live: Connection, tool: str, arguments: Mapping[str, Any]) -> Outcome:
        from mcp.shared.exceptions import MCPError
        from pydantic import ValidationError

        try:
            await live.look_again()
            self._compare(live)
            self._refuse_changed(tool)
            result = await live.client.call_tool(tool, dict(arguments))
        except ToolFailed:
            raise
        except MCPError as error:
            raise await self._refusal(live, tool, error) from error
        except (RuntimeError, ValidationError, ValueError) as error:
            what = f"{tool} of the server {self.name} answered against its own word: {reason(error)}"
            raise ToolFailed(what, match="output") from error
        except Exception as error:  # the library's streams close in many ways when the other side goes
            await self._lost(live)
            raise self._gone(live, tool, reason(error)) from error
        self._failures = 0
        return _discreet(live.link, result)

    async def _refusal(self, live: Connection, tool: str, error: Any) -> ToolFailed:
        from mcp_types import CONNECTION_CLOSED

        if error.code == CONNECTION_CLOSED or live.is_gone or error.message == "Session terminated":
            await self._lost(live)
            return self._gone(live, tool, reason(error))
        refusal = live.link.refusal()
        if refusal:
            what = f"{tool} of the server {self.name} cannot be asked: {refusal.what}"
            return ToolFailed(what, match="unavailable", hint=refusal.hint)
        return ToolFailed(live.link.redact(f"the server {self.name} refused {tool}: {reason(error)}"))

    def _gone(self, live: Connection, tool: str, why: str) -> ToolFailed:
        what = f"{tool}: the server {self.name} went away in the middle of the call: {why}{live.link.words()}"
        return ToolFailed(what, match="unavailable")

    def _compare(self, live: Connection) -> None:
        self.changed = changes(self._pins, live.listed)

    def _refuse_changed(self, tool: str) -> None:
        if why := self.changed.get(tool):
            what = f"{tool} of the server {self.name} is not used: {why}"
            raise ToolFailed(what, match="unavailable", hint=_RELOCK)

    # ------------------------------------------------------------------------------------------- up and down

    async def _connected(self, seconds: float) -> Connection:
        """The connection, made anew when there is none; waits for its time at most as long as a call may take."""
        async with self._starting:
            if self._live is not None and not self._live.is_gone:
                return self._live
            if self._live is not None:
                await self._lost(self._live)
            await self._wait_for_turn(seconds)
            return await self._connect()

    async def _wait_for_turn(self, seconds: float) -> None:
        wait = self._not_before - time.monotonic()
        if self._failures and not self._lifecycle.restart:
            what = f"the server {self.name} is down, and `restart` is false: {self._last_fault}"
            raise ToolFailed(what, match="unavailable")
        if wait > seconds:
            what = f"the server {self.name} is down, and is tried again in {wait:.0f} s: {self._last_fault}"
            raise ToolFailed(what, match="unavailable")
        if wait > 0:
            await asyncio.wait({asyncio.ensure_future(self._closing.wait())}, timeout=wait)
        if self._closing.is_set():
            raise ToolFailed(f"the server {self.name} was closed", match="unavailable")

    async def _connect(self) -> Connection:
        live = Connection(self._link(), legacy=self._legacy)
        self.starts += 1
        try:
            await live.open()
        except ToolFailed as error:
            self._note_failure(error.message)
            raise
        self._live = live
        self._compare(live)
        return live

    async def _lost(self, live: Connection) -> None:
        if self._live is live:
            self._live = None
            await live.close()
            self._note_failure(f"it went away{live.link.words()}")

    def _note_failure(self, why: str) -> None:
        least, most = self._lifecycle.backoff
        self._not_before = time.monotonic() + min(most, least * 2 ** min(self._failures, 30))
        self._failures += 1
        self._last_fault = why

    async def _keep(self) -> None:
        while self._lifecycle.restart or not self._failures:
            try:
                live = await self._connected(self._lifecycle.backoff[1])
            except ToolFailed:
                continue
            await live.wait_gone()


def _discreet(link: Link, result: CallToolResult) -> Outcome:
    """What it answered, without what it was told of who asks."""
    from runner.tools.mcp.answers import outcome

    try:
        answer = outcome(result)
    except ToolFailed as error:
        raise ToolFailed(link.redact(error.message)) from error
    return replace(answer, output=link.redact(answer.output))
