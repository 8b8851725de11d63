"""From an entry of `models:` to its wire format, its address and the flags that hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from runner.models import ModelSpec, Wire, address_of, flags_of, wire_of
from runner.models.profile import Profile
from runner.models.providers import FLAGS, PROVIDERS, is_own

ENTRY: TypeAdapter[Any] = TypeAdapter(ModelSpec)


def entry(**said: Any) -> Any:
    """An entry, of vLLM unless it says otherwise."""
    return ENTRY.validate_python({"provider": "vllm", "model": "tiny", **said})


def test_every_wire_format_has_its_flags() -> None:
    """And each of them is a flag; one format goes by all."""
    assert set(FLAGS) == set(get_args(Wire))
    assert frozenset.union(*FLAGS.values()) == set(Profile.model_fields)


@pytest.mark.parametrize("name,provider", PROVIDERS.items(), ids=list(PROVIDERS))
def test_a_row_says_nothing_that_its_wire_format_does_not_go_by(name: str, provider: Any) -> None:
    """Unless it is said for another format in which the provider can be spoken to."""
    said = provider.profile.model_fields_set - FLAGS[provider.wire]
    spare = {"anthropic": {"thinking_back"}, "xai": {"cache_key"}, "ollama": {"done_is_finish"}}
    assert said == spare.get(name, set())
    for flags in provider.models.values():
        assert set(flags) <= set(Profile.model_fields)


def test_an_entry_overrides_single_flags() -> None:
    """All others stay its provider's."""
    flags = flags_of(entry(profile={"one_system": True, "thinking_back": "none"}))
    assert (flags.one_system, flags.thinking_back, flags.thinking_field) == (True, "none", "reasoning")


@pytest.mark.parametrize(
    "model,takes", [("gpt-4.1", True), ("o3-mini", False), ("gpt-5.1", False), ("gpt-5-chat-latest", True)]
)
def test_what_is_known_of_a_model_holds_for_it(model: str, *, takes: bool) -> None:
    """Models of OpenAI that reason take no temperature; what the files say goes before."""
    assert flags_of(entry(provider="openai", model=model)).sampling is takes
    assert flags_of(entry(provider="openai", model=model, profile={"sampling": True})).sampling


@pytest.mark.parametrize(
    "said,wire,address",
    [
        ({"provider": "ollama"}, "ollama", "http://127.0.0.1:11434"),
        ({"provider": "ollama", "base_url": "http://pi:11434/v1/"}, "ollama", "http://pi:11434"),
        ({"provider": "ollama", "wire": "openai_chat"}, "openai_chat", "http://127.0.0.1:11434/v1"),
        ({"provider": "ollama", "wire": "openai_chat", "base_url": "http://pi/v1"}, "openai_chat", "http://pi/v1"),
        ({"provider": "openai", "wire": "openai_responses"}, "openai_responses", "https://api.openai.com/v1"),
        ({"provider": "gemini"}, "openai_chat", "https://generativelanguage.googleapis.com/v1beta/openai"),
        ({"wire": "ollama", "base_url": "http://h:1/v1"}, "ollama", "http://h:1"),
    ],
)
def test_an_address_begins_where_the_paths_of_its_format_do(said: dict[str, Any], wire: str, address: str) -> None:
    """Ollama's own is without `/v1`, which may be written all the same."""
    spec = entry(**said)
    assert (wire_of(spec), address_of(spec)) == (wire, address)


@pytest.mark.parametrize("said,seconds", [("30m", 1800.0), ("1h30m", 5400.0), (0, 0.0), (-1, -1.0)])
def test_a_model_stays_loaded_for_a_while_or_not_at_all_or_always(said: object, seconds: float) -> None:
    """As Ollama counts it."""
    assert entry(provider="ollama", keep_alive=said).keep_alive == seconds


@pytest.mark.parametrize(
    "said,words",
    [
        ({"keep_alive": "5m"}, "only Ollama keeps models loaded on demand; openai_chat has no such option"),
        ({"provider": "ollama", "keep_alive": 5}, "5 is no duration"),
        ({"provider": "ollama", "keep_alive": True}, "true is no duration"),
        ({"provider": "xai", "profile": {"strict": True}}, "openai_responses has no flag `strict`"),
        ({"provider": "ollama", "profile": {"forced_tools": False}}, "ollama has no flag `forced_tools`"),
        ({"wire": "ollama", "profile": {"strict": True}}, "ollama has no flag `strict`"),
    ],
)
def test_what_its_wire_format_would_ignore_is_refused(said: dict[str, Any], words: str) -> None:
    """Nothing is silently ignored."""
    with pytest.raises(ValidationError) as failed:
        entry(**said)
    (error,) = failed.value.errors()
    assert words in error["msg"]


def test_a_wrong_provider_or_format_is_told_alone() -> None:
    """What follows from it is not."""
    with pytest.raises(ValidationError) as failed:
        entry(wire="openai_chatt", keep_alive="5m", profile={"strict": True})
    assert [error["loc"] for error in failed.value.errors()] == [("vllm", "wire")]


@pytest.mark.parametrize("name,provider", PROVIDERS.items(), ids=list(PROVIDERS))
def test_a_row_is_told_in_the_documents(name: str, provider: Any) -> None:
    """With its address, its variable, its format and its flags."""
    rows = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8").splitlines()
    (row,) = [row for row in rows if row.startswith(f"| `{name}` | {provider.base_url} |")]
    said = provider.profile.model_dump(exclude_unset=True)
    flags = [f"`{flag}: {str(value).lower() if isinstance(value, bool) else value}`" for flag, value in said.items()]
    key = f"`{provider.key}`" if provider.key else "none"
    cells = [f"`{name}`", provider.base_url, key, f"`{provider.wire}`", ", ".join(flags)]
    assert [cell.strip() for cell in row.strip("|").split("|")] == cells


@pytest.mark.parametrize(
    "provider,url,own",
    [
        ("openai", None, True),
        ("openai", "https://api.openai.com/v1", True),
        ("openai", "https://eu.API.openai.com:443/v1", True),
        ("openai", "http://api.openai.com/v1", False),
        ("openai", "https://notapi.openai.com.example.com/v1", False),
        ("openai", "https://xapi.openai.com/v1", False),
        ("openai", "https://api.openai.com.example.com/v1", False),
        ("anthropic", "https://api.openai.com/v1", False),
        ("vllm", "http://10.0.0.1:8000/v1", False),
    ],
)
def test_the_own_address_is_its_name_or_below_it_and_private(provider: str, url: str, *, own: bool) -> None:
    """Its key, its prices and its context hold there and nowhere else."""
    assert is_own(provider, url) is own
