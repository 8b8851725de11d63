"""How long a server asks to wait, and how much is left of what it allows."""

from __future__ import annotations

import asyncio

import pytest

from runner.models import ServedModel, open_model
from runner.models.port import Request
from runner.models.waits import pause_of, wait_of
from tests.models.badserver import BadServer, Script

NOW = 1_700_000_000.0
WORDS = ("remaining", "limit", "reset")


@pytest.mark.parametrize(
    "headers,seconds",
    [
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:30 GMT"}, 10.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:10 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({}, None),
    ],
)
def test_a_server_asks_to_wait_in_many_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds, seconds with a fraction, a date."""
    assert wait_of(headers, now=lambda: NOW) == seconds


@pytest.mark.parametrize(
    "left,reset,pause",
    [
        ("10", "6s", 0.0),
        ("5", "6s", 3.0),
        ("0", "6s", 6.0),
        ("0", "0m30.5s", 30.5),
        ("0", "120ms", 0.12),
        ("0", "7", 7.0),
        ("0", str(int(NOW) + 5), 5.0),
        ("0", str((int(NOW) + 5) * 1000), 5.0),
        ("0", "2023-11-14T22:13:25Z", 5.0),
        ("0", "2023-11-14T22:13:10Z", 0.0),
        ("0", "2h59m", 0.0),
        ("0", "tomorrow", 0.0),
        ("many", "6s", 0.0),
    ],
)
def test_little_that_is_left_slows_down(left: str, reset: str, pause: float) -> None:
    """Below a tenth of a limit the pause grows up to its end; the limit of a day is not waited for."""
    for style in ("x-ratelimit-{}-requests", "anthropic-ratelimit-tokens-{}", "x-ratelimit-{}"):
        said = {style.format("remaining"): left, style.format("limit"): "100", style.format("reset"): reset}
        assert pause_of(said, now=lambda: NOW) == pytest.approx(pause)


def test_a_limit_of_next_to_nothing_is_one() -> None:
    """A tenth of the smallest number is none to divide by."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-limit": "5e-324", "x-ratelimit-reset": "5"}
    assert pause_of(headers) == 0.0


def test_the_scarcest_of_several_limits_counts() -> None:
    """Requests and tokens are limited apart; one that is told in part says nothing."""
    requests = {f"x-ratelimit-{word}-requests": text for word, text in zip(WORDS, ("5", "100", "6s"), strict=True)}
    tokens = {f"x-ratelimit-{word}-tokens": text for word, text in zip(WORDS, ("0", "9000", "4s"), strict=True)}
    assert pause_of({**requests, **tokens}) == 4.0
    assert pause_of({"x-ratelimit-remaining-requests": "0", "x-ratelimit-limit-requests": "100"}) == 0.0


def test_a_good_answer_with_little_left_holds_the_next_call_back(a_request: Request) -> None:
    """Before the server has to refuse it."""
    head = "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-limit-requests: 60\r\nx-ratelimit-reset-requests: 2s\r\n"
    body = (
        b'data: {"choices": [{"index": 0, "delta": {"content": "Hi."}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    )
    held: list[float] = []

    async def scenario() -> None:
        async with BadServer(Script([body], headers=head)) as server:
            spec = ServedModel(provider="vllm", model="tiny", base_url=server.url)
            model = open_model("lab", spec, key=None, replies=None, hold=held.append)
            await model.reply(a_request, lambda *_: None)
            await model.close()

    asyncio.run(scenario())
    assert held == [2.0]
