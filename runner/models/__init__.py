"""Minds: one wire format a folder; this table is the only place that knows them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from runner.models.keep_alive import KeepAlive
from runner.models.keys import check_key, needs_key, withheld_key
from runner.models.prices import Price
from runner.models.profile import Profile
from runner.models.providers import FLAGS, PROVIDERS, Provider, Wire, profile_of, root_of
from runner.spec import Items, Name, Positive, Spec
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.models.port import Model
    from runner.models.server import Server

__all__ = [
    "PROVIDERS",
    "Answering",
    "ModelSpec",
    "Provider",
    "ScriptedModel",
    "ServedModel",
    "Wire",
    "address_of",
    "flags_of",
    "needs_key",
    "open_model",
    "wire_of",
]


class Answering(Spec):
    """What any model may say."""

    fallback: Items[Name] = ()
    """Models of runner.yaml that are asked in its place, in this order, when it gives no answer."""
    price: Price | None = None
    """What it costs; by default what its server says, or the price list. On this machine it costs nothing."""


class ServedModel(Answering):
    """A model behind a server."""

    provider: Literal[
        "openai",
        "anthropic",
        "xai",
        "openrouter",
        "deepseek",
        "gemini",
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
    """Where the server is, up to and with `/v1` (Ollama's: without); by default the provider's own address."""
    key: str | None = Field(default=None, min_length=1)
    """`${NAME}` of the environment, or `none`. By default the provider's own variable, at its own address alone."""
    wire: Wire | None = None
    """The format in which the server is spoken to; by default the provider's own."""
    context: Positive | None = None
    """Tokens of its context. Ollama loads the model with so many; elsewhere it says what the model has."""
    keep_alive: KeepAlive | None = None
    """How long Ollama keeps it loaded after a call: such as 30m, 0 for not at all, -1 for always."""
    concurrency: Positive | None = None
    """Calls that its server takes at once; more wait. 1 for a small machine."""
    profile: Profile | None = None
    """Flags in which its server differs from its provider; a flag that is left out is the provider's."""

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None:
            _check_address(url)
        return url

    @field_validator("key")
    @classmethod
    def _is_one_name(cls, key: str | None) -> str | None:
        if key is not None:
            check_key(key)
        return key

    @field_validator("keep_alive")
    @classmethod
    def _is_of_ollama(cls, seconds: float | None, info: ValidationInfo) -> float | None:
        if seconds is not None and (wire := _wire_in(info)) and wire != "ollama":
            msg = f"only Ollama keeps models loaded on demand; {wire} has no such option"
            raise ValueError(msg)
        return seconds

    @field_validator("profile")
    @classmethod
    def _is_of_its_wire(cls, profile: Profile | None, info: ValidationInfo) -> Profile | None:
        wire = _wire_in(info)
        for flag in profile.model_fields_set if profile and wire else ():
            if wire and flag not in FLAGS[wire]:
                msg = f"{wire} has no flag `{flag}`; {did_you_mean(flag, FLAGS[wire]) or _named(FLAGS[wire])}"
                raise ValueError(msg)
        return profile


class ScriptedModel(Answering):
    """A model that answers from a file: no key, no network, the same answer every time."""

    provider: Literal["scripted"]
    """Who serves it."""
    replies: str = Field(min_length=1)
    """The YAML file with its replies, from the project's root."""


ModelSpec = Annotated[ServedModel | ScriptedModel, Field(discriminator="provider")]
"""What an entry of `models:` may say; which fields depends on its provider."""


def open_model(
    name: str,
    spec: ServedModel | ScriptedModel,
    *,
    key: str | None,
    replies: bytes | None,
    found: str = "",
    hold: Callable[[float], None] | None = None,
) -> Model:
    """The model that an entry describes; it connects at its first request.

    `key` is the secret, `found` where it was, `replies` the replies file; `hold` is told for how many seconds nobody
    should ask. Raises ConfigInvalid for a replies file or a key that cannot be used.
    """
    if isinstance(spec, ScriptedModel):
        from runner.models.scripted import Scripted, read_replies

        return Scripted(spec.replies, read_replies(spec.replies, replies or b""))
    from runner.models.ladder import Ladder
    from runner.models.server import Server

    server = Server(
        name=name,
        provider=spec.provider,
        url=address_of(spec),
        model=spec.model,
        key=None if spec.key == "none" else key,
        variable=needs_key(spec),
        withheld=withheld_key(spec),
        profile=flags_of(spec),
        context=spec.context,
        keep_alive=spec.keep_alive,
        found=found,
        hold=hold,
    )
    return Ladder(_open_wire(wire_of(spec), server), server.profile)


def _open_wire(wire: Wire, server: Server) -> Model:
    """The model behind a server; of the wire formats only the one that is spoken is imported."""
    if wire == "ollama":
        from runner.models.ollama import Ollama

        return Ollama(server)
    if wire == "anthropic":
        from runner.models.anthropic import Anthropic

        return Anthropic(server)
    if wire == "openai_responses":
        from runner.models.openai_responses import OpenAIResponses

        return OpenAIResponses(server)
    from runner.models.openai_chat import OpenAIChat

    return OpenAIChat(server)


def address_of(spec: ServedModel | ScriptedModel) -> str:
    """Where a model is served: all models of one address share its breaker and its slots."""
    if isinstance(spec, ScriptedModel):
        return f"file:{spec.replies}"
    return root_of(spec.provider, spec.base_url, wire_of(spec))


def wire_of(spec: ServedModel) -> Wire:
    """The format in which a model is spoken to."""
    return spec.wire or PROVIDERS[spec.provider].wire


def flags_of(spec: ServedModel) -> Profile:
    """The flags that hold for a model, its own included."""
    return profile_of(spec.provider, spec.model, spec.profile)


def _wire_in(info: ValidationInfo) -> Wire | None:
    """The wire format of an entry that is being read; None when that is not known for a fault of its own."""
    if not {"provider", "wire"} <= set(info.data):
        return None
    wire: Wire = info.data["wire"] or PROVIDERS[info.data["provider"]].wire
    return wire


def _named(flags: frozenset[str]) -> str:
    return f"it has {', '.join(sorted(flags))}"


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"{url!r} is no address; write it like http://127.0.0.1:8080/v1"
        raise ValueError(msg)
    if parts.username or parts.password:
        msg = 'an address holds no user or password; give the key as `key: "${NAME}"`'
        raise ValueError(msg)
    if parts.query or parts.fragment or parts.path.rstrip("/").endswith("/completions"):
        msg = f"{url!r} is more than the base; end it where /chat/completions would begin, most often at /v1"
        raise ValueError(msg)
    parts.port  # noqa: B018 - reading it raises ValueError for a port that is none
