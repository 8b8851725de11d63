"""The daemon from outside: start it, stop it, look at it, let it read the files again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli import client, options, place
from runner.cli.child import command
from runner.cli.display import moment, money, one_line, safe, say, seconds, show, show_json, table
from runner.cli.health import problems, show_health, why
from runner.errors import ConfigInvalid, DaemonUnreachable, RunnerError, StoreBusy
from runner.spec.layout import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.problems import Problem

LOG_FILE = "daemon.log"
READY = 60.0
"""Seconds that a daemon gets to be ready."""
GONE = 90.0
"""Seconds that a daemon gets to end: its tools have 60 of them to finish."""
PATIENCE = 2.0
"""Seconds after which `down` says what it waits for."""
PAUSE = 0.05


@click.command
@click.option("-d", "detach", is_flag=True, help="Return once the daemon is ready; it logs to daemon.log.")
@click.option("--listen", metavar="HOST:PORT", help="Instead of server.listen of runner.yaml; port 0 takes a free one.")
def up(*, detach: bool, listen: str | None) -> int:
    """Start the daemon on this project.

    It says what it does on stderr until SIGTERM or Ctrl-C; SIGHUP lets it read the files again.
    """
    root, folder = place.root(), place.storage()
    if listen is not None:
        from runner.server.listening import split

        split(listen)  # before anything is begun
    if detach:
        return _start_apart(root, folder, listen)
    import asyncio

    from runner.daemon import serve

    options.current().traces = True  # a fault of a daemon may not come again: the log keeps where it was
    asyncio.run(serve(root, folder, _Log(), listen=listen))
    return 0


@click.command
def down() -> None:
    """Stop the daemon.

    Model calls and reading tools end at once, other tools get a minute to finish; runs go on at the next start.
    """
    daemon = _daemon()
    pid = int(daemon.health()["pid"])
    os.kill(pid, signal.SIGTERM)
    _wait_until_gone(daemon.folder, pid)
    say("stopped")
    _say_unfinished(daemon.folder, "goes on at the next start")


@click.command
def ps() -> None:
    """Show the daemon: where it listens, on which revision it is, what it watches, what runs."""
    daemon = _daemon()
    health = daemon.health()
    runs = [run for status in ("running", "waiting", "queued") for run in _runs(daemon, status)]
    if options.current().json:
        show_json({"url": daemon.url, **health, "working": runs})
        return
    show_health(daemon.url, health)
    if runs:
        show()
        table(
            ["RUN", "NAME", "STATUS", "PHASE", "COST", "SINCE"],
            [
                [
                    run["id"],
                    run["name"],
                    run["status"],
                    run["phase"],
                    money(run["cost_micros"]),
                    moment(run["queued_at"]),
                ]
                for run in runs
            ],
        )


@click.command
@click.option("--history", is_flag=True, help="Show what earlier reloads led to instead; needs no daemon.")
def reload(*, history: bool) -> None:
    """Let the daemon read the files again; exits with 3, showing every problem, when they are bad."""
    if history:
        from runner.cli.history import show_history

        show_history()
        return
    report = _daemon().ask("POST", "/system/reload")
    if not report["ok"]:
        raise _refusal(report)
    from runner.cli.problems import print_problems

    print_problems(problems(report["warnings"]), color="yellow")
    for note in report["notes"]:
        say(f"read all the same: {note}", fg="yellow")
    for name in report["needs_restart"]:
        say(f"needs restart: `{name}` of runner.yaml has changed", fg="yellow")
    show(f"ok: revision {short(report['revision'])} {'is in use now' if report['changed'] else 'was in use already'}")


class _Log:
    """The daemon's lines on stderr, each with the time of day."""

    def line(self, text: str) -> None:
        with suppress(OSError):  # nobody reads it any more: that is no reason to end
            say(f"{time.strftime('%H:%M:%S')} {one_line(text, 1000)}")

    def problems(self, problems: Sequence[Problem]) -> None:
        from runner.cli.problems import print_problems

        with suppress(OSError):
            print_problems(problems)


# ---------------------------------------------------------------------------------------------------------- up -d


def _start_apart(root: Path, folder: Path, listen: str | None) -> int:
    """Start a daemon in a session of its own; return when it is ready, or show what it said and with what it ended."""
    from runner.runs.store import Store

    Store.open(folder).close()  # makes the folder as it has to be, before there is a log in it
    log = folder / LOG_FILE
    argv = command(root, listen)
    with log.open("ab") as file:
        begin = file.tell()
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, cwd=root
        )
    end = time.monotonic() + READY
    while time.monotonic() < end:
        daemon = client.find(folder)
        if daemon is not None and (health := daemon.health())["pid"] == process.pid:
            _say_ready(daemon.url, health, log)
            return 0
        if process.poll() is not None:
            click.echo(_read_from(log, begin), err=True, nl=False)
            return process.returncode if process.returncode > 0 else RunnerError.exit_code
        time.sleep(PAUSE)
    raise RunnerError(f"process {process.pid} is not ready after {seconds(READY)}", hint=f"see {log}")


def _say_ready(url: str, health: dict[str, Any], log: Path) -> None:
    say(f"runner is up at {url}: process {health['pid']}, revision {short(health['revision'])}, log {log}")
    if not health["reload"]["ok"]:
        from runner.cli.problems import print_problems

        print_problems(problems(health["reload"]["problems"]))
        stays = f"revision {short(health['revision'])}, the last good one, is used until they are mended"
        say(f"files refused: {why(health['reload'])}; {stays}", fg="red")


def _read_from(path: Path, begin: int) -> str:
    with path.open("rb") as file:
        file.seek(begin)
        return safe(file.read().decode("utf-8", errors="replace"))


# ------------------------------------------------------------------------------------------------------------ down


def _wait_until_gone(folder: Path, pid: int) -> None:
    """Return when the daemon has let go of its folder; say what it is busy with if that takes a while."""
    begin, told = time.monotonic(), False
    while time.monotonic() - begin < GONE:
        if not _is_held(folder):
            return
        if not told and time.monotonic() - begin > PATIENCE:
            told = True
            _say_unfinished(folder, "is brought to a stop")
        time.sleep(PAUSE)
    hint = f"`kill -9 {pid}` is safe: runs go on at the next start"
    raise RunnerError(f"process {pid} has not ended after {seconds(GONE)}", hint=hint)


def _is_held(folder: Path) -> bool:
    from runner.runs.owners import DaemonLock

    try:
        DaemonLock.acquire(folder).release()
    except StoreBusy:
        return True
    return False


def _say_unfinished(folder: Path, what: str) -> None:
    from runner.runs.store import Store

    store = Store.open(folder)
    try:
        for row in store.unfinished():
            say(f"run {row.id} ({row.name}, {row.phase or row.status}) {what}")
    finally:
        store.close()


# ---------------------------------------------------------------------------------------------------- ps and reload


def _daemon() -> client.Daemon:
    found = client.find(place.storage())
    if found is None:
        raise DaemonUnreachable("no daemon runs on this project", hint="`runner up -d` starts one")
    return found


def _runs(daemon: client.Daemon, status: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = daemon.ask("GET", f"/runs?status={status}")["runs"]
    return runs


def _refusal(report: dict[str, Any]) -> RunnerError:
    stays = f"revision {short(report['revision'])} stays in use"
    if report["problems"]:
        return ConfigInvalid(f"{why(report)}; {stays}", problems(report["problems"]))
    return RunnerError(f"{why(report)}; {stays}")
