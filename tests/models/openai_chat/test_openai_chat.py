"""A model behind a server: its key, its clock, and what it says when the server refuses."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ConfigInvalid, ModelFailed
from runner.models import ServedModel, open_model
from runner.models.port import Deadline
from tests.models.badserver import DONE, BadServer, Script, Step, delta

if TYPE_CHECKING:
    from runner.models.port import Request
    from tests.models.conftest import Ask

HELLO = (delta(content="Hi"), delta("stop"), DONE)


def refused(ask: Ask, status: str, body: object, **how: Any) -> ModelFailed:
    """The failure when a server answers with this status and body."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ModelFailed) as failed:
        ask(content, status=status, kind="application/json", **how)
    return failed.value


def test_the_key_is_sent_as_a_bearer_token(ask: Ask) -> None:
    """Without the line break that a file left on it."""
    head = ask(*HELLO, key="abc\n").server.heads[0]
    assert "\r\nauthorization: bearer abc\r\n" in head.lower()


def test_without_a_key_no_authorization_is_sent(ask: Ask) -> None:
    """And nothing is accepted that would have to be unpacked."""
    head = ask(*HELLO).server.heads[0].lower()
    assert "authorization" not in head
    assert "accept-encoding: identity" in head
    assert head.startswith("post /v1/chat/completions http/1.1")


def test_a_key_of_none_is_never_sent(a_request: Request) -> None:
    """`key: none` in the file wins over whatever was found."""

    async def scenario() -> str:
        async with BadServer(Script(HELLO)) as server:
            spec = ServedModel(provider="openai", model="tiny", base_url=server.url + "/", key="none")
            model = open_model("lab", spec, key="found anyway", replies=None)
            await model.reply(a_request, lambda *_: None)
            await model.close()
            return server.heads[0]

    assert "authorization" not in asyncio.run(scenario()).lower()


@pytest.mark.parametrize("key", ["", "  ", "sk-“abc”", "a\nb"])
def test_a_key_that_no_header_can_hold_is_refused_at_opening(ask: Ask, key: str) -> None:
    """It names the variable and never the key."""
    with pytest.raises(ConfigInvalid, match="model lab: the key is empty or holds characters") as failed:
        ask(*HELLO, provider="openai", key=key)
    assert failed.value.hint == "write the key anew into OPENAI_API_KEY"


@pytest.mark.parametrize(
    "status,match",
    [
        ("400 Bad Request", "model"),
        ("401 Unauthorized", "unavailable"),
        ("402 Payment Required", "unavailable"),
        ("403 Forbidden", "unavailable"),
        ("404 Not Found", "model"),
        ("408 Request Timeout", "timeout"),
        ("429 Too Many Requests", "unavailable"),
        ("500 Internal Server Error", "unavailable"),
        ("503 Service Unavailable", "unavailable"),
        ("504 Gateway Timeout", "timeout"),
        ("529 Overloaded", "unavailable"),
    ],
)
def test_a_refusal_says_its_status_and_the_servers_words(ask: Ask, status: str, match: str) -> None:
    """And fails in the way that `errors` can route."""
    failed = refused(ask, status, {"error": {"message": "Because.", "code": "why"}})
    assert failed.message.endswith(f"/v1 says HTTP {status}: Because. (why)")
    assert failed.message.startswith("model lab: http://127.0.0.1:")
    assert failed.match == match


def test_a_refused_key_says_where_it_was_taken_from(ask: Ask) -> None:
    """The variable, not the key."""
    failed = refused(ask, "401 Unauthorized", {"detail": "no"}, provider="groq", key="abc")
    assert failed.hint == "write a key that this server takes into GROQ_API_KEY; `runner doctor --online` tries it"
    assert (
        refused(ask, "401 Unauthorized", {}).hint
        == 'no key was sent; `key: "${NAME}"` of models.lab in runner.yaml sends one'
    )


def test_an_unknown_model_names_its_entry(ask: Ask) -> None:
    """Both name and address may be wrong."""
    failed = refused(ask, "404 Not Found", {"error": {"message": 'model "tiny" not found'}})
    assert failed.hint == "check `model` (tiny) and `base_url` of models.lab in runner.yaml"


