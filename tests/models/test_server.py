"""What a refusal of a server means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.errors import ModelFailed

if TYPE_CHECKING:
    from tests.models.conftest import Ask

LATER = "try again later, or name a `fallback` of models.lab in runner.yaml"


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_wait_that_nobody_waits_is_told(ask: Ask, status: str) -> None:
    """Else it would seem that the server was not asked again for no reason."""
    with pytest.raises(ModelFailed) as refused:
        ask(b"{}", status=status, headers="retry-after: 3600\r\n")
    why = "; it asks to wait 1h (Retry-After), longer than the 1m that a call waits"
    assert refused.value.message.endswith(f"/v1 says HTTP {status}{why}")
    assert refused.value.hint == LATER


def test_a_wait_that_is_waited_is_not_told(ask: Ask) -> None:
    """It is over by the time that anybody reads it."""
    with pytest.raises(ModelFailed) as refused:
        ask(b"{}", status="429 Too Many Requests", headers="retry-after: 60\r\n")
    assert refused.value.message.endswith("/v1 says HTTP 429 Too Many Requests")
    assert (refused.value.wait, refused.value.hint) == (60.0, LATER)
