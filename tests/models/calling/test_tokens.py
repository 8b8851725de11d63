"""How many tokens a request has: a guess that every answer puts right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.models.calling.tokens import KEPT, Gauge, estimate
from runner.models.port import Message

if TYPE_CHECKING:
    from runner.models.port import Request, ToolDef


def test_all_that_a_request_says_is_counted(a_request: Request, a_tool: ToolDef) -> None:
    """Messages, tools, and the schema of the answer."""
    more = estimate(replace(a_request, messages=[*a_request.messages, Message("user", "x" * 400)]))
    assert more == estimate(a_request) + 104
    assert estimate(replace(a_request, tools=[a_tool])) > estimate(a_request)
    assert estimate(replace(a_request, schema={"type": "object"})) > estimate(a_request)


def test_counts_of_a_server_put_the_estimate_right() -> None:
    """The middle of its last answers, so that a strange one moves nothing."""
    gauge = Gauge()
    assert gauge.tokens(1000) == 1000
    for counted in (1500, 1500, 3900):
        gauge.learn(1000, counted)
    assert gauge.tokens(1000) == 1500
    assert gauge.characters(1500) == 4000
    for _ in range(KEPT):
        gauge.learn(1000, 800)
    assert gauge.tokens(1000) == 800


def test_counts_that_cannot_be_are_passed_over() -> None:
    """None at all, those of a few words, and what a cache left over."""
    gauge = Gauge()
    for estimated, counted in ((1000, 0), (10, 30), (1000, 20), (1000, 9000)):
        gauge.learn(estimated, counted)
    assert gauge.tokens(1000) == 1000


def test_a_context_that_a_refusal_names_is_believed_where_it_can_be() -> None:
    """A number far above what was sent is about something else."""
    gauge = Gauge()
    gauge.refused(9000, 1_000_000)
    gauge.refused(9000, None)
    assert gauge.told is None
    gauge.refused(9000, 8192)
    assert gauge.told == 8192
