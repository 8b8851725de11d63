"""`runner up`: project, engine, reload and server together, until a signal or a fault that nothing can go on after."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import uvicorn

from runner import __version__
from runner.engine import Engine
from runner.errors import RunnerError
from runner.project.problems import refusal
from runner.reload import Reloader, ReloadResult
from runner.runs.events import AlertFired, AlertResolved, ApprovalAsked, RunEnded
from runner.runs.live import Lagged
from runner.runs.owners import DAEMON_FILE, DaemonLock, Owner
from runner.runs.store import Store
from runner.server.app import make_app
from runner.server.listening import bind, split, url_of
from runner.server.parts import Parts
from runner.server.token import ensure_token
from runner.spec.layout import short, with_commit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.problems import Problem
    from runner.project.project import Project

FAREWELL = 3
"""Seconds that open connections get once all work has stopped."""


class Log(Protocol):
    """Where the daemon says what matters, in words for people."""

    def line(self, text: str) -> None:
        """Say one thing."""

    def problems(self, problems: Sequence[Problem]) -> None:
        """Show faults in the project's files."""


async def serve(root: Path, folder: Path, log: Log, *, listen: str | None = None) -> None:
    """Be the daemon of a project whose store is in `folder`, until SIGTERM or SIGINT; SIGHUP loads the files again.

    Raises `StoreBusy` when there is a daemon already, `ConfigInvalid` when the files are bad and no earlier revision
    is known, `StoreError` when the journal cannot be written any more.
    """
    with ExitStack() as held:
        store = Store.open(folder)
        held.callback(store.close)
        held.callback(DaemonLock.acquire(folder).release)
        owner = Owner.acquire(folder)
        held.callback(owner.release)
        with _first_fault():
            await _Daemon(root, store, owner, log, listen).run()


