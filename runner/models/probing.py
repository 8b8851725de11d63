"""Ask a model server about itself: which models it has, and, of Ollama, with how much context they run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.models import address_of, wire_of
from runner.models.faults import words_of_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from runner.models import ServedModel

CONNECT = 5.0
PATIENCE = 10.0
"""Seconds that each answer may take."""
_SIZES = (
    "loaded_context_length",
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "max_input_tokens",
)
"""What servers call the context of a model in their lists (LM Studio, vLLM, OpenRouter, Groq, Mistral, Anthropic)."""
_CONTEXT = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)


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


def models_of(spec: ServedModel, key: str | None) -> Listing:
    """The models of a server, asked for with the model's key: one cheap call."""
    import httpx

    try:
        with _client() as client:
            answer = client.get(f"{_base(spec)}/models", headers=_headers(spec, key))
            if spec.provider == "lmstudio" and answer.is_success:  # only its own list says more than the names
                own = client.get(f"{_base(spec).removesuffix('/v1')}/api/v0/models", headers=_headers(spec, key))
                answer = own if _rows(own) else answer
    except (httpx.HTTPError, UnicodeError) as error:
        return Listing(0, str(error) or type(error).__name__)
    if not answer.is_success:
        return Listing(answer.status_code, words_of_body(answer.content))
    rows = _rows(answer)
    return Listing(answer.status_code, names=tuple(rows), contexts={name: size for name, size in rows.items() if size})


def context_of(spec: ServedModel) -> Context | None:
    """With how much context Ollama runs a model; None when it does not say."""
    import httpx

    root = _base(spec).removesuffix("/v1")
    try:
        with _client() as client:
            shown = client.post(f"{root}/api/show", json={"model": spec.model})
            running = client.get(f"{root}/api/ps")
            return _context(shown.json(), running.json(), spec.model) if shown.is_success else None
    except (httpx.HTTPError, UnicodeError, ValueError):
        return None


def _client() -> httpx.Client:
    import httpx

    return httpx.Client(timeout=httpx.Timeout(PATIENCE, connect=CONNECT), follow_redirects=False)


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


def _rows(answer: httpx.Response) -> dict[str, int | None]:
    """Names and contexts, in the shapes of lists that servers give: `data` of `id`, `models` of `name`, bare."""
    try:
        data = answer.json()
    except ValueError:
        return {}
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
    about = shown.get("model_info") if isinstance(shown, dict) else None
    lengths = [value for key, value in (about or {}).items() if key.endswith(".context_length")]
    set_to = _CONTEXT.search(str(shown.get("parameters") or "")) if isinstance(shown, dict) else None
    rows = running.get("models") if isinstance(running, dict) else None
    wanted = {model, f"{model}:latest"}
    loaded = [row.get("context_length") for row in rows or [] if isinstance(row, dict) and row.get("name") in wanted]
    return Context(_whole(lengths), int(set_to[1]) if set_to else None, _whole(loaded))


def _whole(values: list[Any]) -> int | None:
    return next((value for value in values if isinstance(value, int) and value > 0), None)
