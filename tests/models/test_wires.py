"""What all wire formats have in common: nothing is imported in vain, what was kept comes back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, Wire, open_model
from runner.models.port import Deadline, Message
from runner.runs.events import Call, Kept, ModelReplied
from tests.models.badserver import DONE, BadServer, Script, Step, delta, event
from tests.models.recorded import recorded

if TYPE_CHECKING:
    from runner.models.port import Request
    from tests.models.conftest import Ask

WIRES = get_args(Wire)


@pytest.mark.parametrize("wire", WIRES)
def test_a_wire_format_imports_none_of_the_others(wire: str) -> None:
    """A small machine pays for what it speaks."""
    others = {f"runner.models.{other}" for other in WIRES} - {f"runner.models.{wire}"}
    code = f"import sys, runner.models.{wire}; print({others} & set(sys.modules) or 'none')"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "none"


@pytest.mark.parametrize(
    "provider,wire,place", [("anthropic", "anthropic", "messages"), ("xai", "openai_responses", "input")]
)
def test_thinking_comes_back_to_its_provider_out_of_the_journal(
    a_request: Request, provider: str, wire: str, place: str
) -> None:
    """Word for word, with the calls that it led to and before their results."""

    async def scenario() -> tuple[list[Any], list[Any]]:
        async with BadServer(Script([recorded(wire, "thinking_tools.sse")])) as server:
            spec = ServedModel.model_validate({"provider": provider, "model": "tiny", "base_url": server.url})
            model = open_model("lab", spec, key=None, replies=None)
            reply = await model.reply(a_request, lambda *_: None)
            event = ModelReplied(
                path="p",
                text=reply.text,
                calls=list(reply.calls),
                usage=reply.usage,
                finish="",
                seconds=0,
                kept=reply.kept,
            )
            again = ModelReplied.model_validate_json(event.model_dump_json())
            said = Message("assistant", again.text, again.calls, kept=again.kept)
            results = [Message("tool", "text", call_id=call.id) for call in again.calls]
            await model.reply(replace(a_request, messages=[*a_request.messages, said, *results]), lambda *_: None)
            await model.close()
            assert reply.kept is not None
            return reply.kept.blocks, server.bodies[1][place]

    kept, sent = asyncio.run(scenario())
    told = sent[1]["content"] if wire == "anthropic" else sent[2 : 2 + len(kept)]
    assert told == kept
    results = sent[2]["content"] if wire == "anthropic" else sent[2 + len(kept) :]
    assert len(results) == 2


@pytest.mark.parametrize("provider,name", [("openrouter", "openrouter_tools.sse"), ("gemini", "gemini_tools.sse")])
def test_what_chat_completions_want_back_comes_out_of_the_journal_too(
    a_request: Request, provider: str, name: str
) -> None:
    """Thinking in the message, signatures in its calls."""

    async def scenario() -> tuple[list[Any], dict[str, Any]]:
        async with BadServer(Script([recorded("openai_chat", name)])) as server:
            spec = ServedModel.model_validate({"provider": provider, "model": "tiny", "base_url": server.url})
            model = open_model("lab", spec, key=None, replies=None)
            reply = await model.reply(a_request, lambda *_: None)
            assert reply.kept is not None
            kept = Kept.model_validate_json(reply.kept.model_dump_json())
            said = Message("assistant", reply.text, reply.calls, kept=kept)
            await model.reply(replace(a_request, messages=[*a_request.messages, said]), lambda *_: None)
            await model.close()
            return kept.blocks, server.bodies[1]["messages"][2]

    (block,), sent = asyncio.run(scenario())
    told = sent if provider == "openrouter" else sent["tool_calls"][0]
    assert {key: told[key] for key in block} == block


def kept_turn(of: str) -> Message:
    """A turn with a call, whose blocks OpenRouter gave in the wire format `of`."""
    block = {"type": "thinking", "reasoning_details": [{"type": "reasoning.text", "text": "Hm"}]}
    call = Call(id="call_1", tool="look", arguments={})
    return Message("assistant", "Looking.", [call], kept=Kept(wire=of, provider="openrouter", blocks=[block]))


@pytest.mark.parametrize("wire,of", [(wire, of) for wire in WIRES for of in ("", *WIRES) if wire != of])
def test_what_was_kept_in_one_wire_format_goes_back_in_no_other(a_request: Request, wire: str, of: str) -> None:
    """Words and calls go in its place, also out of an older journal that does not name the format."""

    async def scenario() -> str:
        async with BadServer(Script([b"{}"], status="400 Bad Request")) as server:
            said = {"provider": "openrouter", "model": "tiny", "base_url": server.url, "wire": wire}
            model = open_model("lab", ServedModel.model_validate(said), key=None, replies=None)
            turn = [kept_turn(of), Message("tool", "text", call_id="call_1")]
            with pytest.raises(ModelFailed):
                await model.reply(replace(a_request, messages=[*a_request.messages, *turn]), lambda *_: None)
            await model.close()
            return json.dumps(server.bodies[0])

    sent = asyncio.run(scenario())
    assert "reasoning_details" not in sent
    assert "Looking." in sent
    assert sent.count("call_1") == 2


PIECES = ('{"path": "a.py", ', '"text": "', "Hello", '"}')


def chat_call() -> list[bytes]:
    """A call in the pieces of chat completions."""
    named = {"index": 0, "id": "c1", "function": {"name": "write_file", "arguments": ""}}
    grown = [delta(tool_calls=[{"index": 0, "function": {"arguments": piece}}]) for piece in PIECES]
    return [delta(tool_calls=[named]), *grown, delta("tool_calls") + DONE]


def messages_call() -> list[bytes]:
    """A call in the pieces of Anthropic's Messages."""
    block = {"type": "tool_use", "id": "c1", "name": "write_file", "input": {}}
    grown = [{"type": "input_json_delta", "partial_json": piece} for piece in PIECES]
    ended = [{"type": "message_delta", "delta": {"stop_reason": "tool_use"}}, {"type": "message_stop"}]
    return [
        event({"type": "content_block_start", "index": 0, "content_block": block}),
        *(event({"type": "content_block_delta", "index": 0, "delta": one}) for one in grown),
        b"".join(map(event, ended)),
    ]


