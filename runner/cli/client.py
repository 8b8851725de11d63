"""The daemon as the command line reaches it: its address and token stand beside the journal."""

from __future__ import annotations

import http.client
import json
import os
import pwd
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from runner.errors import ConfigInvalid, DaemonUnreachable, RunnerError, UsageError
from runner.runs.owners import DAEMON_FILE
from runner.server.token import TOKEN_FILE

if TYPE_CHECKING:
    from runner.runs.events import AnyEvent
    from runner.runs.live import Delta

API = "/api/v1"
ANSWER = 30.0
"""Seconds that an answer may take; a stream of events says something more often than that."""
PATIENCE = 30.0
"""Seconds after which a daemon that went away is no longer looked for."""
PAUSE = 0.5
_ERROR = 400
_FAULT = 500
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon that answers."""

    folder: Path
    url: str
    token: str

    def health(self) -> dict[str, Any]:
        """What it says of itself."""
        return self.ask("GET", "/system/health")

    def submit(self, kind: str, name: str, inputs: Mapping[str, Any], at: str = "", *, dry: bool = False) -> str:
        """Start a run and return its id."""
        return self._start("/runs", {kind: name, "inputs": inputs, "at": at, "dry": dry})

    def say(self, agent: str, text: str, previous: str = "") -> str:
        """Start a run of a message, to the agent that it fits when none is named, and return its id."""
        return self._start("/chat", {"text": text, "target": agent, "previous": previous})

    def call(self, tool: str, arguments: Mapping[str, Any], target: str) -> str:
        """Start a run of one call of a tool and return its id."""
        return self._start(f"/tools/{quote(tool)}/call", {"arguments": arguments, "target": target})

    def rerun(self, run: str, at: str = "") -> str:
        """Start a run anew and return the id of the new one."""
        return self._start(f"/runs/{quote(run)}/rerun", {"at": at})

    def _start(self, path: str, body: Mapping[str, Any]) -> str:
        """Begin what is asked for once, although it is asked twice when no answer comes."""
        key = {"Idempotency-Key": secrets.token_hex(16)}
        asked = {**body, "by": person()}
        try:
            return str(self.ask("POST", path, asked, key)["id"])
        except DaemonUnreachable:
            return str(self.ask("POST", path, asked, key)["id"])

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer to a request; raises `DaemonUnreachable`, or what the daemon said was wrong."""
        connection = self._connection()
        try:
            response = self._send(connection, method, path, body, headers or {})
            answer = json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DaemonUnreachable(f"the daemon at {self.url} does not answer: {error}") from error
        finally:
            connection.close()
        if response.status >= _ERROR:
            raise _refusal(response.status, answer)
        return dict(answer)

    def follow(self, run: str, after: int = -1) -> Iterator[AnyEvent | Delta]:
        """A run's events and its models' words, to its end; goes on after a lost connection or a new daemon."""
        daemon, silent_since = self, time.monotonic()
        while True:
            with suppress(OSError, http.client.HTTPException):
                for item in daemon._stream(run, after):
                    yield item
                    after = getattr(item, "seq", after)
                    silent_since = time.monotonic()
                    if getattr(item, "type", "") == "run.ended":
                        return
            if time.monotonic() - silent_since > PATIENCE:
                raise DaemonUnreachable(
                    "the daemon went away", hint=f"run {run} goes on at its next start: `runner up`"
                )
            time.sleep(PAUSE)
            daemon = find(self.folder) or daemon

    def _stream(self, run: str, after: int) -> Iterator[AnyEvent | Delta]:
        connection = self._connection()
        try:
            headers = {"Last-Event-ID": str(after), "Accept": "text/event-stream"}
            response = self._send(connection, "GET", f"/runs/{quote(run)}/events", None, headers)
            if response.status >= _ERROR:
                raise _refusal(response.status, json.loads(response.read() or b"{}"))
            yield from _items(response)
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        address = urlsplit(self.url)
        return http.client.HTTPConnection(address.hostname or "", address.port, timeout=ANSWER)

    def _send(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        text = None if body is None else json.dumps(body)
        kind = {} if text is None else {"Content-Type": "application/json"}
        connection.request(method, API + path, text, {"Authorization": f"Bearer {self.token}", **kind, **headers})
        return connection.getresponse()


def find(folder: Path) -> Daemon | None:
    """The daemon that holds a store's folder, None when none answers."""
    try:
        about = json.loads((folder / DAEMON_FILE).read_text(encoding="utf-8"))
        token = (folder / TOKEN_FILE).read_text(encoding="ascii").strip()
        daemon = Daemon(folder, str(about["url"]), token)
        os.kill(int(about["pid"]), 0)
        daemon.health()
    except (OSError, ValueError, KeyError, TypeError, DaemonUnreachable):
        return None
    return daemon


def person() -> str:
    """Who works at this command line, as this machine knows them: not as the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name
        return str(os.getuid())


def _items(response: http.client.HTTPResponse) -> Iterator[AnyEvent | Delta]:
    """The items of a stream of server-sent events; lines that only keep it alive are passed over."""
    from runner.runs.events import parse_event
    from runner.runs.live import Delta

    kind, data = "", ""
    while line := response.readline().decode():
        field, _, value = line.rstrip("\r\n").partition(": ")
        if field == "event":
            kind = value
        elif field == "data":
            data = value
        elif not field and data:
            yield Delta(**json.loads(data)) if kind == "delta" else parse_event(data)
            kind, data = "", ""


def _refusal(status: int, problem: Mapping[str, Any]) -> RunnerError:
    message, hint = str(problem.get("detail", f"the daemon answered {status}")), str(problem.get("hint", ""))
    if status == _UNAUTHORIZED:
        return RunnerError("the daemon does not take the token that stands beside the journal", hint="restart it")
    if "problems" in problem:
        from runner.project.problems import Problem

        return ConfigInvalid(message, [Problem(**one) for one in problem["problems"]], files={}, hint=hint)
    return UsageError(message, hint=hint) if status < _FAULT else RunnerError(message, hint=hint)