class _Daemon:
    def __init__(self, root: Path, store: Store, owner: Owner, log: Log, listen: str | None) -> None:
        self._folder = store.folder
        self._log = log
        self._listen = listen
        self._engine = Engine(store, owner)
        self._reloader = Reloader(root, self._engine, store, notify=self._tell_of_reload, tell=log.line)
        self._parts = Parts(self._engine, self._reloader, time.time(), os.getpid())
        self._told_to_stop = asyncio.Event()
        self._told_to_reload = asyncio.Event()
        self._is_closed = False

    async def run(self) -> None:
        self._log.line(f"runner {__version__} starts: process {os.getpid()}, journal in {self._folder}")
        self._hear_signals()
        await self._engine.start()
        try:
            await self._reloader.start(self._bind)
            await self._work()
        finally:
            (self._folder / DAEMON_FILE).unlink(missing_ok=True)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # there is nobody left to tell
            await self._reloader.close()
            await self._close(grace=0.0)
        self._log.line("stopped")

    async def _work(self) -> None:
        """Everything that goes on side by side; the first fault ends it all."""
        server = self._server()
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve([self._socket]))
            reloading = [group.create_task(self._reloader.watch()), group.create_task(self._reload_when_told())]
            telling = [group.create_task(self._tell_of_runs()), group.create_task(self._fail())]
            reloading.append(group.create_task(self._engine.triggers.watch(self._log.line)))
            self._announce()
            await self._told_to_stop.wait()
            self._parts.stopping.set()
            await _end(reloading)
            await self._reloader.close()  # nothing new is opened while all is being closed
            await self._stop()
            await _end(telling)
            server.should_exit = True
            await serving

    def _bind(self, project: Project) -> None:
        """Take the port before any run goes on: a start that must fail changes nothing."""
        self._listen = self._listen or project.settings.server.listen
        self._socket = bind(self._listen)

    def _server(self) -> uvicorn.Server:
        app = make_app(self._parts, token=ensure_token(self._folder), host=split(self._listen or "")[0])
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL,
        )
        return _Server(config)

    def _announce(self) -> None:
        """Tell where it listens: the port is taken, so whoever connects now is heard in a moment."""
        url = url_of(self._socket)
        about = {"pid": os.getpid(), "started": self._parts.started, "url": url}
        _write_whole(self._folder / DAEMON_FILE, json.dumps(about))
        self._log.line(f"listening on {url}")

    # --------------------------------------------------------------------------------------------------- the end

    def _hear_signals(self) -> None:
        """Plain handlers: the loop's own ones are told through a pipe, and what no longer fits there is lost."""
        tell = asyncio.get_running_loop().call_soon_threadsafe
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: tell(self._stop_when_told))
        signal.signal(signal.SIGHUP, lambda *_: tell(self._told_to_reload.set))

    def _stop_when_told(self) -> None:
        self._told_to_stop.set()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the next one ends the process where it stands
        signal.signal(signal.SIGINT, signal.default_int_handler)

    async def _stop(self) -> None:
        active = self._engine.counts()["active"]
        what = f": {active} run{'s' * (active != 1)} will go on at the next start" if active else ""
        self._log.line(f"stopping{what} (a second signal stops at once)")
        await self._close()

    async def _close(self, **grace: float) -> None:
        if not self._is_closed:
            self._is_closed = True
            await self._engine.close(**grace)

    async def _fail(self) -> None:
        raise await self._engine.failed()

    # ------------------------------------------------------------------------------------------------- the files

    async def _reload_when_told(self) -> None:
        while True:
            await self._told_to_reload.wait()
            self._told_to_reload.clear()
            await self._reloader.reload("SIGHUP")

    def _tell_of_reload(self, result: ReloadResult) -> None:
        for note in result.notes:
            self._log.line(f"files read all the same: {note}")
        if not result.ok:
            self._log.problems(result.problems)
            why = refusal(result.why, len(result.problems))
            stays = ", the last good one, is used until they are mended" if result.changed else " stays in use"
            self._log.line(f"files refused: {why}; revision {short(result.revision)}{stays}")
            return
        self._log.problems(result.warnings)
        self._log.line(self._loaded(result) + (f"; {result.why}" if result.why else ""))
        for name, reason in self._unavailable().items():
            self._log.line(f"unavailable: {name}: {reason}")
        for name in result.needs_restart:
            self._log.line(f"needs restart: `{name}` of runner.yaml has changed")

    def _unavailable(self) -> dict[str, str]:
        return self._engine.workbench.unavailable if self._engine.workbench else {}

    def _loaded(self, result: ReloadResult) -> str:
        bench = self._engine.workbench
        counts = bench.project.describe() if bench else {}
        about = ", ".join(f"{count} {name if count != 1 else name[:-1]}" for name, count in counts.items())
        return f"loaded revision {with_commit(result.revision, result.commit, dirty=result.dirty)}: {about}"

    # -------------------------------------------------------------------------------------------------- the runs

    async def _tell_of_runs(self) -> None:
        subscription = self._engine.live.subscribe(None)
        async for item in subscription:
            if isinstance(item, RunEnded):
                self._log.line(f"run {item.run} ended: {item.verdict} ({item.why})")
            elif isinstance(item, ApprovalAsked):
                self._log.line(f"run {item.run} asks: {item.ask} (`runner approve {item.approval}`)")
            elif isinstance(item, AlertFired):
                self._log.line(f"alert {item.workflow}.{item.alert}: {item.text} (run {item.run})")
            elif isinstance(item, AlertResolved) and item.fired:
                self._log.line(f"alert {item.workflow}.{item.alert} is over: {item.text} (run {item.run}: {item.why})")
            elif isinstance(item, Lagged):
                self._log.line("too much happens at once to tell of each run here: `runner runs ls`")


class _Server(uvicorn.Server):
    """A server that leaves signals to the daemon."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@contextmanager
def _first_fault() -> Iterator[None]:
    """Out of the faults of things done side by side, raise the one that is addressed to somebody."""
    try:
        yield
    except BaseExceptionGroup as group:
        fault: BaseException = group.subgroup(RunnerError) or group
        while isinstance(fault, BaseExceptionGroup):
            fault = fault.exceptions[0]
        raise fault from None


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that readers see all of it or the former one."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
