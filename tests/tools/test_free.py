"""Free command lines as a tool: how it is written, and what runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from runner.errors import ToolFailed
from runner.tools.command import CommandTool
from runner.tools.port import Ready
from tests.tools.test_command import Hands, call

FREE = {"description": "d", "command": "{{ line }}", "params": {"line": "str"}}


def tool(**more: Any) -> CommandTool:
    """The tool, as a file would say it."""
    return CommandTool.model_validate(FREE | more)


def text(folder: Path, line: str, ready: Ready | None = None) -> str:
    """What a line puts out."""

    async def main() -> str:
        hands = Hands(folder)
        try:
            made = replace(call(folder, line=line), ready=ready)
            return str((await tool().run(made, hands)).output["text"])
        finally:
            await hands.workers.close()

    return asyncio.run(main())


def test_the_text_names_the_parameter() -> None:
    """A list of words is no free command line."""
    assert tool().free == "line"
    assert tool(command=["ls", "{{ line }}"]).free == ""


@pytest.mark.parametrize(
    "more, why",
    [
        ({"params": {"line": "str", "n": "int"}}, "the one parameter"),
        ({"params": {"line": "int"}}, "a text"),
        ({"params": {"other": "str"}}, "the one parameter"),
        ({"params": None}, "the one parameter"),
        ({"risk": "read"}, "judges each by its words"),
        ({"sudo": True}, "one of root's"),
        ({"command": "{{ line }} -x"}, "valid tuple"),
        ({"command": ["{{ line }}"]}, "no template"),
        ({"command": "{{ line | upper }}"}, "valid tuple"),
    ],
)
def test_what_is_written_otherwise_is_refused(more: dict[str, Any], why: str) -> None:
    """One word of it may be anything, so nothing else may hold for all of it."""
    with pytest.raises(ValidationError, match=why):
        tool(**more)


def test_a_simple_command_runs_without_a_shell(tmp_path: Path) -> None:
    """What looks like a sign of a shell inside of quotes is given to the program as it is."""
    assert text(tmp_path, "printf %s 'a $HOME; b'") == "a $HOME; b"


def test_what_needs_a_shell_gets_one(tmp_path: Path) -> None:
    """A person has said yes by then."""
    assert text(tmp_path, "printf a | tr a b") == "b"


def test_what_was_judged_is_what_runs(tmp_path: Path) -> None:
    """Not the text again: its program, words and environment are those of the judgement."""
    ready = Ready(("/bin/sh", "-c", 'printf %s "$WHO"'), {"WHO": "judged"})
    assert tool().argv(replace(call(tmp_path, line="x"), ready=ready)) == list(ready.argv)
    assert text(tmp_path, "printf text", ready) == "judged"


def test_a_nul_byte_is_refused(tmp_path: Path) -> None:
    """No program can be given one."""
    with pytest.raises(ToolFailed, match="NUL"):
        tool().argv(call(tmp_path, line="ls \0"))
