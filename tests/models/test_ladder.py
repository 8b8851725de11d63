"""A server that refuses one way of holding an answer to a schema is asked by the next, and remembered."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.port import ToolDef
from tests.models.badserver import DONE, BadServer, Script, delta

if TYPE_CHECKING:
    from runner.models.port import Request

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
GOOD = Script([delta(content='{"n": 1}'), delta("stop"), DONE])
TOOL = ToolDef("look", "Looks.", {"type": "object", "properties": {}})


def refusal(words: str, status: str = "400 Bad Request") -> Script:
    """A server says no, in these words."""
    body = json.dumps({"error": {"message": words}}).encode()
    return Script([body], status=status, kind="application/json")


def ways(bodies: list[dict[str, Any]]) -> list[str]:
    """How each request holds its answer to the schema."""
    found = []
    for body in bodies:
        kind = body.get("response_format", {}).get("type")
        tools = [tool["function"]["name"] for tool in body.get("tools", ())]
        found.append(
            {"json_schema": "native", "json_object": "json"}.get(kind, "tool" if "answer" in tools else "prompt")
        )
    return found


def sent(*asked: tuple[Request, list[Script]], **entry: Any) -> list[str]:
    """How a server was asked by requests that it answers so, one after the other."""

    async def scenario() -> list[str]:
        scripts = [script for _, scripts in asked for script in scripts]
        async with BadServer(*scripts) as server:
            fields = {"provider": "vllm", "model": "tiny", "base_url": server.url, **entry}
            model = open_model("lab", ServedModel.model_validate(fields), key=None, replies=None)
            try:
                for request, _ in asked:
                    await model.reply(request, lambda *_: None)
            finally:
                await model.close()
            return ways(server.bodies)

    return asyncio.run(scenario())


def test_a_refused_way_leads_to_the_next_one_and_what_was_taken_is_kept(a_request: Request) -> None:
    """Three refusals, each in other words, and the fourth way; the second request begins with it."""
    shaped = replace(a_request, schema=SCHEMA)
    refusals = [
        refusal("response_format json_schema is not supported"),
        refusal("this model does not support tools"),
        refusal("json_object: unknown response_format", "422 Unprocessable Entity"),
    ]
    assert sent((shaped, [*refusals, GOOD]), (shaped, [GOOD])) == ["native", "tool", "json", "prompt", "prompt"]


def test_what_is_taken_beside_tools_is_remembered_apart(a_request: Request) -> None:
    """A server that takes a schema and tools, and not both, still gets the schema where there are no tools."""
    shaped, flags = replace(a_request, schema=SCHEMA), {"shape_with_tools": True, "shape": "json"}
    beside = replace(shaped, tools=[TOOL])
    refused = refusal("json mode cannot be combined with tool calling")
    assert sent((beside, [refused, GOOD]), (beside, [GOOD]), (shaped, [GOOD]), profile=flags) == [
        "json",
        "prompt",
        "prompt",
        "json",
    ]


def test_a_router_that_finds_nobody_who_can_is_asked_by_the_next_way(a_request: Request) -> None:
    """It says 404, which else means that there is no such model."""
    refused = refusal("No endpoints found that support structured outputs", "404 Not Found")
    assert sent((replace(a_request, schema=SCHEMA), [refused, GOOD])) == ["native", "tool"]


@pytest.mark.parametrize("words", ["`temperature` is not supported with this model", "model `tiny` does not exist"])
def test_a_refusal_of_something_else_is_told_at_once(a_request: Request, words: str) -> None:
    """Another way would be refused as well."""
    with pytest.raises(ModelFailed, match=words.rsplit(maxsplit=1)[-1]):
        sent((replace(a_request, schema=SCHEMA), [refusal(words)]))


def test_when_no_way_is_taken_the_last_refusal_is_told_and_nothing_is_learned(a_request: Request) -> None:
    """The next request begins at the top again: the server may have been in a bad hour."""
    shaped, refused = replace(a_request, schema=SCHEMA), refusal("no such format")

    async def scenario() -> list[str]:
        async with BadServer(refused) as server:
            spec = ServedModel(provider="vllm", model="tiny", base_url=server.url)
            model = open_model("lab", spec, key=None, replies=None)
            for _ in range(2):
                with pytest.raises(ModelFailed, match="no such format"):
                    await model.reply(shaped, lambda *_: None)
            await model.close()
            return ways(server.bodies)

    assert asyncio.run(scenario()) == ["native", "tool", "json", "prompt"] * 2


def test_a_request_without_a_schema_takes_no_steps(a_request: Request) -> None:
    """There is no way to weaken."""
    with pytest.raises(ModelFailed):
        sent((a_request, [refusal("response_format is unknown")]))
