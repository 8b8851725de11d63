"""A conversation that was shortened, as `runs show`, `why` and `logs` tell it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
TOOL = """
description: Own.
tools:
  look: {description: Looks., command: ["true"], params: {at: str}, risk: read}
"""
SUMMED = "Looked three times."


def answer(body: dict[str, Any]) -> Any:
    """Five long calls, a summary when it is asked for, and a last word."""
    if "You sum up" in body["messages"][0]["content"]:
        return SUMMED
    calls = sum(message["role"] == "tool" for message in body["messages"])
    return "Done." if calls == 5 or SUMMED in body["messages"][1]["content"] else [("look", {"at": f"{calls}" * 3000})]


def test_a_shortened_conversation_is_told_wherever_a_run_is_shown(cli: Cli, project: Callable[..., Path]) -> None:
    """Where, how much was summed up, the tokens before and after; the summary stands among the prompts."""
    with ModelServer(answer) as server:
        model = f'{{provider: vllm, model: tiny, base_url: "{server.url}", context: 4000}}'
        root = project(
            {
                "runner.yaml": f"models:\n  default: {model}\npermissions:\n  - {{tool: '*', action: allow}}\n",
                "tools.d/own.yaml": TOOL,
                "agents.d/seer.yaml": "description: S.\nprompt: Look.\ntools: [look]\nsampling: {max_tokens: 100}\n",
            }
        )
        assert cli("-C", root, "run", "seer", "Go.").code == 0
    (row,) = json.loads(cli("-C", root, "--json", "runs", "ls").out)
    words = "conversation shortened, 7 messages summed up: about "
    for verb in ("show", "why"):
        (line,) = [line for line in cli("-C", root, "runs", verb, row["id"]).out.splitlines() if words in line]
        assert "answer/1/turn-6: " in line
        assert line.endswith(" of 4,000 tokens")
        (told,) = json.loads(cli("-C", root, "--json", "runs", verb, row["id"]).out)["shortened"]
        assert told["path"] == "answer/1/turn-6"
        assert (told["messages"], told["window"], told["refused"]) == (7, 4000, False)
        assert told["left"] < told["tokens"] < 4000
    assert words in cli("-C", root, "runs", "logs", row["id"]).out
    prompts = cli("-C", root, "runs", "show", row["id"], "--prompts").out
    assert f"of 4,000 tokens\n{SUMMED}" in prompts.partition("## turn-6: runner\n")[2]
