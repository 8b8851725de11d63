"""A tool of a server, as a person who is asked about a call sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.tools.base import Shared
from runner.tools.mcp.lock import LockedTool
from runner.tools.mcp.spec import McpServerSpec
from runner.tools.mcp.tool import tool_of
from runner.tools.port import Call


@pytest.mark.parametrize(
    "said, where",
    [
        ({"command": ["notes", "--in", "a b"], "env": {"KEY": "${NOTES_KEY}"}}, "notes --in 'a b'"),
        ({"url": "https://notes.example/mcp"}, "https://notes.example/mcp"),
    ],
)
def test_a_call_is_shown_with_its_server_and_own_name(said: dict[str, Any], where: str, tmp_path: Path) -> None:
    """The pack, how the server is reached, what it calls the tool, what it would be given; and no secret."""
    locked = LockedTool(name="Note.Add", description="Adds.", params={}, annotations={}, sha256="0" * 64)
    tool = tool_of("team", McpServerSpec.model_validate(said), "note_add", locked, Shared())
    call = Call("team_note_add", {"text": "é"}, tmp_path, "local", 1, "", "")
    assert tool.shown(call) == f'server team: {where}\nits tool Note.Add\n{{\n  "text": "é"\n}}'
