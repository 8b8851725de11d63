"""What a refusal of a server means, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from runner.errors import ModelFailed
from runner.models.port import Deadline
from tests.models.badserver import Step

if TYPE_CHECKING:
    from runner.models.port import Request
    from tests.models.conftest import Ask

LATER = "try again later, or name a `fallback` of models.lab in runner.yaml"


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_wait_that_nobody_waits_is_told(ask: Ask, status: str) -> None:
    """Else it would seem that the server was not asked again for no reason."""
    with pytest.raises(ModelFailed) as refused:
        ask(b"{}", status=status, headers="retry-after: 3600\r\n")
    why = "; it asks to wait 1h (Retry-After), longer than the 1m that a call waits"
    assert refused.value.message.endswith(f"/v1 says HTTP {status}{why}")
    assert refused.value.hint.endswith(LATER)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable"])
def test_a_fault_of_the_server_s_own_is_led_to_its_log(ask: Ask, status: str) -> None:
    """Nothing else says more."""
    with pytest.raises(ModelFailed) as refused:
        ask(b"{}", status=status)
    assert refused.value.hint == f"the server's own log may say why; {LATER}"


def test_an_answer_that_takes_too_long_names_its_server(ask: Ask, a_request: Request) -> None:
    """Of a model and its fallbacks nobody would know which is slow."""
    with pytest.raises(ModelFailed, match=r"^model lab: http://127\.0\.0\.1:\d+/v1: no answer began within 50ms$"):
        ask(Step.STALL, request=replace(a_request, deadline=Deadline(0.05)))


def test_a_wait_that_is_waited_is_not_told(ask: Ask) -> None:
    """It is over by the time that anybody reads it."""
    with pytest.raises(ModelFailed) as refused:
        ask(b"{}", status="429 Too Many Requests", headers="retry-after: 60\r\n")
    assert refused.value.message.endswith("/v1 says HTTP 429 Too Many Requests")
    assert (refused.value.wait, refused.value.hint) == (60.0, LATER)
