"""`runner models`: who serves them, and whether their keys are here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
MODELS = """models:
  default: {provider: scripted, replies: replies.yaml}
  cloud: {provider: openrouter, model: some/model, key: "${RUNNER_TEST_CLOUD}"}
  lab: {provider: openai, model: any, base_url: "http://127.0.0.1:8080/v1/", key: none}
"""


@pytest.fixture
def minds(project: Callable[..., Path]) -> Path:
    """A project with a model that needs a key, and two that need none."""
    return project({"runner.yaml": MODELS, "agents.d/a.yaml": "description: A.\nprompt: P.\nmodel: cloud\n"})


def test_models_are_listed_with_their_addresses_and_keys(cli: Cli, minds: Path) -> None:
    """A missing key is named, with the places that were looked in."""
    rows = cli("-C", minds, "models", "ls").out.splitlines()
    assert [row.split()[:2] for row in rows[1:]] == [
        ["default", "scripted"],
        ["cloud", "openrouter"],
        ["lab", "openai"],
    ]
    assert rows[2].endswith("RUNNER_TEST_CLOUD: not set (looked in the environment and .env)")
    assert rows[3].split()[3:] == ["http://127.0.0.1:8080/v1", "none", "needed"]


def test_a_key_is_found_and_never_shown(cli: Cli, minds: Path) -> None:
    """Where it is, and nothing of it."""
    (minds / ".env").write_text("RUNNER_TEST_CLOUD=sesame-open-up\n")
    shown = cli("-C", minds, "models", "show", "cloud").out
    assert "  key          RUNNER_TEST_CLOUD: found in .env\n" in shown
    assert "  agents       a\n" in shown
    data = cli("-C", minds, "--json", "models", "show", "cloud").out
    assert "sesame" not in shown + data
    assert json.loads(data) == {
        "name": "cloud",
        "file": "runner.yaml",
        "line": 3,
        "provider": "openrouter",
        "model": "some/model",
        "key": {"name": "RUNNER_TEST_CLOUD", "found": ".env"},
        "base_url": "https://openrouter.ai/api/v1",
        "agents": ["a"],
        "wire": "openai_chat",
        "profile": {"strict": True, "thinking_back": "kept"},
        "calls": {},
    }


def test_online_tells_whether_the_server_has_the_model_and_its_context(cli: Cli, project: Callable[..., Path]) -> None:
    """One line a model; a server that is gone says so."""
    with ModelServer() as server:
        server.more["/v1/models"] = {"data": [{"id": "tiny", "max_model_len": 4096}]}
        models = f"""models:
  default: {{provider: vllm, model: tiny, base_url: "{server.url}"}}
  other: {{provider: vllm, model: huge, base_url: "{server.url}", context: 100}}
  gone: {{provider: vllm, model: tiny, base_url: "http://127.0.0.1:9/v1"}}
  script: {{provider: scripted, replies: replies.yaml}}
"""
        root = project({"runner.yaml": models})
        rows = cli("-C", root, "models", "ls", "--online").out.splitlines()[1:]
        told = json.loads(cli("-C", root, "--json", "models", "show", "other", "--online").out)["online"]
        shown = cli("-C", root, "models", "show", "default", "--online").out
    assert [" has it" in row for row in rows] == [True, False, False, True]
    assert (" 4096 " in rows[0], " 100 " in rows[1], "no such model" in rows[1], "no answer: " in rows[2]) == (
        True,
    ) * 4
    assert told == {"reachable": True, "has": False, "context": 100, "says": ""}
    assert "  online       has it\n" in shown


def test_how_the_calls_of_a_model_went_is_counted(cli: Cli, project: Callable[..., Path]) -> None:
    """Over all runs."""
    root = project({"agents.d/a.yaml": "description: A.\nprompt: P.\n"})
    assert "  calls        none yet\n" in cli("-C", root, "models", "show", "default").out
    assert cli("-C", root, "run", "a", "Hello").code == 0
    assert "  calls        1 answered\n" in cli("-C", root, "models", "show", "default").out
