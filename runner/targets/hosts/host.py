"""The target of one host: a command runs there as it would here, and nothing of it stays after a time-out."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.errors import ProgramMissing, ToolFailed
from runner.spec.cuts import end_of
from runner.targets.finishing import finished
from runner.targets.hosts import script
from runner.targets.hosts.dialer import Dialer
from runner.targets.hosts.line import PATIENCE, Line
from runner.targets.hosts.remote import Remote
from runner.targets.hosts.spec import HostSpec, secret_name
from runner.targets.output import KEEP, MOST, Output, Spill
from runner.targets.port import Command, Completed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LINGER = 0.2
"""Seconds that a finished command's children may still hold its output open."""
_STOPPING = 8.0
"""Seconds in which a host must have ended a command."""
_SHOWN = 2_000
_ABSENT = {126: re.compile(r".*(Permission denied|annot execute.*)\s*"), 127: re.compile(r".*not found\s*")}
"""What a shell says, and nothing else is said, when it cannot start a program."""


@dataclass
class _Call:
    """One call of a command: the word that marks its processes, the password of sudo, whether it ended by itself."""

    command: Command
    nonce: str
    password: str | None
    in_time: bool = False


class Host:
    """Runs commands on the host `name` of `hosts`, through one connection that is opened when it is needed."""

    def __init__(
        self,
        name: str,
        hosts: Mapping[str, HostSpec],
        *,
        root: Path,
        fill: Callable[[str], str],
        spill: Spill,
        keep: int = KEEP,
        most: int = MOST,
    ) -> None:
        """`root` holds `known_hosts`, and key files are from there; `fill` puts secrets in place of `${NAME}`."""
        self.name = name
        self._spec = hosts.get(name, HostSpec())
        self._dialer = Dialer(hosts, root, fill)
        self._places = asyncio.Semaphore(self._spec.channels)
        self._line = Line(name, self._dialer, self._spec.idle, self._spec.channels + 2)
        self._spill = spill
        self._keep = keep
        self._most = most

    @property
    def opened(self) -> int:
        """How many connections came up so far."""
        return self._line.opened

    async def run(self, command: Command) -> Completed:
        """Run to the end; a time-out or a cancellation leaves no process of it alive there."""
        call = _Call(command, secrets.token_hex(16), self._sudo_password() if command.sudo else None)
        text = script.start(command, call.nonce, call.password)
        async with self._places, self._line:
            with Output(self._keep, self._most) as output:
                remote = await self._begin(output, call, text)
                left = await self._watch(remote, call)
                self._judge(remote, output, call, left)
                blob = await asyncio.to_thread(output.spill, self._spill)
                return Completed(output.text(), remote.exited.result() or 0, output.dropped, blob)

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    def _sudo_password(self) -> str | None:
        text = self._spec.sudo_password
        return None if text is None else self._dialer.secret(self.name, text)

    async def _begin(self, output: Output, call: _Call, text: str) -> Remote:
        """Start the command; a connection that died while it was idle is opened once more, as nothing had begun."""
        while True:
            opened = self._line.opened
            transport = await self._line.transport()
            remote = Remote(output, call.nonce)
            starting = self._line.begin(remote.begin, transport, text, PATIENCE, self._most)
            try:
                await asyncio.wait({starting}, timeout=PATIENCE)
            except asyncio.CancelledError:
                await finished(self._give_up(starting, remote, call))
                raise
            error = starting.exception() if starting.done() else TimeoutError("no answer in time")
            if error is None:
                return remote
            if not (refused := _is_refusal(error)):
                self._line.drop(transport)
            if refused or remote.is_started or self._line.opened > opened:
                raise self._not_begun(remote, error) from error

    async def _give_up(self, starting: asyncio.Future[None], remote: Remote, call: _Call) -> None:
        """End what was about to begin."""
        await asyncio.wait({starting}, timeout=PATIENCE)
        if remote.is_started:
            await self._end(remote, call)
        self._line.spare(remote.close)

    def _not_begun(self, remote: Remote, error: BaseException) -> ToolFailed:
        """Why a command did not begin, on a host that had let us in."""
        if remote.is_started:
            return self._lost()
        why = str(error) or type(error).__name__
        return ToolFailed(f"{self.name} starts no command: {why}", match="unavailable")

    def _lost(self) -> ToolFailed:
        message = f"the connection to {self.name} broke off while the command ran: what became of it is not known"
        return ToolFailed(message, hint="look at what it changed before running it again")

    async def _watch(self, remote: Remote, call: _Call) -> str:
        """Wait for the first of: exit, too much output, time-out, cancellation; why something of it may be left."""
        left = ""
        try:
            first: set[asyncio.Future[Any]] = {remote.exited, remote.full}
            await asyncio.wait(first, timeout=call.command.seconds, return_when=asyncio.FIRST_COMPLETED)
            call.in_time = remote.exited.done()
            if call.in_time and not remote.closed.done():
                await asyncio.wait({remote.closed}, timeout=LINGER)
        finally:
            if not (remote.exited.done() and remote.closed.done()):
                left = await finished(self._end(remote, call))
            self._line.spare(remote.close)
        return left

    async def _end(self, remote: Remote, call: _Call) -> str:
        """End the command there, through a second channel; why that may not have been done."""
        known: set[asyncio.Future[Any]] = {remote.begun, remote.exited}
        await asyncio.wait(known, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not remote.leader:
            return "its process is not known"
        text = script.stop(remote.leader, call.nonce, call.password, sudo=call.command.sudo)
        with Output(whole=False) as output:
            killer = Remote(output, call.nonce)
            try:
                transport = await self._line.transport()
                starting = self._line.begin(killer.begin, transport, text, _STOPPING, self._most)
                await asyncio.wait_for(asyncio.shield(starting), _STOPPING)
                ended = await asyncio.wait_for(killer.exited, _STOPPING)
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller says that it may still run
                return str(error) or "no answer in time"
            finally:
                self._line.spare(killer.close)
        return "" if ended == 0 else "some of its processes do not end"

    def _judge(self, remote: Remote, output: Output, call: _Call, left: str) -> None:
        """Raise what makes a command no completed one."""
        program = call.command.argv[0]
        still = f"; IT MAY STILL RUN on {self.name}: {left}" if left else ""
        if remote.full.done():
            what = f"{program} was stopped: it put out more than {self._most:,} bytes{still}{_last_words(output)}"
            raise ToolFailed(what, hint="ask for less: a narrower path, a filter, a limit")
        if not call.in_time:
            what = f"not finished on {self.name} after {call.command.seconds:g} s{still}{_last_words(output)}"
            raise ToolFailed(f"{program} was stopped: {what}", match="timeout")
        if call.password is not None and output.text() == f"{call.nonce} {script.REFUSED}\n":
            secret = secret_name(self._spec.sudo_password or "")
            hint = f"set it anew: `runner secrets set {secret}`; may that user use sudo at all?"
            raise ToolFailed(f"sudo on {self.name} does not take the password", match="unavailable", hint=hint)
        if remote.is_strange:
            raise ToolFailed(f"{self.name} runs no command: {remote.noise}", match="unavailable")
        code = remote.exited.result()
        if code is None:
            raise self._lost()
        if code in _ABSENT and _ABSENT[code].fullmatch(output.text()):
            hint = f"install {program} on {self.name}, or give its folder"
            raise ProgramMissing(f"there is no program {program} on {self.name}", hint=hint)


def _is_refusal(error: BaseException) -> bool:
    """Whether a host that answers takes no further command: others on the same connection go on."""
    from paramiko import ChannelException

    return isinstance(error, ChannelException)


def _last_words(output: Output) -> str:
    """The end of the output, for a failure's message."""
    words = end_of(output.text().strip(), _SHOWN)
    return f"; its last output:\n{words}" if words else "; it put out nothing"
