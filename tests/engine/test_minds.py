"""What is known of the models of the files together: who shares a server, and how many calls it takes at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine.minds import Minds
from runner.models import ServedModel, open_model

if TYPE_CHECKING:
    from runner.models.calling import Mind

LAB = "http://127.0.0.1:9/v1"


def of(minds: Minds, **said: dict[str, Any]) -> dict[str, Mind]:
    """Models of one server, opened; none is asked."""
    specs = {
        name: ServedModel.model_validate({"provider": "vllm", "model": name, "base_url": LAB, **more})
        for name, more in said.items()
    }
    opened = {name: open_model(name, spec, key=None, replies=None) for name, spec in specs.items()}
    return minds.of(specs, opened, learns=False)


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
