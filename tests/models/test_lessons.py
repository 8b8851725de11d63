"""What a server teaches by refusing is put right at once, and remembered as long as the model is open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ModelFailed
from runner.models import ServedModel, open_model
from runner.models.port import Deadline, Message, Sampling
from tests.models.badserver import DONE, BadServer, Script, Step, delta
from tests.models.recorded import recorded

if TYPE_CHECKING:
    from runner.models.port import Request

GOOD = Script([delta(content="Hi"), delta("stop"), DONE])
ENTRY = {"provider": "lmstudio", "model": "tiny"}


def refusal(name: str) -> Script:
    """A recorded refusal."""
    return Script([recorded("openai_chat", name)], status="400 Bad Request", kind="application/json")


def sent(request: Request, *scripts: Script, times: int = 1, **entry: Any) -> list[dict[str, Any]]:
    """All bodies that a server got when a question was asked so many times, one after the other."""

    async def scenario() -> list[dict[str, Any]]:
        async with BadServer(*scripts) as server:
            spec = ServedModel.model_validate({**ENTRY, "base_url": server.url, **entry})
            model = open_model("lab", spec, key=None, replies=None)
            try:
                for _ in range(times):
                    assert (await model.reply(request, lambda *_: None)).text == "Hi"
            finally:
                await model.close()
            return server.bodies

    return asyncio.run(scenario())


def test_usage_that_may_not_be_asked_for_is_asked_for_once(a_request: Request) -> None:
    """The second request leaves it out, and so do all further ones."""
    bodies = sent(a_request, refusal("stream_options.json"), GOOD, times=2)
    assert ["stream_options" in body for body in bodies] == [True, False, False]


def test_the_name_of_a_bound_is_learned_in_both_directions(a_request: Request) -> None:
    """Whichever of the two a server does not know."""
    request = replace(a_request, sampling=Sampling(max_tokens=9))
    bodies = sent(request, refusal("max_tokens.json"), GOOD, times=2)
    assert [body.get("max_completion_tokens") for body in bodies] == [None, 9, 9]
    bodies = sent(request, refusal("max_tokens.json"), GOOD, profile={"max_completion_tokens": True})
    assert [body.get("max_tokens") for body in bodies] == [None, 9]


def test_two_system_messages_become_one(a_request: Request) -> None:
    """For a server that takes no second."""
    request = replace(a_request, messages=[*a_request.messages, Message("system", "Be short.")])
    bodies = sent(request, refusal("two_systems.json"), GOOD)
    assert [len(body["messages"]) for body in bodies] == [3, 2]


def test_a_tool_that_cannot_be_forced_is_offered(a_request: Request) -> None:
    """The prompt asks for it as well."""
    request = replace(a_request, schema={"type": "object"}, shape="tool")
    bodies = sent(request, refusal("tool_choice.json"), GOOD)
    assert ["tool_choice" in body for body in bodies] == [True, False]


def test_several_lessons_are_learned_one_after_the_other(a_request: Request) -> None:
    """Each costs one request."""
    request = replace(a_request, sampling=Sampling(max_tokens=9))
    bodies = sent(request, refusal("max_tokens.json"), refusal("stream_options.json"), GOOD, times=2)
    assert len(bodies) == 4
    assert ("stream_options" in bodies[-1], bodies[-1]["max_completion_tokens"]) == (False, 9)


@pytest.mark.parametrize("name", ["stream_options.json", "temperature.json"])
def test_a_refusal_that_teaches_nothing_more_is_a_failure(a_request: Request, name: str) -> None:
    """Said again after it was learned, or of what the files ask for."""
    with pytest.raises(ModelFailed) as caught:
        sent(a_request, refusal(name), refusal(name), GOOD)
    assert caught.value.trouble == "refused"


def test_two_calls_may_learn_the_same_at_once(a_request: Request) -> None:
    """Both are asked again."""

    async def scenario() -> list[str]:
        async with BadServer(refusal("stream_options.json"), refusal("stream_options.json"), GOOD) as server:
            spec = ServedModel.model_validate({**ENTRY, "base_url": server.url})
            model = open_model("lab", spec, key=None, replies=None)
            replies = await asyncio.gather(*(model.reply(a_request, lambda *_: None) for _ in range(2)))
            await model.close()
            return [reply.text for reply in replies]

    assert asyncio.run(scenario()) == ["Hi", "Hi"]


def test_the_second_request_has_the_time_that_is_left(a_request: Request) -> None:
    """Both together are one attempt."""
    slow = replace(refusal("stream_options.json"), pieces=[Step.PAUSE, recorded("openai_chat", "stream_options.json")])
    with pytest.raises(ModelFailed) as caught:
        sent(replace(a_request, deadline=Deadline(0.25)), slow, Script([Step.STALL]))
    assert caught.value.match == "timeout"
