"""What model calls cost, and who says so."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from runner.models import ModelSpec
from runner.models.pricing import Pricing, is_loopback, pricing_of
from runner.runs.events import Usage

LAN = "http://192.168.1.20:8000/v1"


def priced(**said: Any) -> Pricing:
    """The pricing of an entry of `models`."""
    return pricing_of(TypeAdapter(ModelSpec).validate_python({"model": "gpt-5", **said}))


def test_the_price_of_the_files_is_counted_by_kinds_of_tokens() -> None:
    """What comes from the cache and what goes into it is part of the input."""
    pricing = priced(provider="vllm", base_url=LAN, price={"input": 2, "output": 8, "cached": 0.5, "written": 2.5})
    usage = Usage(input=1000, output=100, cached=400, written=200, reasoning=50)
    assert pricing.cost(usage) == 400 * 2 + 400 * 0.5 + 200 * 2.5 + 100 * 8


def test_without_prices_of_their_own_cached_tokens_cost_as_others() -> None:
    """`cached` and `written` may be left out."""
    pricing = priced(provider="vllm", base_url=LAN, price={"input": 2, "output": 8})
    assert pricing.cost(Usage(input=1000, output=0, cached=400, written=200)) == 2000


def test_the_price_of_the_files_stands_above_what_the_server_tells() -> None:
    """Whoever writes a price means it."""
    pricing = priced(provider="openrouter", price={"input": 1, "output": 1})
    assert pricing.cost(Usage(input=10, output=10, cost=3.0)) == 20


def test_what_the_server_tells_stands_above_the_price_list() -> None:
    """It is what is paid."""
    pricing = priced(provider="openrouter", model="google/gemini-2.5-pro")
    assert pricing.cost(Usage(input=10, output=10, cost=0.25)) == 250_000
    assert pricing.cost(Usage(input=1000, output=100)) == 2250


def test_counts_that_the_price_list_refuses_have_no_price() -> None:
    """More from the cache than was read: the answer is there all the same."""
    odd = Usage(input=10, output=10, cached=20)
    assert priced(provider="openai").cost(odd) is None
    assert priced(provider="openai", price={"input": 1, "output": 1, "cached": 1}).cost(odd) == 30


@pytest.mark.parametrize(
    "said",
    [
        {"provider": "ollama"},
        {"provider": "ollama", "base_url": "http://192.168.1.20:11434"},
        {"provider": "llamacpp"},
        {"provider": "openai", "base_url": "http://localhost:8080/v1"},
        {"provider": "openai", "base_url": "http://[::1]:8080/v1"},
    ],
)
def test_what_runs_on_machines_of_ones_own_costs_nothing(said: dict[str, Any]) -> None:
    """Ollama anywhere, and whatever listens on this machine."""
    pricing = priced(**said)
    assert pricing.is_known
    assert pricing.cost(Usage(input=10**6, output=10**6)) == 0


def test_a_scripted_model_costs_nothing_unless_it_has_a_price() -> None:
    """With one, limits of money can be tried offline."""
    adapter = TypeAdapter[Any](ModelSpec)
    said = {"provider": "scripted", "replies": "replies.yaml"}
    usage = Usage(input=10, output=10)
    assert pricing_of(adapter.validate_python(said)).cost(usage) == 0
    assert pricing_of(adapter.validate_python({**said, "price": {"input": 1, "output": 2}})).cost(usage) == 30


def test_a_server_on_this_machine_may_have_a_price() -> None:
    """A proxy of one's own may lead to somebody who is paid."""
    assert priced(provider="llamacpp", price={"input": 1, "output": 1}).cost(Usage(input=5)) == 5


@pytest.mark.parametrize(
    "provider, model",
    [
        ("openai", "gpt-5"),
        ("anthropic", "claude-sonnet-4-5"),
        ("gemini", "gemini-2.5-pro"),
        ("groq", "llama-3.3-70b-versatile"),
        ("mistral", "mistral-large-latest"),
        ("deepseek", "deepseek-chat"),
        ("xai", "grok-4"),
    ],
)
def test_the_price_list_knows_the_models_of_the_large_providers(provider: str, model: str) -> None:
    """By their names there."""
    cost = priced(provider=provider, model=model).cost(Usage(input=1000, output=100))
    assert cost is not None
    assert cost > 0


def test_a_region_of_a_provider_has_its_prices() -> None:
    """It is a name below the provider's own."""
    usage = Usage(input=1000, output=100)
    region = priced(provider="openai", model="gpt-5", base_url="https://eu.api.openai.com/v1")
    assert region.cost(usage) == priced(provider="openai", model="gpt-5").cost(usage)
    assert region.is_known


@pytest.mark.parametrize(
    "said",
    [
        {"provider": "openai", "model": "our-own"},
        {"provider": "openai", "base_url": "https://api.example.com/v1"},
        {"provider": "openai", "base_url": "http://api.openai.com/v1"},
        {"provider": "vllm", "base_url": LAN},
    ],
)
def test_the_price_of_others_is_not_known(said: dict[str, Any]) -> None:
    """A model that the list does not have, and a model of the list that somebody else serves."""
    pricing = priced(**said)
    assert not pricing.is_known
    assert pricing.cost(Usage(input=1000, output=100)) is None


def test_the_most_that_a_call_may_cost_counts_a_prompt_that_goes_into_the_cache() -> None:
    """It is the dearer way where a provider takes more for it."""
    dear = priced(provider="vllm", base_url=LAN, price={"input": 2, "output": 8, "written": 2.5})
    cheap = priced(provider="vllm", base_url=LAN, price={"input": 2, "output": 8, "written": 1})
    assert dear.most(1000, 100) == 2500 + 800
    assert cheap.most(1000, 100) == 2000 + 800


@pytest.mark.parametrize(
    "url, is_it",
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://127.8.0.1/v1", True),
        ("http://api.localhost/v1", True),
        ("http://10.0.0.1/v1", False),
        ("https://localhost.example.com/v1", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, is_it: bool) -> None:
    """By its address, or the names that always mean it."""
    assert is_loopback(url) is is_it
