"""What a server's tool answered, as data for the model: texts, what is structured, and a word on all else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import ToolFailed
from runner.tools.port import Outcome

if TYPE_CHECKING:
    from mcp_types import CallToolResult

MOST_TEXT = 1_000_000
"""Characters of an answer that are kept, the middle left out."""
_FAILURE = 4_000
"""Characters of a failure."""


def outcome(result: CallToolResult) -> Outcome:
    """The answer; raises ToolFailed for one that says that it failed."""
    text = "\n".join(_words(block.model_dump(mode="json", by_alias=True)) for block in result.content)
    if result.is_error:
        raise ToolFailed(_cut(text.strip(), _FAILURE) or "the tool failed and does not say why")
    output: dict[str, Any] = {"text": _cut(text, MOST_TEXT)}
    if result.structured_content is not None:
        output["data"] = result.structured_content
    return Outcome(output, untrusted=True)


def _words(block: dict[str, Any]) -> str:
    kind = block.get("type")
    if kind == "text":
        return str(block["text"])
    if kind in ("image", "audio"):
        return f"[{kind} {block.get('mimeType', '')}, {_size(block.get('data', '')):,} bytes]"
    if kind == "resource_link":
        return f"[link {block.get('name', '')}: {block.get('uri', '')}]"
    held = block.get("resource", {})
    about = f"{held.get('uri', '')} {held.get('mimeType') or ''}".strip()
    if "text" in held:
        return f"[resource {about}]\n{held['text']}"
    return f"[resource {about}, {_size(held.get('blob', '')):,} bytes]"


def _size(data: str) -> int:
    """Bytes that a text in base64 stands for."""
    return len(data) * 3 // 4 - data[-2:].count("=")


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half:,} characters left out ...]\n{text[-half:]}"
