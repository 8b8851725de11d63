"""How a model stands right now, asked of a server on loopback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli.standing import online, outcomes, spoken_to
from runner.models import ServedModel
from runner.models.probing import Listings
from runner.project.load import load
from runner.project.sources import Disk
from runner.runs.store import Store
from tests.cli.modelserver import ModelServer


@pytest.fixture
def standing(project: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """What is said of a model that is described so."""

    def ask(entry: str) -> dict[str, Any]:
        root = project({"runner.yaml": f"models:\n  default: {entry}\n"})
        loaded = load(Disk(root), root)
        assert loaded.project is not None, loaded.problems
        return online(loaded.project, "default", Listings())

    return ask


def test_a_server_says_whether_it_has_the_model_and_its_context(standing: Callable[..., dict[str, Any]]) -> None:
    """Where its list tells the context: its own number, whatever the files say of it."""
    with ModelServer() as server:
        server.more["/v1/models"] = {"data": [{"id": "tiny", "max_model_len": 4096}, {"id": "large"}]}
        entry = f'{{provider: vllm, model: tiny, base_url: "{server.url}"'
        assert standing(f"{entry}}}") == {"reachable": True, "has": True, "context": 4096, "says": "", "hint": ""}
        assert standing(f"{entry}, context: 99999}}")["context"] == 4096
        assert standing(f'{{provider: vllm, model: other, base_url: "{server.url}"}}')["has"] is False


@pytest.mark.parametrize(
    "row,context",
    [
        ({"context_length": 131072, "top_provider": {"context_length": 8}}, 131072),
        ({"context_window": 8192}, 8192),
        ({"max_context_length": 32768}, 32768),
        ({"max_input_tokens": 200000}, 200000),
        ({"meta": {"n_ctx_train": 40960}}, 40960),
        ({"max_context_length": 32768, "loaded_context_length": 4096}, 4096),
        ({"meta": None, "context_length": "many"}, None),
    ],
)
def test_every_server_has_its_own_name_for_the_context(
    standing: Callable[..., dict[str, Any]], row: dict[str, Any], context: int | None
) -> None:
    """What is loaded goes before what could be."""
    with ModelServer() as server:
        server.more["/v1/models"] = {"data": [{"id": "tiny", **row}]}
        said = standing(f'{{provider: openrouter, key: none, model: tiny, base_url: "{server.url}"}}')
    assert (said["has"], said["context"]) == (True, context)


def test_lm_studio_is_asked_for_its_own_list(standing: Callable[..., dict[str, Any]]) -> None:
    """Which alone tells how a model is loaded; an older one gives the names."""
    with ModelServer() as server:
        entry = f'{{provider: lmstudio, model: tiny, base_url: "{server.url}"}}'
        assert (standing(entry)["has"], standing(entry)["context"]) == (True, None)
        server.more["/api/v0/models"] = {"data": [{"id": "tiny", "loaded_context_length": 4096}]}
        assert standing(entry)["context"] == 4096


def test_ollama_is_asked_how_the_model_is_loaded(standing: Callable[..., dict[str, Any]]) -> None:
    """Also where its address is without `/v1`."""
    with ModelServer() as server:
        server.more["/api/show"] = {"model_info": {"qwen3.context_length": 40960}}
        server.more["/api/ps"] = {"models": [{"name": "tiny", "context_length": 4096}]}
        for url in (server.url, server.url.removesuffix("/v1")):
            said = standing(f'{{provider: ollama, model: tiny, base_url: "{url}"}}')
            assert (said["has"], said["context"]) == (True, 4096)


def test_a_server_that_is_not_there_or_refuses_says_so(
    standing: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own words; a key that is missing is not asked with."""
    with ModelServer(key="right") as server:
        entry = f'{{provider: vllm, model: tiny, base_url: "{server.url}"'
        said = standing(f"{entry}}}")
        wanted = "no key was sent, and one is wanted: HTTP 401: Incorrect API key provided"
        assert (said["reachable"], said["has"], said["says"]) == (True, None, wanted)
        assert said["hint"] == '`key: "${NAME}"` of models.default in runner.yaml sends one'
        monkeypatch.setenv("RUNNER_TEST_WRONG", "sesame-open-up")
        said = standing(f'{entry}, key: "${{RUNNER_TEST_WRONG}}"}}')
        place = "RUNNER_TEST_WRONG of the environment"
        assert said["says"] == f"the key is refused ({place}): HTTP 401: Incorrect API key provided"
        assert said["hint"] == f"write a key that this server takes into {place}"
        said = standing(f'{entry}, key: "${{RUNNER_TEST_NOT_SET}}"}}')
        missing = "not asked: RUNNER_TEST_NOT_SET is not set (looked in the environment, .env and .runner/secrets)"
        assert (said["reachable"], said["says"]) == (None, missing)
    gone = standing(f"{entry}}}")
    assert (gone["reachable"], gone["says"]) == (False, "no answer: connection refused")


def test_a_scripted_model_is_always_there(standing: Callable[..., dict[str, Any]]) -> None:
    """It needs no server."""
    assert standing("{provider: scripted, replies: replies.yaml}")["has"] is True


def test_how_a_model_is_spoken_to_is_told() -> None:
    """With the flags that its format goes by, and a note on an address that is put right."""
    said = {"provider": "ollama", "model": "tiny", "base_url": "http://127.0.0.1:1/v1"}
    told = spoken_to(ServedModel.model_validate(said))
    assert (told["wire"], told["profile"]) == ("ollama", {"thinking_back": "with_calls"})
    assert told["notes"] == ["base_url ends in /v1, which is left out: Ollama's own format is spoken"]
    assert "notes" not in spoken_to(ServedModel.model_validate({**said, "base_url": "http://127.0.0.1:1"}))


def test_attempts_are_counted_by_what_became_of_them(cli: Callable[..., Any], project: Callable[..., Path]) -> None:
    """Of each model that was ever asked."""
    root = project({"agents.d/a.yaml": "description: A.\nprompt: P.\n"})
    assert cli("-C", root, "run", "a", "Hello").code == 0
    store = Store.open(root / ".runner")
    try:
        assert outcomes(store) == {"default": {"answered": 1}}
    finally:
        store.close()
