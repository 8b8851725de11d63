"""The project of the canaries, worked with as people do: by the command line, a daemon, and requests to it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.canaries import verbs
from tests.canaries.canaries import fresh

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    from tests.canaries.loud_server import LoudServer
    from tests.sshd import Sshd

PROJECT = Path(__file__).parent / "project"
PATIENCE = 60.0
_SUDO = """#!/bin/sh
# Takes the password as sudo does, and shows what it may not keep to itself.
case "$*" in
  "-S"*) read -r password; printf %s "$password" | sha256sum >> "$0.seen"; echo "sudo: $password!" >&2; exit 0 ;;
  "-k") exit 0 ;;
esac
while [ "$1" != -- ]; do shift; done
shift; exec "$@"
"""


class Stuck(Exception):
    """What had to happen did not."""


class Site:
    """A copy of the project with a secret in every source; `streams` keeps all that is printed and answered."""

    def __init__(self, folder: Path, server: LoudServer, host: Sshd) -> None:
        self.root, self.folder, self.server = folder / "project", folder, server
        self.streams: dict[str, bytes] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        """What was streamed of some runs, by their workflows."""
        self.secrets = {
            **{name: fresh() for name in ("PROVIDER_KEY", "COMMAND_TOKEN", "HTTP_TOKEN", "HEADER_TOKEN")},
            **{name: fresh() for name in ("BASIC_PASSWORD", "MCP_TOKEN", "MCP_HEADER", "HOST_PASSWORD")},
            **{name: fresh() for name in ("SUDO_PASSWORD", "TYPED_TOKEN", "UNUSED_TOKEN")},
            "HARD_TOKEN": fresh(" \"q\\'/+&<é>%41 ") + fresh(),
            "PIN": str(int.from_bytes(os.urandom(5)) + 10**14),
        }
        self.home, self.temporary, self.credentials = folder / "home", folder / "tmp", folder / "credentials"
        self._numbers = count()
        self._daemon: BaseProcess | None = None
        self._address: tuple[str, str] = ("", "")
        self._write(host)

    # ----------------------------------------------------------------------------------------------- files

    def _write(self, host: Sshd) -> None:
        shutil.copytree(PROJECT, self.root)
        words = {"LOUD": self.server.url, "PORT": str(host.port), "USER": host.user, "KEY_FILE": str(host.key)}
        for file in self.root.rglob("*.yaml"):
            text = file.read_text()
            for word, value in words.items():
                text = text.replace(f'"{word}/', f'"{value}/').replace(f": {word}\n", f": {value}\n")
            file.write_text(text)
        (self.root / "known_hosts").write_text(host.known)
        for place in (self.home, self.temporary, self.credentials):
            place.mkdir()
        named = ("COMMAND_TOKEN", "BASIC_PASSWORD", "PIN", "TYPED_TOKEN", "UNUSED_TOKEN")
        (self.root / ".env").write_text("".join(f"{name}='{self.secrets[name]}'\n" for name in named))
        for name in ("HTTP_TOKEN", "MCP_HEADER", "HARD_TOKEN"):
            (self.credentials / name).write_text(self.secrets[name] + "\n")

    @property
    def environment(self) -> dict[str, str]:
        """What each command has around it."""
        told = {name: self.secrets[name] for name in ("PROVIDER_KEY", "HEADER_TOKEN", "HOST_PASSWORD")}
        around = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.temporary)}
        return {**around, **told, "CREDENTIALS_DIRECTORY": str(self.credentials), "RUNNER_DEBUG": "1"}

    def keep(self) -> None:
        """Keep the secrets that `runner secrets` holds."""
        for name in ("MCP_TOKEN", "SUDO_PASSWORD"):
            self.verb("secrets", "set", name, text=self.secrets[name])

    # ------------------------------------------------------------------------------------------------ verbs

    def verb(self, *argv: str, text: str = "") -> str:
        """Run a verb to its end; what it printed."""
        number = next(self._numbers)
        words = self.folder / f"words-{number}"
        process = verbs.start(self.root, self.environment, words, *argv, text=text)
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            raise Stuck(f"{argv}: {words.read_text()}")
        self.streams[f"runner {' '.join(argv[:4])} #{number}"] = content = words.read_bytes()
        words.unlink()
        return content.decode()

    def verbs(self, *lines: str) -> None:
        """Run verbs, two at a time."""
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda line: self.verb(*line.split()), lines))

    # ----------------------------------------------------------------------------------------------- daemon

    def up(self) -> None:
        """Start the daemon and wait until it answers."""
        words = self.folder / "daemon.log"
        self._daemon = verbs.start(self.root, self.environment, words, "up", "--listen", "127.0.0.1:0")
        about = self.root / ".runner" / "daemon.json"
        self.until(lambda: about.exists() and f'"pid": {self._pid},' in about.read_text(), words)
        token = (self.root / ".runner" / "token").read_text().strip()
        self._address = (json.loads(about.read_text())["url"], token)

    def kill(self) -> None:
        """End the daemon where it stands."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.join()

    def down(self) -> None:
        """End the daemon in order."""
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.join(PATIENCE)
        self.streams["daemon"] = (self.folder / "daemon.log").read_bytes()

    @property
    def _pid(self) -> int | None:
        return self._daemon.pid if self._daemon else None

    def until(self, is_so: Callable[[], bool], words: Path) -> None:
        """Wait until something is so; raises `Stuck`."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end or (self._daemon is not None and not self._daemon.is_alive()):
                raise Stuck(words.read_text() if words.exists() else "nothing was printed")
            time.sleep(0.02)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The daemon's answer to a request, its head kept too."""
        url, token = self._address
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
        told = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
        text = body if isinstance(body, str) else json.dumps(body)
        connection.request(method, path, None if body is None else text, told)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        name = f"{method} {path} #{next(self._numbers)}"
        self.streams[name] = f"{response.status} {response.headers}".encode() + content
        is_json = "json" in (response.headers["content-type"] or "")
        return json.loads(content) if is_json else content

    def begin(self, workflow: str, **inputs: Any) -> str:
        """Start a run."""
        return str(self.ask("POST", "/api/v1/runs", {"workflow": workflow, "inputs": inputs})["id"])

    def follow(self, run: str) -> list[dict[str, Any]]:
        """A run's events to its end, as they are streamed."""
        content: bytes = self.ask("GET", f"/api/v1/runs/{run}/events")
        return [json.loads(line[6:]) for line in content.decode().splitlines() if line.startswith("data: ")]

    # ----------------------------------------------------------------------------------------------- traces

    def sudo_was_told(self) -> str:
        """The digests of the passwords that sudo took."""
        return (self.folder.parent / "bin" / "sudo.seen").read_text()

    def traces(self) -> dict[str, bytes]:
        """All that may hold no secret: streams, prompts, and every file but those that secrets are kept in."""
        own = {self.root / ".env", *(self.credentials / name for name in self.secrets)}
        files = {
            str(file.relative_to(self.folder)): file.read_bytes()
            for file in self.folder.rglob("*")
            if file.is_file() and not file.is_symlink() and file not in own
        }
        with closing(sqlite3.connect(self.root / ".runner" / "runner.db")) as database:  # pages part what is long
            files["the database as text"] = "\n".join(database.iterdump()).encode()
        prompts = {f"prompt {number}": body for number, body in enumerate(self.server.prompts)}
        return files | self.streams | prompts


def fake_sudo(folder: Path) -> Path:
    """A folder with a `sudo` that takes every password."""
    folder.mkdir(exist_ok=True)
    program = folder / "sudo"
    program.write_text(_SUDO)
    program.chmod(0o755)
    return folder