def test_an_address_without_v1_says_so(a_request: Request) -> None:
    """Most servers have nothing there; one that names the model was asked at the right place."""

    async def hint(body: bytes, end: str) -> str:
        async with BadServer(Script([body], status="404 Not Found")) as server:
            url = server.url.removesuffix("/v1") + end
            model = open_model("lab", ServedModel(provider="vllm", model="m", base_url=url), key=None, replies=None)
            with pytest.raises(ModelFailed) as failed:
                await model.reply(a_request, lambda *_: None)
            await model.close()
            return failed.value.hint.replace(url, "URL")

    bare, whole, named = (
        asyncio.run(hint(body, end))
        for body, end in ((b'{"detail":"Not Found"}', ""), (b"no page", "/v1"), (b'{"error":"no such model"}', ""))
    )
    assert bare == "most addresses end in /v1: write `base_url: URL/v1` in models.lab in runner.yaml"
    assert whole == named == "check `model` (m) and `base_url` of models.lab in runner.yaml"


def test_a_redirect_is_not_followed(ask: Ask) -> None:
    """The key was meant for one place."""
    failed = refused(ask, "301 Moved", b"", headers="location: https://elsewhere.example/v1\r\n", key="abc")
    assert "HTTP 301 Moved: see https://elsewhere.example/v1" in failed.message
    assert "final address" in failed.hint


def test_a_web_page_in_place_of_a_reason_is_left_out(ask: Ask) -> None:
    """The status says enough."""
    assert refused(ask, "502 Bad Gateway", b"<html>nginx").message.endswith("says HTTP 502 Bad Gateway")


@pytest.mark.parametrize(
    "pieces,deadline,words,trouble",
    [
        ([Step.STALL], Deadline(0.05), "no answer began within 50ms", "first"),
        ([delta(content="Hal"), Step.STALL], Deadline(0.05), "no whole answer within 50ms", "total"),
        ([delta(content="Hal"), Step.STALL], Deadline(5, idle=0.05), "the answer stood still for 50ms", "idle"),
        ([b": thinking\n\n", Step.STALL], Deadline(0.05, idle=5), "no answer began within 50ms", "first"),
    ],
    ids=["silent", "half", "stalled", "comments"],
)
def test_an_answer_that_takes_too_long_is_a_timeout(
    ask: Ask, a_request: Request, pieces: list[bytes | Step], deadline: Deadline, words: str, trouble: str
) -> None:
    """Each clock says that it was the one."""
    with pytest.raises(ModelFailed, match=rf"model lab: http://127\.0\.0\.1:\d+/v1: {words}") as failed:
        ask(*pieces, request=replace(a_request, deadline=deadline))
    assert (failed.value.match, failed.value.trouble) == ("timeout", trouble)


def test_an_answer_that_makes_progress_is_not_cut_at_what_was_expected(ask: Ask, a_request: Request) -> None:
    """Comments show that the server lives; `most` is for what goes on."""
    slow = [delta(content="a"), Step.PAUSE, b": still here\n\n", Step.PAUSE, delta(content="b"), delta("stop"), DONE]
    asked = ask(*slow, request=replace(a_request, deadline=Deadline(0.15, idle=0.19, most=5)))
    assert asked.reply.text == "ab"


def test_the_clock_of_somebody_else_is_not_ours(a_request: Request) -> None:
    """A reader's own time-out passes through as it is."""

    def on_delta(kind: str, text: str) -> None:
        raise TimeoutError("mine")

    async def scenario() -> None:
        async with BadServer(Script(HELLO)) as server:
            model = open_model(
                "lab", ServedModel(provider="vllm", model="m", base_url=server.url), key=None, replies=None
            )
            try:
                await model.reply(a_request, on_delta)
            finally:
                await model.close()

    with pytest.raises(TimeoutError, match="mine"):
        asyncio.run(scenario())


def test_a_long_refusal_is_read_only_in_part(ask: Ask) -> None:
    """It may be endless."""
    failed = refused(ask, "500 Internal Server Error", b"x" * 200_000)
    assert failed.message.endswith("x" * 500 + "…")
