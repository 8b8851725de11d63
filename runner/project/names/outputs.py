"""What is known of the outputs of tools before they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.names.shapes import OPEN, TEXT, Schema, closed
from runner.tools.http import HttpTool
from runner.tools.programs import ProgramTool

if TYPE_CHECKING:
    from runner.project.project import ToolEntry

_NUMBER: Schema = {"type": "integer"}
_COMMAND: dict[str, Schema] = {"text": TEXT, "exit": _NUMBER, "truncated": _NUMBER, "blob": OPEN}
_ANSWER: dict[str, Schema] = {"status": _NUMBER, "url": TEXT, "type": TEXT}


def of_tool(tool: ToolEntry | None) -> Schema:
    """What a command or an answer leaves; of other tools, and of an output that a function reads, nothing is known."""
    if tool is not None and isinstance(tool.spec, HttpTool):
        return _of_answer(tool.spec)
    if tool is None or not isinstance(tool.spec, ProgramTool):
        return OPEN
    output = tool.spec.output
    if output is None:
        return closed(_COMMAND)
    if output.parse:
        return OPEN
    if output.table:
        return closed({**_COMMAND, "rows": {"type": "array", "items": closed(dict.fromkeys(output.table, TEXT))}})
    return closed({**_COMMAND, "data": OPEN})


def _of_answer(spec: HttpTool) -> Schema:
    if spec.output is None:
        return closed({**_ANSWER, "text": TEXT})
    return OPEN if spec.output.parse else closed({**_ANSWER, "data": OPEN})
