"""Where servers of one wire format differ: flags that a row of the table of providers sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ChatQuirks:
    """How a server of the chat completions format departs from the usual."""

    schema: Literal["json_schema", "json_object", "prompt"] = "json_schema"
    """What holds an answer to a schema: the schema itself, "any JSON object", or nothing but the prompt's words."""
    schema_with_tools: bool = False
    """Whether a schema may stand beside tools; where it may not, the server would answer and never call."""
    usage_option: bool = True
    """Whether the server takes `stream_options`; one that does not reports usage unasked."""
    done_is_finish: bool = False
    """Whether `[DONE]` alone ends an answer: a server that leaves `finish_reason` null."""
    echo_thinking: bool = False
    """Whether past turns with tool calls must carry their `reasoning_content`, an empty one included."""
