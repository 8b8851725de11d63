"""What the tests of packs share: who calls a tool as it ships, and what stands in the place of a machine's programs."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any, Protocol

from runner.tools.command import CommandTool


class Tools(Protocol):
    """What calls a tool of a pack: its status and its output."""

    @property
    def tools(self) -> dict[str, Any]:
        """The tools by name."""

    def call(self, name: str, /, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """Call it."""


def failure(tools: Tools, name: str, /, **arguments: Any) -> str:
    """What a call says that fails."""
    status, answer = tools.call(name, **arguments)
    assert status == "failed", answer
    return f"{answer['text']} | {answer['hint']}"


def with_env(tools: Tools, **env: str) -> Tools:
    """The same tools with more in their environment."""
    for name, tool in tools.tools.items():
        tools.tools[name] = tool.model_copy(update={"env": {**tool.env, **env}})
    return tools


def program(tools: Tools, folder: Path, name: str, output: str, code: int = 0) -> Path:
    """Have all commands find a program that prints this; the file it records its words in, one call a line."""
    folder.mkdir(exist_ok=True)
    calls = folder / f"{name}.calls"
    (folder / f"{name}.output").write_text(output)
    script = folder / name
    script.write_text(f'#!/bin/sh\necho "$*" >> "{calls}"\ncat "{folder / name}.output"\nexit {code}\n')
    script.chmod(stat.S_IRWXU)
    for found, tool in tools.tools.items():
        if isinstance(tool, CommandTool) and tool.env["PATH"].partition(":")[0] != str(folder):
            env = {**tool.env, "PATH": f"{folder}:{tool.env['PATH']}"}
            tools.tools[found] = tool.model_copy(update={"env": env})
    return calls


def folder(tools: Tools, name: str, place: str, files: dict[str, str], at: Path) -> None:
    """Let a tool see these files, and no others, at a place of the machine."""
    for path, text in files.items():
        (at / path).parent.mkdir(parents=True, exist_ok=True)
        (at / path).write_text(text)
    view = ("bwrap", "--dev-bind", "/", "/", "--bind", str(at), place, "--")
    tool = tools.tools[name]
    tools.tools[name] = tool.model_copy(update={"command": (*view, *tool.command)})
