"""A model behind a server of Anthropic's format: its headers, its pauses, its refusals."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.port import Deadline, Message, Usage
from tests.models.badserver import BadServer, Script, Step
from tests.models.recorded import recorded

if TYPE_CHECKING:
    from runner.models.port import Reply, Request
    from tests.models.conftest import Ask

TEXT = recorded("anthropic", "text.sse")
PAUSE, AFTER = recorded("anthropic", "pause.sse"), recorded("anthropic", "after_pause.sse")
THOUGHT = recorded("anthropic", "thinking_tools.sse")


def asked(request: Request, *answers: Any, end: str = "") -> tuple[Reply, BadServer, list[str]]:
    """The reply of a server that gives these answers one after the other, and the words that were told."""
    told: list[str] = []

    def hear(kind: str, text: str) -> None:
        if kind != "call":
            told.append(text)

    async def scenario() -> tuple[Reply, BadServer, list[str]]:
        async with BadServer(*(Script(answer) for answer in answers)) as server:
            url = server.url.removesuffix("/v1") + end
            spec = ServedModel(provider="anthropic", model="tiny", base_url=url)
            model = open_model("lab", spec, key=None, replies=None)
            try:
                return await model.reply(request, hear), server, told
            finally:
                await model.close()

    return asyncio.run(scenario())


def test_key_and_version_are_headers_of_their_own(ask: Ask) -> None:
    """No bearer token."""
    head = ask(TEXT, provider="anthropic", key="abc\n").server.heads[0].lower()
    assert "\r\nx-api-key: abc\r\n" in head
    assert "\r\nanthropic-version: 2023-06-01\r\n" in head
    assert "authorization" not in head


@pytest.mark.parametrize("end", ["", "/v1", "/anthropic"])
def test_the_address_may_end_in_v1_or_not(a_request: Request, end: str) -> None:
    """Both are written."""
    _, server, _ = asked(a_request, [TEXT], end=end)
    way = end.removesuffix("/v1")
    assert server.heads[0].startswith(f"POST {way}/v1/messages HTTP/1.1")


def test_a_paused_turn_is_sent_back_and_gone_on_with(a_request: Request) -> None:
    """The reply is of both parts, and so are its tokens."""
    reply, server, told = asked(a_request, [PAUSE], [AFTER])
    assert (reply.text, reply.finish, told) == ("Looking it up. It is X.", "stop", ["Looking it up. ", "It is X."])
    assert reply.usage == Usage(input=24, output=25)
    assert server.bodies[1]["messages"][-1] == {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Looking it up. "},
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
        ],
    }
    assert reply.kept is not None
    assert [block["type"] for block in reply.kept.blocks] == [
        "text",
        "server_tool_use",
        "web_search_tool_result",
        "text",
    ]


def test_a_turn_is_not_sent_back_for_ever(a_request: Request) -> None:
    """Six parts, then it is a failure."""
    with pytest.raises(ModelFailed, match="model lab: the server paused its turn more than 5 times"):
        asked(a_request, [PAUSE])


def test_all_parts_of_a_turn_share_one_deadline(a_request: Request) -> None:
    """A pause gives no new time."""
    request = type(a_request)(a_request.messages, [], None, Deadline(0.15), a_request.place)
    with pytest.raises(ModelFailed) as caught:
        asked(request, [Step.PAUSE, PAUSE], [Step.PAUSE, AFTER])
    assert caught.value.match == "timeout"


@pytest.mark.parametrize(
    "status,kind,words,trouble",
    [
        ("400 Bad Request", "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum", "overflow"),
        (
            "400 Bad Request",
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 1 + 2 > 2",
            "overflow",
        ),
        ("400 Bad Request", "invalid_request_error", "Your credit balance is too low to access the API", "quota"),
        ("401 Unauthorized", "authentication_error", "invalid x-api-key", "key"),
        ("404 Not Found", "not_found_error", "model: tiny", "missing"),
        ("413 Request Too Large", "request_too_large", "Request exceeds the maximum size", "refused"),
        ("429 Too Many Requests", "rate_limit_error", "Slow down", "limited"),
        ("529 Overloaded", "overloaded_error", "Overloaded", "overloaded"),
    ],
)
def test_a_refusal_is_known_by_its_status_and_words(ask: Ask, status: str, kind: str, words: str, trouble: str) -> None:
    """What is done about it goes by its trouble."""
    body = json.dumps({"type": "error", "error": {"type": kind, "message": words}}).encode()
    with pytest.raises(ModelFailed) as caught:
        ask(body, provider="anthropic", status=status, kind="application/json", headers="retry-after: 3\r\n")
    assert words in caught.value.message
    assert (caught.value.trouble, caught.value.wait) == (trouble, 3.0)


def test_a_model_that_refuses_sampling_names_the_way_out(ask: Ask) -> None:
    """Nothing is left out unsaid."""
    body = b'{"type": "error", "error": {"message": "`temperature` is deprecated for this model."}}'
    with pytest.raises(ModelFailed) as caught:
        ask(body, provider="anthropic", status="400 Bad Request", kind="application/json")
    assert "`profile: {sampling: false}` of models.lab in runner.yaml" in caught.value.hint


def test_a_call_whose_id_the_format_refuses_has_one_id_with_its_result(a_request: Request) -> None:
    """Where thinking goes back word for word, too."""
    odd = THOUGHT.replace(b"toolu_1", b"functions.ls:0")
    reply, _, _ = asked(a_request, [odd])
    said = Message("assistant", reply.text, reply.calls, kept=reply.kept)
    results = [Message("tool", "text", call_id=call.id) for call in reply.calls]
    _, server, _ = asked(replace(a_request, messages=[*a_request.messages, said, *results]), [TEXT])
    blocks = [block for message in server.bodies[0]["messages"] for block in message["content"]]
    used = [block["id"] for block in blocks if block["type"] == "tool_use"]
    assert used == [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    assert used == ["functions_ls_0", "toolu_2"]
