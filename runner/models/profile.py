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
    strict: bool = False
    """Whether the server holds to a schema only in its strict form: closed objects, all fields required."""
    forced_tools: bool = True
    """Whether a tool can be forced; where it cannot, the tool of an answer is offered and hoped for."""
    usage_option: bool = True
    """Whether the server takes `stream_options`; one that does not reports usage unasked."""
    done_is_finish: bool = False
    """Whether `[DONE]` alone ends an answer: a server that leaves `finish_reason` null."""
    thinking_back: Literal["none", "with_calls", "kept"] = "none"
    """Which past thinking a server wants back: none, the text beside calls, or what it gave word for word."""
    thinking_field: Literal["reasoning_content", "reasoning"] = "reasoning_content"
    """What the server calls the text of past thinking."""
    signed_calls: bool = False
    """Whether past calls must carry a signature; those that another model made get the words for none."""
    thinking: Literal["usual", "adaptive", "budget", "off"] = "usual"
    """Which thinking is asked for: the model's usual, as much as it sees fit, half of an answer's tokens, or none."""
    sampling: bool = True
    """Whether the model takes `temperature` and `top_p`; the newest that reason refuse both."""
    max_completion_tokens: bool = False
    """Whether the bound of an answer is called `max_completion_tokens`, not `max_tokens`."""
    seed_field: Literal["seed", "random_seed"] = "seed"
    """What the server calls the seed."""
    cache_key: bool = False
    """Whether the server takes `prompt_cache_key`, by which it finds what it has read of a conversation."""
    one_system: bool = False
    """Whether the server refuses a second system message: then all of them go into the first."""
    short_ids: bool = False
    """Whether ids of calls must be nine letters and digits; those that another model made are put so."""
