"""A server that wants to be left alone: for as long as it says, within reason."""

from __future__ import annotations

from runner.errors import ModelFailed
from runner.models.calling.endpoints import LONGEST, Endpoint


def test_nobody_is_left_alone_for_years() -> None:
    """An hour is the most: then it may say so again."""
    endpoint = Endpoint("http://lab", lambda: 100.0)
    endpoint.failed(ModelFailed("no", trouble="overloaded", wait=30.0))
    assert endpoint.wait() == (30.0, "it asked to be left alone")
    endpoint.failed(ModelFailed("no", trouble="overloaded", wait=1e20))
    assert endpoint.wait()[0] == LONGEST