def responses_call(*, done: bool = True) -> list[bytes]:
    """A call in the pieces of Responses; not `done`: its item is told only at the end."""
    item = {"type": "function_call", "call_id": "c1", "name": "write_file", "arguments": "".join(PIECES)}
    grown = [
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": piece}
        for piece in PIECES
        if done
    ]
    return [
        event({"type": "response.output_item.added", "output_index": 0, "item": {**item, "arguments": ""}}),
        *map(event, grown),
        event({"type": "response.output_item.done", "output_index": 0, "item": item}),
        event({"type": "response.completed", "response": {"status": "completed", "output": [item]}}),
    ]


def ollama_call() -> list[bytes]:
    """Ollama tells a call in one piece."""
    call = {"function": {"name": "write_file", "arguments": json.loads("".join(PIECES))}}
    lines = [{"message": {"content": "", "tool_calls": [call]}}, *[{"message": {"content": ""}}] * 2, {"done": True}]
    return [json.dumps(line).encode() + b"\n" for line in lines]


CALLS = {"vllm": chat_call(), "anthropic": messages_call(), "xai": responses_call(), "ollama": ollama_call()}


@pytest.mark.parametrize("provider", CALLS)
def test_an_answer_has_begun_with_the_first_piece_of_a_call(ask: Ask, a_request: Request, provider: str) -> None:
    """A long one takes the time of an answer that makes progress, not of one that has not begun."""
    slow = [part for piece in CALLS[provider] for part in (piece, Step.PAUSE)]
    asked = ask(*slow, provider=provider, request=replace(a_request, deadline=Deadline(0.3, idle=5, most=10)))
    (call,) = asked.reply.calls
    assert call.arguments == {"path": "a.py", "text": "Hello"}
    assert asked.deltas == []


@pytest.mark.parametrize(
    "pieces",
    [*CALLS.items(), ("xai", responses_call(done=False))],
    ids=["chat", "messages", "responses", "ollama", "no deltas"],
)
def test_a_call_is_heard_once_with_its_name_and_arguments(ask: Ask, pieces: tuple[str, list[bytes]]) -> None:
    """As it is counted when nobody else counts; in pieces or in one."""
    provider, sent = pieces
    asked = ask(*sent, provider=provider)
    name, arguments = "write_file", "".join(PIECES)
    assert "".join(asked.calls).replace("'", '"') == name + arguments


DETAILS = {"cached_tokens": 20, "cache_write_tokens": 5}
CHAT_USAGE = {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": DETAILS}
RESPONSES_USAGE = {"input_tokens": 10, "output_tokens": 1, "input_tokens_details": DETAILS}
ODDLY = {
    "vllm": {"choices": [{"message": {"content": "Hi"}}], "usage": CHAT_USAGE},
    "xai": {"output": [{"type": "message", "content": [{"text": "Hi"}]}], "usage": RESPONSES_USAGE},
}


@pytest.mark.parametrize("provider", ODDLY)
def test_of_the_cache_are_never_more_tokens_than_were_read(ask: Ask, provider: str) -> None:
    """Whatever a server counts: prices are of parts of the input."""
    answer = ODDLY[provider] | {"status": "completed"}
    usage = ask(json.dumps(answer).encode(), provider=provider).reply.usage
    assert (usage.input, usage.cached, usage.written) == (10, 10, 0)
