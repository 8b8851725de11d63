"""Minds: one wire format a folder; this table is the only place that knows them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from runner.models.profile import Profile
from runner.secrets import REFERENCE
from runner.spec import Items, Name, Positive, Spec

if TYPE_CHECKING:
    from runner.models.port import Model
    from runner.models.server import Server

__all__ = [
    "PROVIDERS",
    "ModelSpec",
    "Provider",
    "ScriptedModel",
    "ServedModel",
    "address_of",
    "needs_key",
    "open_model",
]


Wire = Literal["openai_chat", "openai_responses", "anthropic"]
"""The wire formats: each is a folder of this name."""
_USUAL = Profile()


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models: where, under which key, with which profile, in which wire format."""

    base_url: str
    key: str | None
    """The environment variable that holds the key; None where none is needed."""
    profile: Profile = _USUAL
    wire: Wire = "openai_chat"


PROVIDERS = {
    "openai": Provider("https://api.openai.com/v1", "OPENAI_API_KEY", Profile(shape_with_tools=True)),
    "anthropic": Provider(
        "https://api.anthropic.com",
        "ANTHROPIC_API_KEY",
        Profile(shape_with_tools=True, thinking_back="kept"),
        "anthropic",
    ),
    "xai": Provider(
        "https://api.x.ai/v1",
        "XAI_API_KEY",
        Profile(shape_with_tools=True, thinking_back="kept"),
        "openai_responses",
    ),
    "openrouter": Provider("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "deepseek": Provider(
        "https://api.deepseek.com", "DEEPSEEK_API_KEY", Profile(shape="json", thinking_back="with_calls")
    ),
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY", Profile(shape="prompt")),
    "mistral": Provider("https://api.mistral.ai/v1", "MISTRAL_API_KEY", Profile(usage_option=False)),
    "ollama": Provider("http://127.0.0.1:11434/v1", None, Profile(done_is_finish=True)),
    "llamacpp": Provider("http://127.0.0.1:8080/v1", None),
    "lmstudio": Provider("http://127.0.0.1:1234/v1", None),
    "vllm": Provider("http://127.0.0.1:8000/v1", None),
}


class _Answering(Spec):
    """What any model may say."""

    fallback: Items[Name] = ()
    """Models of runner.yaml that are asked in its place, in this order, when it gives no answer."""


class ServedModel(_Answering):
    """A model behind a server."""

    provider: Literal[
        "openai",
        "anthropic",
        "xai",
        "openrouter",
        "deepseek",
        "groq",
        "mistral",
        "ollama",
        "llamacpp",
        "lmstudio",
        "vllm",
    ]  # the rows of PROVIDERS; a test holds both together
    """Who serves it."""
    model: str = Field(min_length=1)
    """The model's name as the server knows it."""
    base_url: str | None = None
    """Where the server is, up to and with `/v1`; by default the provider's own address."""
    key: str | None = Field(default=None, min_length=1)
    """`${NAME}` of the environment, or `none` for no Authorization header; by default the provider's own variable."""

    concurrency: Positive | None = None
    """Calls that its server takes at once; more wait. 1 for a small machine."""

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None:
            _check_address(url)
        return url


class ScriptedModel(_Answering):
    """A model that answers from a file: no key, no network, the same answer every time."""

    provider: Literal["scripted"]
    """Who serves it."""
    replies: str = Field(min_length=1)
    """The YAML file with its replies, from the project's root."""


ModelSpec = Annotated[ServedModel | ScriptedModel, Field(discriminator="provider")]
"""What an entry of `models:` may say; which fields depends on its provider."""


def open_model(name: str, spec: ServedModel | ScriptedModel, *, key: str | None, replies: bytes | None) -> Model:
    """The model that an entry describes; it connects at its first request.

    `key` is the resolved secret, `replies` the content of the replies file. Raises ConfigInvalid for a replies file or
    a key that cannot be used.
    """
    if isinstance(spec, ScriptedModel):
        from runner.models.scripted import Scripted, read_replies

        return Scripted(spec.replies, read_replies(spec.replies, replies or b""))
    from runner.models.server import Server

    provider = PROVIDERS[spec.provider]
    server = Server(
        name=name,
        provider=spec.provider,
        url=address_of(spec),
        model=spec.model,
        key=None if spec.key == "none" else key,
        variable=needs_key(spec),
        profile=provider.profile,
    )
    return _open_wire(provider.wire, server)


def _open_wire(wire: Wire, server: Server) -> Model:
    """The model behind a server; of the wire formats only the one that is spoken is imported."""
    if wire == "anthropic":
        from runner.models.anthropic import Anthropic

        return Anthropic(server)
    if wire == "openai_responses":
        from runner.models.openai_responses import OpenAIResponses

        return OpenAIResponses(server)
    from runner.models.openai_chat import OpenAIChat

    return OpenAIChat(server)


def needs_key(spec: ServedModel | ScriptedModel) -> str | None:
    """The environment variable that must be set before the model can be used; None when it needs none."""
    if isinstance(spec, ScriptedModel) or spec.key == "none":
        return None
    if spec.key is None:
        return PROVIDERS[spec.provider].key
    variable = REFERENCE.search(spec.key)
    return variable[1] if variable else None


def address_of(spec: ServedModel | ScriptedModel) -> str:
    """Where a model is served: all models of one address share its breaker and its slots."""
    if isinstance(spec, ScriptedModel):
        return f"file:{spec.replies}"
    return (spec.base_url or PROVIDERS[spec.provider].base_url).rstrip("/")


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"{url!r} is no address; write it like http://127.0.0.1:8080/v1"
        raise ValueError(msg)
    if parts.username or parts.password:
        msg = "an address holds no user or password; give the key as `key: ${NAME}`"
        raise ValueError(msg)
    if parts.query or parts.fragment or parts.path.rstrip("/").endswith("/completions"):
        msg = f"{url!r} is more than the base; end it where /chat/completions would begin, most often at /v1"
        raise ValueError(msg)
    parts.port  # noqa: B018 - reading it raises ValueError for a port that is none
