"""`runner models`: who serves them, and whether their keys are here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
    }
