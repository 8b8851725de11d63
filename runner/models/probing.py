"""Ask a model server about itself: which models it has, and, of Ollama, with how much context they run."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.errors import ModelFailed
from runner.models import address_of, wire_of
from runner.models.faults import words_of_body
from runner.models.http import certificates, way_to
from runner.models.parsing import parse
from runner.models.reading import count, dict_of, dicts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from runner.models import ServedModel, Wire

CONNECT = 5.0
PATIENCE = 10.0
"""Seconds that each answer may take."""
MOST = 8 * 2**20
"""Bytes that are read of one."""
_KEY = re.compile(r"[\x21-\x7e]+")
_SIZES = (
    "loaded_context_length",
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "max_input_tokens",
)
"""What servers call the context of a model in their lists (LM Studio, vLLM, OpenRouter, Groq, Mistral, Anthropic)."""
_CONTEXT = re.compile(r"^num_ctx\s+(\d{1,9})\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a server says to the question for its models; `status` 0: no connection, and `words` why."""

    status: int
    words: str = ""
    names: tuple[str, ...] = ()
    contexts: Mapping[str, int] = field(default_factory=dict)
    """Tokens of context, of those models whose server says so in its list."""


@dataclass(frozen=True, slots=True)
class Context:
    """Tokens: of the model itself, of its own settings, and as it is loaded now; None where the server does not say."""

    most: int | None = None
    usual: int | None = None
    loaded: int | None = None


class Listings:
    """What servers say of their models: each is asked once, however many models of the files it has."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, Wire, str | None], Listing] = {}

    def of(self, spec: ServedModel, key: str | None) -> Listing:
        """The list of a model's server, as it answers to the model's key."""
        asked = address_of(spec), spec.provider, wire_of(spec), key
        if asked not in self._known:
            self._known[asked] = models_of(spec, key)
        return self._known[asked]


def models_of(spec: ServedModel, key: str | None) -> Listing:
    """The models of a server, asked for with the model's key: one cheap call."""
    import httpx

    if key is not None and not _KEY.fullmatch(key.strip()):  # the client would say so with the key itself
        return Listing(0, "the key is empty or holds characters that no key has")
    headers = _headers(spec, key)
    try:
        with _client(spec) as client:
            heard = _ask(client, "GET", f"{_base(spec)}/models", headers)
            if spec.provider == "lmstudio" and heard.is_good:  # only its own list says more than the names
                own = _ask(client, "GET", f"{_base(spec).removesuffix('/v1')}/api/v0/models", headers)
                heard = own if _rows(own.data) else heard
    except (httpx.HTTPError, UnicodeError, ModelFailed) as error:
        return Listing(0, _words(error))
    if not heard.is_good:
        return Listing(heard.status, words_of_body(heard.body))
    rows = _rows(heard.data)
    return Listing(heard.status, names=tuple(rows), contexts={name: size for name, size in rows.items() if size})


def context_of(spec: ServedModel) -> Context | None:
    """With how much context Ollama runs a model; None when it does not say."""
    import httpx

    root = _base(spec).removesuffix("/v1")
    try:
        with _client(spec) as client:
            shown = _ask(client, "POST", f"{root}/api/show", json={"model": spec.model})
            running = _ask(client, "GET", f"{root}/api/ps")
            return _context(shown.data, running.data, spec.model) if shown.is_good else None
    except (httpx.HTTPError, UnicodeError, ModelFailed):
        return None


def _words(error: Exception) -> str:
    """Why there was no answer, as a call of the model would tell it."""
    import httpx

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno and cause.errno > 0:
            return os.strerror(cause.errno).lower()
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    return str(error) or type(error).__name__


class _Heard(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of HTTP's good answers

    @property
    def data(self) -> Any:
        """The body as JSON; None for what is none."""
        try:
            return parse(self.body.decode())
        except ValueError:
            return None


def _client(spec: ServedModel) -> httpx.Client:
    """By the same way as the model's calls: what is near is never asked through a proxy, which would get the key."""
    import httpx

    way = way_to(address_of(spec))
    times = httpx.Timeout(PATIENCE, connect=CONNECT)
    return httpx.Client(
        timeout=times, follow_redirects=False, trust_env=False, proxy=way.proxy, verify=certificates(tls=way.tls)
    )


def _ask(client: httpx.Client, method: str, url: str, headers: Mapping[str, str] | None = None, **body: Any) -> _Heard:
    """A question; raises httpx.HTTPError, also for an answer that takes too long. It is read as it is sent."""
    import httpx

    began, read = time.monotonic(), bytearray()
    with client.stream(method, url, headers={**(headers or {}), "accept-encoding": "identity"}, **body) as answer:
        for chunk in answer.iter_raw():
            read += chunk
            if len(read) > MOST:
                raise httpx.ReadError(f"an answer of more than {MOST // 2**20} MiB")
            if time.monotonic() - began > PATIENCE:
                raise httpx.ReadTimeout(f"no whole answer within {PATIENCE:.0f} s")
    return _Heard(answer.status_code, bytes(read))


def _base(spec: ServedModel) -> str:
    """The address up to and with `/v1`, which two wire formats leave out."""
    address = address_of(spec)
    leaves_out = wire_of(spec) in ("anthropic", "ollama")
    return f"{address}/v1" if leaves_out and not address.endswith("/v1") else address


def _headers(spec: ServedModel, key: str | None) -> dict[str, str]:
    if key is None:
        return {}
    if wire_of(spec) == "anthropic":
        return {"x-api-key": key.strip(), "anthropic-version": "2023-06-01"}
    return {"authorization": f"Bearer {key.strip()}"}


def _rows(data: Any) -> dict[str, int | None]:
    """Names and contexts, in the shapes of lists that servers give: `data` of `id`, `models` of `name`, bare."""
    rows = data.get("data") or data.get("models") or [] if isinstance(data, dict) else data
    found: dict[str, int | None] = {}
    for row in rows if isinstance(rows, list) else []:
        name = (row.get("id") or row.get("name")) if isinstance(row, dict) else None
        if isinstance(name, str):
            found[name.removeprefix("models/")] = _context_in(row)
    return found


def _context_in(row: dict[str, Any]) -> int | None:
    meta = row.get("meta")
    told = [row.get(key) for key in _SIZES]
    return _whole([*told, meta.get("n_ctx_train")] if isinstance(meta, dict) else told)


def _context(shown: Any, running: Any, model: str) -> Context:
    shown = dict_of(shown)
    lengths = [value for key, value in dict_of(shown.get("model_info")).items() if key.endswith(".context_length")]
    set_to = _CONTEXT.search(str(shown.get("parameters") or ""))
    wanted = (model, f"{model}:latest")
    rows = dicts_of(dict_of(running).get("models"))
    loaded = [row.get("context_length") for row in rows if row.get("name") in wanted]
    return Context(_whole(lengths), int(set_to[1]) if set_to else None, _whole(loaded))


def _whole(values: list[Any]) -> int | None:
    return next((count(value) for value in values if isinstance(value, int) and count(value)), None)
