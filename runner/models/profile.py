"""Where servers of one wire format differ: the flags of a provider, each of which `profile:` in runner.yaml may set."""

from __future__ import annotations

from typing import Literal

from runner.spec import Spec


class Profile(Spec):
    """How a server departs from the usual of its wire format."""

    shape: Literal["native", "tool", "json", "prompt"] = "native"
    """What holds an answer to a schema: the server itself, a forced tool, any JSON object, or the prompt's words."""
    shape_with_tools: bool = False
    """Whether a schema may stand beside tools; where it may not, the server would answer and never call."""
    usage_option: bool = True
    """Whether the server takes `stream_options`; one that does not reports usage unasked."""
    done_is_finish: bool = False
    """Whether `[DONE]` alone ends an answer: a server that leaves `finish_reason` null."""
    thinking_back: Literal["none", "with_calls", "kept"] = "none"
    """Which past thinking a server wants back: none, the text beside calls, or what it gave word for word."""
    thinking: Literal["usual", "adaptive", "budget"] = "usual"
    """Which thinking is asked for: the model's own usual, as much as it sees fit, or half of an answer's tokens."""
    sampling: bool = True
    """Whether the model takes `temperature` and `top_p`; the newest that reason refuse both."""
