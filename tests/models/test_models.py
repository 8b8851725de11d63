"""The table of providers, and what an entry of `models:` may say."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from runner.models import PROVIDERS, ModelSpec, ServedModel, needs_key

ENTRY: TypeAdapter[Any] = TypeAdapter(ModelSpec)


def problem(entry: dict[str, Any]) -> tuple[tuple[str | int, ...], str]:
    """Where and what the only fault of an entry is."""
    with pytest.raises(ValidationError) as failed:
        ENTRY.validate_python(entry)
    (error,) = failed.value.errors()
    return error["loc"], error["msg"]


def test_every_row_of_the_table_can_be_named() -> None:
    """And nothing else can."""
    assert set(get_args(ServedModel.model_fields["provider"].annotation)) == set(PROVIDERS)


def test_every_row_is_an_address() -> None:
    """That an entry could have written itself."""
    for name, provider in PROVIDERS.items():
        assert ENTRY.validate_python({"provider": name, "model": "m", "base_url": provider.base_url})


def test_an_unknown_provider_is_told_the_known_ones() -> None:
    """All of them."""
    _, message = problem({"provider": "opnai", "model": "m"})
    assert all(f"'{name}'" in message for name in [*PROVIDERS, "scripted", "opnai"])


@pytest.mark.parametrize(
    "more,field",
    [
        ({"contxt": 8192}, "contxt"),
        ({"replies": "x"}, "replies"),
        ({"key": ""}, "key"),
    ],
)
def test_a_key_that_an_entry_does_not_have_is_refused(more: dict[str, Any], field: str) -> None:
    """Nothing is silently ignored."""
    assert problem({"provider": "ollama", "model": "m", **more})[0] == ("ollama", field)


@pytest.mark.parametrize(
    "url,words",
    [
        ("127.0.0.1:8080", "is no address; write it like http://127.0.0.1:8080/v1"),
        ("http:///v1", "is no address"),
        ("http://h:port/v1", "Port could not be cast"),
        ("https://me:word@h/v1", "no user or password"),
        ("http://h/v1/chat/completions", "more than the base"),
        ("http://h/v1?x=1", "more than the base"),
    ],
)
def test_an_address_is_checked_as_it_is_read(url: str, words: str) -> None:
    """Not at the first request."""
    place, message = problem({"provider": "vllm", "model": "m", "base_url": url})
    assert place == ("vllm", "base_url")
    assert words in message


@pytest.mark.parametrize(
    "entry,variable",
    [
        ({"provider": "openai", "model": "m"}, "OPENAI_API_KEY"),
        ({"provider": "openai", "model": "m", "key": "none"}, None),
        ({"provider": "openai", "model": "m", "base_url": "https://API.openai.com/v1/"}, "OPENAI_API_KEY"),
        ({"provider": "openai", "model": "m", "base_url": "https://eu.api.openai.com/v1"}, "OPENAI_API_KEY"),
        ({"provider": "openai", "model": "m", "base_url": "http://api.openai.com/v1"}, None),
        ({"provider": "openai", "model": "m", "base_url": "https://api.openai.com.example.com/v1"}, None),
        ({"provider": "openai", "model": "m", "base_url": "https://myapi.openai.com/v1"}, None),
        ({"provider": "openai", "model": "m", "base_url": "https://example.com\\.api.openai.com/v1"}, None),
        ({"provider": "openai", "model": "m", "base_url": "http://127.0.0.1:8080/v1"}, None),
        ({"provider": "openai", "model": "m", "base_url": "http://h/v1", "key": "${OPENAI_API_KEY}"}, "OPENAI_API_KEY"),
        ({"provider": "openai", "model": "m", "key": "${LAB_KEY}"}, "LAB_KEY"),
        ({"provider": "ollama", "model": "m"}, None),
        ({"provider": "ollama", "model": "m", "key": "${LAB_KEY}"}, "LAB_KEY"),
        ({"provider": "vllm", "model": "m", "key": "EMPTY"}, None),
        ({"provider": "scripted", "replies": "r.yaml"}, None),
    ],
)
def test_the_variable_that_must_be_set_is_known_before_opening(entry: dict[str, Any], variable: str | None) -> None:
    """None where no key is sent: a provider's own goes to that provider alone, where nobody can read along."""
    assert needs_key(ENTRY.validate_python(entry)) == variable


def test_reading_the_table_imports_nothing_heavy() -> None:
    """`check` must stay fast."""
    heavy = "{'httpx', 'aiohttp', 'yaml', 'json_repair'}"
    code = f"import sys, runner.models; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
