"""Who serves models: the table of providers, and which wire format and profile an entry of `models:` comes to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from runner.models.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

Wire = Literal["openai_chat", "openai_responses", "anthropic", "ollama"]
"""The wire formats: each is a folder of this name."""
FLAGS: dict[Wire, frozenset[str]] = {
    "openai_chat": frozenset(Profile.model_fields),
    "openai_responses": frozenset({"shape", "shape_with_tools", "thinking_back", "thinking", "sampling"}),
    "anthropic": frozenset({"shape", "shape_with_tools", "thinking", "sampling"}),
    "ollama": frozenset({"shape", "shape_with_tools", "thinking_back", "thinking", "sampling"}),
}
"""The flags that each wire format goes by; in an entry any other would be ignored, so that it is refused."""
_USUAL = Profile()


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models: where, under which key, with which profile, in which wire format."""

    base_url: str
    key: str | None
    """The environment variable that holds the key; None where none is needed."""
    profile: Profile = _USUAL
    wire: Wire = "openai_chat"
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Flags of models whose names match a pattern."""


PROVIDERS = {
    "openai": Provider(
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        Profile(shape_with_tools=True, strict=True, max_completion_tokens=True, cache_key=True),
        models={r"o\d|gpt-5(?!.*chat)": {"sampling": False, "thinking_back": "kept"}},
    ),
    "anthropic": Provider(
        "https://api.anthropic.com",
        "ANTHROPIC_API_KEY",
        Profile(shape_with_tools=True, thinking_back="kept"),
        "anthropic",
    ),
    "xai": Provider(
        "https://api.x.ai/v1",
        "XAI_API_KEY",
        Profile(shape_with_tools=True, thinking_back="kept", cache_key=True),
        "openai_responses",
    ),
    "openrouter": Provider(
        "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", Profile(strict=True, thinking_back="kept")
    ),
    "deepseek": Provider(
        "https://api.deepseek.com",
        "DEEPSEEK_API_KEY",
        Profile(shape="json", thinking_back="with_calls", forced_tools=False),
    ),
    "gemini": Provider(
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        Profile(thinking_back="kept", signed_calls=True),
    ),
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY", Profile(shape="prompt")),
    "mistral": Provider(
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        Profile(usage_option=False, strict=True, seed_field="random_seed", short_ids=True),
    ),
    "ollama": Provider(
        "http://127.0.0.1:11434", None, Profile(done_is_finish=True, thinking_back="with_calls"), "ollama"
    ),
    "llamacpp": Provider("http://127.0.0.1:8080/v1", None, Profile(thinking_back="with_calls")),
    "lmstudio": Provider("http://127.0.0.1:1234/v1", None),
    "vllm": Provider("http://127.0.0.1:8000/v1", None, Profile(thinking_back="with_calls", thinking_field="reasoning")),
}


def is_own(provider: str, base_url: str | None) -> bool:
    """Whether an address is the provider's, or below its name (as regions are), and nobody can read what goes there."""
    if base_url is None:
        return True
    there, host = urlsplit(base_url), urlsplit(PROVIDERS[provider].base_url).hostname or ""
    return there.scheme == "https" and bool(re.fullmatch(rf"([a-z0-9-]+\.)*{re.escape(host)}", there.hostname or ""))


def profile_of(provider: str, model: str, said: Profile | None) -> Profile:
    """The flags that hold for a model: its provider's, those known of the model, and what the files say above all."""
    row = PROVIDERS[provider]
    known: dict[str, Any] = {}
    for pattern, flags in row.models.items():
        if re.match(pattern, model):
            known.update(flags)
    if said is not None:
        known.update({name: getattr(said, name) for name in said.model_fields_set})
    return row.profile.model_copy(update=known) if known else row.profile


def root_of(provider: str, base_url: str | None, wire: Wire) -> str:
    """Where a wire format's own paths begin: for Ollama's without `/v1`, which it alone of an address may have."""
    url = (base_url or PROVIDERS[provider].base_url).rstrip("/")
    if wire == "ollama":
        return url.removesuffix("/v1")
    if base_url is None and PROVIDERS[provider].wire == "ollama":
        return f"{url}/v1"
    return url
