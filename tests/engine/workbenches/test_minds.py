"""What is known of the models of the files together: who shares a server, and how many calls it takes at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine.workbenches.minds import Minds
from runner.errors import ModelFailed
from runner.models import ScriptedModel, ServedModel, open_model

if TYPE_CHECKING:
    from runner.models.calling import Mind

LAB = "http://127.0.0.1:9/v1"


def of(minds: Minds, **said: dict[str, Any]) -> dict[str, Mind]:
    """Models of one server, opened; none is asked."""
    models = specs(said)
    opened = {name: open_model(name, spec, key="a-key", replies=None) for name, spec in models.items()}
    return minds.of(models, opened, learns=False)


def specs(said: dict[str, dict[str, Any]]) -> dict[str, ServedModel | ScriptedModel]:
    """The models as the files say."""
    usual = {"provider": "vllm", "base_url": LAB}
    return {name: ServedModel.model_validate({**usual, "model": name, **more}) for name, more in said.items()}


@pytest.fixture
def minds() -> Minds:
    """Nothing is known of any model; the clock stands still."""
    return Minds(lambda _served: [], lambda: 100.0)


@pytest.mark.parametrize("said", [[1, None], [None, 1], [4, 1, None], [1, 4]])
def test_models_of_one_server_share_the_least_number_of_places(minds: Minds, said: list[int | None]) -> None:
    """Whoever says nothing, or more, takes none of it back."""
    models = of(minds, **{f"m{n}": {"concurrency": most} for n, most in enumerate(said)})
    (endpoint,) = {id(mind.endpoint): mind.endpoint for mind in models.values()}.values()
    assert endpoint.most == 1
    assert isinstance(endpoint.slots, asyncio.Semaphore)


def test_files_that_say_no_number_any_more_have_none(minds: Minds) -> None:
    """The server stays the same one."""
    before = of(minds, a={"concurrency": 1})["a"].endpoint
    after = of(minds, a={})["a"].endpoint
    assert after is before
    assert (after.most, after.slots) == (None, None)


def test_a_limit_is_one_models_and_one_keys(minds: Minds) -> None:
    """Also after a reload; the server's row tells of the longest."""
    keys = {"a": {"key": "${A_KEY}"}, "b": {"key": "${B_KEY}"}, "other": {"key": "${A_KEY}", "model": "other"}}
    said = {name: {"model": "x", **more} for name, more in keys.items()}
    of(minds, **said)["a"].failed(ModelFailed("429", trouble="limited", wait=30.0))
    waits = {name: mind.wait()[0] for name, mind in of(minds, **said).items()}
    assert waits == {"a": 30.0, "b": 0.0, "other": 0.0}
    (row,) = minds.report(specs(said))
    assert (row["models"], row["held"], row["breaker"]["state"]) == (["a", "b", "other"], 30.0, "closed")


def test_what_a_busy_server_asks_for_holds_all_of_its_models(minds: Minds) -> None:
    """It is the server that has too much to do."""
    models = of(minds, a={}, b={})
    models["a"].failed(ModelFailed("503", trouble="overloaded", wait=30.0))
    assert models["b"].wait() == (30.0, "it asked to be left alone")
