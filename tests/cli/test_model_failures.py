"""What stops a model from answering is told in one line: which file, which name in it, and what to do.

Each wire format's server says it in its own words; the server here is a real one on loopback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from runner.models import PROVIDERS
from tests.loopback import Loopback, send

Cli = Callable[..., Any]
Told = Callable[..., list[str]]
GONE = "http://127.0.0.1:9"


@dataclass
class Refusing:
    """A server that refuses every request with the same status and body."""

    status: int = 500
    body: Any = None
    url: str = ""
    keys: list[str] = field(default_factory=list)
    """Of each request the header that holds its key."""


@dataclass(frozen=True)
class Format:
    """A wire format: its provider, the end of its addresses, and how its servers refuse."""

    provider: str
    end: str
    variable: str
    wrong_key: tuple[int, Any]
    unknown_model: tuple[int, Any]
    full_context: tuple[int, Any]


def openai_error(status: int, message: str, code: str | None = None) -> tuple[int, Any]:
    """As OpenAI and most others say it."""
    return status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def anthropic_error(status: int, kind: str, message: str) -> tuple[int, Any]:
    """As Anthropic says it."""
    return status, {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


PROVIDERS_WITH_KEYS = {name for name, row in PROVIDERS.items() if row.key}
FORMATS = {
    "openai_chat": Format(
        "openrouter",
        "/v1",
        "OPENROUTER_API_KEY",
        (401, {"error": {"message": "User not found.", "code": 401}, "user_id": "u"}),
        (400, {"error": {"message": "tiny is not a valid model ID", "code": 400}}),
        openai_error(400, "This endpoint's maximum context length is 4096 tokens. However, you requested 5000 tokens."),
    ),
    "openai_responses": Format(
        "openai",
        "/v1",
        "OPENAI_API_KEY",
        openai_error(401, "Incorrect API key provided: wrong.", "invalid_api_key"),
        openai_error(404, "The model `tiny` does not exist or you do not have access to it.", "model_not_found"),
        openai_error(
            400, "Your input exceeds the context window of this model. Please adjust it.", "context_length_exceeded"
        ),
    ),
    "anthropic": Format(
        "anthropic",
        "",
        "ANTHROPIC_API_KEY",
        anthropic_error(401, "authentication_error", "invalid x-api-key"),
        anthropic_error(404, "not_found_error", "model: tiny"),
        anthropic_error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    ),
    "ollama": Format(
        "ollama",
        "",
        "OLLAMA_API_KEY",
        (401, {"error": "unauthorized"}),
        (404, {"error": "model 'tiny' not found"}),
        (400, {"error": "the input length exceeds the context length"}),
    ),
}


@pytest.fixture
def refusing() -> Iterator[Refusing]:
    """The server that refuses."""
    said = Refusing()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers["content-length"]))
        said.keys.append(request.headers.get("authorization") or request.headers.get("x-api-key") or "")
        send(request, said.status, said.body)

    with Loopback(answer) as server:
        said.url = server.url
        yield said


@pytest.fixture
def told(cli: Cli, project: Callable[..., Path], refusing: Refusing, monkeypatch: pytest.MonkeyPatch) -> Told:
    """How `runner run` with a model of a format says why it failed; `refusal` is what the server says."""

    def run(
        wire: str,
        refusal: tuple[int, Any] = (500, {}),
        key: str = "wrong-key",
        url: str = "",
        *,
        names_key: bool = True,
    ) -> list[str]:
        about = FORMATS[wire]
        monkeypatch.delenv(about.variable, raising=False)
        refusing.status, refusing.body = refusal
        fields = f'provider: {about.provider}, wire: {wire}, model: tiny, base_url: "{url or refusing.url}{about.end}"'
        named = f', key: "${{{about.variable}}}"' if names_key else ""
        files = {
            "runner.yaml": f"models:\n  default: {{{fields}{named}}}\n",
            "agents.d/a.yaml": "description: A.\nprompt: P.\n",
            ".env": f"{about.variable}={key}\n" if key else "",
        }
        answer = cli("--no-color", "-C", project(files), "run", "a", "Hello")
        assert (answer.code, answer.out) == (6, "")
        lines = str(answer.err).splitlines()
        failure = next(number for number, line in enumerate(lines) if line.startswith("! answer"))
        verdict = next(number for number, line in enumerate(lines) if line.startswith("ERROR  a"))
        assert lines[verdict + 1 :] == ["  `answer/1` failed: as told above"]
        return [lines[failure].partition("  failed: ")[2], *lines[failure + 1 : verdict]]

    return run


@pytest.mark.parametrize("wire", FORMATS)
def test_a_wrong_key_is_told_by_its_variable_and_file(told: Told, refusing: Refusing, wire: str) -> None:
    """The server's own words stand above; it is asked once, as the same key would be refused again."""
    about = FORMATS[wire]
    what, hint = told(wire, about.wrong_key)
    assert f"says HTTP {about.wrong_key[0]}" in what
    assert hint == (
        f"  hint: write a key that this server takes into {about.variable} of .env; `runner doctor --online` tries it"
    )
    assert [key.removeprefix("Bearer ") for key in refusing.keys] == ["wrong-key"]


@pytest.mark.parametrize("wire", [wire for wire in FORMATS if FORMATS[wire].provider in PROVIDERS_WITH_KEYS])
def test_a_key_is_not_sent_to_another_address_than_its_providers(told: Told, refusing: Refusing, wire: str) -> None:
    """It is there, and the entry does not name it; the refusal says so."""
    about = FORMATS[wire]
    _, hint = told(wire, about.wrong_key, names_key=False)
    assert hint == (
        f"  hint: no key was sent, as {about.variable} goes to {about.provider} itself alone; "
        '`key: "${NAME}"` of models.default in runner.yaml sends one'
    )
    assert refusing.keys == [""]


@pytest.mark.parametrize("wire", FORMATS)
def test_a_missing_key_is_told_by_its_variable_and_where_it_belongs(told: Told, refusing: Refusing, wire: str) -> None:
    """Nothing is sent."""
    name = FORMATS[wire].variable
    assert told(wire, key="") == [
        (
            f"model default is unavailable: {name} not set "
            "(looked in the environment, .env and .runner/secrets): "
            f"write `{name}=…` into .env, or `runner secrets set {name}`"
        )
    ]
    assert refusing.keys == []


def test_the_fallback_answers_for_a_model_without_its_key(
    cli: Cli, project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run says so, in what is printed and in its journal."""
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    models = (
        "models:\n  default: {provider: groq, model: any, fallback: [spare]}\n"
        "  spare: {provider: scripted, replies: replies.yaml}\n"
    )
    agent = "description: A.\nprompt: P.\n"
    root = project({"runner.yaml": models, "agents.d/a.yaml": agent, "replies.yaml": "- text: Hello.\n"})
    answer = cli("--no-color", "-C", root, "run", "a", "Hello")
    assert (answer.code, answer.out) == (0, "Hello.\n")
    why = (
        "GROQ_API_KEY not set (looked in the environment, .env and .runner/secrets): "
        "write `GROQ_API_KEY=…` into .env, or `runner secrets set GROQ_API_KEY`"
    )
    told = f"  spare is asked, as default (https://api.groq.com/openai/v1) cannot be: {why}"
    assert told in str(answer.err).splitlines()
    shown = json.loads(cli("-C", root, "--json", "agents", "show", "a").out)
    assert shown["unavailable"] is None


@pytest.mark.parametrize("wire", FORMATS)
@pytest.mark.parametrize("key", ["'\"sk-key\"'", "\"'sk-key'\"", "sk-key'"])
def test_a_key_with_quotes_is_told_before_it_is_sent(told: Told, refusing: Refusing, wire: str, key: str) -> None:
    """No key has any; the quotes that `.env` itself takes off are none of it."""
    why = "the key is in quotes, which would be sent as a part of it"
    mend = f"take the quotes off {FORMATS[wire].variable} of .env"
    assert told(wire, key=key) == [f"model default is unavailable: {why}: {mend}"]
    assert refusing.keys == []


@pytest.mark.parametrize("wire", FORMATS)
def test_an_unknown_model_is_told_by_its_entry(told: Told, refusing: Refusing, wire: str) -> None:
    """Also where the server says 400; Ollama's can be got."""
    what, hint = told(wire, FORMATS[wire].unknown_model)
    assert f"says HTTP {FORMATS[wire].unknown_model[0]}" in what
    pull = "; `ollama pull tiny` gets it" if wire == "ollama" else ""
    assert hint == f"  hint: check `model` (tiny) and `base_url` of models.default in runner.yaml{pull}"
    assert len(refusing.keys) == 1


@pytest.mark.parametrize("wire", FORMATS)
def test_a_refused_connection_is_told_by_its_address(told: Told, wire: str) -> None:
    """After as many attempts as it gets."""
    what, hint = told(wire, url=GONE)
    assert what == (f"model default: cannot connect to {GONE}: connection refused (3 attempts)")
    assert hint == "  hint: start the server, or set `base_url` of this model in runner.yaml"


@pytest.mark.parametrize("wire", FORMATS)
def test_a_full_context_is_told_with_what_makes_room(told: Told, refusing: Refusing, wire: str) -> None:
    """It is asked once, as the same conversation would be refused again."""
    what, hint = told(wire, FORMATS[wire].full_context)
    assert f"says HTTP {FORMATS[wire].full_context[0]}" in what
    more = "raise `context` of" if wire == "ollama" else "name a model with more context as"
    room = "or let the agent remember less (`memory` in its file)"
    assert hint == f"  hint: {more} models.default in runner.yaml, {room}"
    assert len(refusing.keys) == 1
