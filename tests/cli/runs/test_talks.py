"""Who answered in the place of an agent's model, and what was summed up, as runs show it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
RUNNER = """
use: [std/files]
models:
  default: {{provider: vllm, model: tiny, base_url: "{main}", fallback: [spare]}}
  spare: {{provider: vllm, model: large, base_url: "{spare}"}}
"""
WORKFLOW = """
description: Two.
phases:
  first: {agent: talker, message: One}
  second: {agent: talker, message: Two, continue: first}
"""
RULES = """
description: Lists.
prompt: You list.
tools: [list_directory]
intents:
  - {say: ["list {path}"], tool: list_directory, reply: "There is {{ result.entries | join(', ') }}."}
  - {say: ["look into {path}"], tool: list_directory}
"""


def answer(body: dict[str, Any]) -> str:
    """A word, or a summary when it is asked for."""
    return "They said one." if "You sum up" in body["messages"][0]["content"] else "Fine."


@pytest.fixture
def folder(project: Callable[..., Path]) -> Iterator[Path]:
    """A project whose model refuses all that comes without a key, with a fallback that answers."""
    with ModelServer(key="right") as main, ModelServer(answer) as spare:
        yield project(
            {
                "runner.yaml": RUNNER.format(main=main.url, spare=spare.url),
                "agents.d/talker.yaml": "description: T.\nprompt: Talk.\nmemory: {window: 1}\n",
                "agents.d/lister.yaml": RULES,
                "workflows/two.yaml": WORKFLOW,
            }
        )


def last_run(cli: Cli, folder: Path) -> str:
    """The id of the run before."""
    return str(json.loads(cli("-C", folder, "--json", "runs", "ls").out)[0]["id"])


def data(cli: Cli, folder: Path, *words: str) -> dict[str, Any]:
    """What a verb of `runs` says of the last run."""
    return dict(json.loads(cli("-C", folder, "--json", "runs", words[0], last_run(cli, folder), *words[1:]).out))


def test_a_fallback_that_answered_is_told_with_the_reason(cli: Cli, folder: Path) -> None:
    """By the attempt that failed, and where the model was not even asked by the refusal before."""
    live = cli("-C", folder, "run", "two")
    assert live.code == 0, live.err
    run = last_run(cli, folder)
    assert "spare is asked, as default (http://127.0.0.1:" in live.err
    assert "is left alone for 60 s: model default: " in live.err
    for verb in ("show", "why"):
        out = cli("-C", folder, "runs", verb, run).out
        for path in ("first/1/turn-1", "second/1/turn-1"):
            (line,) = [line for line in out.splitlines() if f"{path}: spare answered in place of default: " in line]
            assert line.strip().startswith("fallback")
            assert "Incorrect API key" in line
        told = data(cli, folder, verb)["fallbacks"]
        assert {one["path"]: one["model"] for one in told} == {
            "first/1/turn-1": "spare",
            "second/1/summary": "spare",
            "second/1/turn-1": "spare",
        }
        assert [one["passed"][0]["model"] for one in told] == ["default"] * 3
    prompts = cli("-C", folder, "runs", "show", run, "--prompts").out
    assert "## turn-1: runner\nspare answered in place of default: model default: " in prompts


def test_a_summary_is_told_wherever_a_run_is_shown(cli: Cli, folder: Path) -> None:
    """In the live view its words are not printed as an answer."""
    live = cli("-C", folder, "run", "two")
    words = "conversation shortened, 2 earlier messages summed up: about 20 → 5 tokens"
    assert f"\n  {words}\n" in live.err
    assert "They said one." not in live.err + live.out
    for verb in ("show", "why"):
        assert f"second/1: {words}\n" in cli("-C", folder, "runs", verb, last_run(cli, folder)).out
        told = data(cli, folder, verb)["summaries"]
        assert told == [{"path": "second/1", "messages": 2, "tokens": 20, "left": 5}]
    prompts = cli("-C", folder, "runs", "show", last_run(cli, folder), "--prompts").out
    assert f"## summary: runner\n{words}\n## summary: assistant\nThey said one.\n## turn-1: system" in prompts


def test_an_answer_by_rule_is_told(cli: Cli, folder: Path) -> None:
    """The phrase, the call, the reply, and that no model was asked."""
    assert cli("-C", folder, "run", "lister", "list agents.d").code == 0
    run = last_run(cli, folder)
    for verb in ("show", "why"):
        out = cli("-C", folder, "runs", verb, run).out
        assert 'answer/1: `list {path}`: list_directory {"path": "agents.d"}; no model was asked\n' in out
        (told,) = data(cli, folder, verb)["by_rule"]
        assert (told["path"], told["tool"]) == ("answer/1", "list_directory")
        assert told["reply"] == "There is lister.yaml, talker.yaml."
    out = cli("-C", folder, "runs", "show", run, "--prompts").out
    assert "## intent: user\nlist agents.d\n## intent: runner\nby rule `list {path}`, no model was asked\n" in out
    assert out.endswith("## intent: runner\nThere is lister.yaml, talker.yaml.\n")
    (visit,) = data(cli, folder, "show", "--prompts")["visits"]
    assert (visit["turns"], visit["by_rule"]["reply"]) == ([], "There is lister.yaml, talker.yaml.")


def test_a_call_by_rule_that_a_model_puts_into_words_is_told(cli: Cli, folder: Path) -> None:
    """The call that the model reads as its own was none of its."""
    assert cli("-C", folder, "run", "lister", "look into agents.d").code == 0
    out = cli("-C", folder, "runs", "show", last_run(cli, folder)).out
    assert '`look into {path}`: list_directory {"path": "agents.d"}; the model went on from there' in out
    prompts = cli("-C", folder, "runs", "show", last_run(cli, folder), "--prompts").out
    assert "## turn-1: runner\nby rule `look into {path}`: list_directory" in prompts
    assert data(cli, folder, "show")["by_rule"][0]["reply"] is None


def test_a_run_of_the_model_alone_says_nothing_of_that(cli: Cli, project: Callable[..., Path]) -> None:
    """Empty in data, no line in words."""
    root = project({"agents.d/a.yaml": "description: A.\nprompt: Hi.\n"})
    assert cli("-C", root, "run", "a", "Hello").code == 0
    about = data(cli, root, "show")
    assert [about[key] for key in ("by_rule", "fallbacks", "summaries", "shortened", "cut_short")] == [[]] * 5
    out = cli("-C", root, "runs", "show", last_run(cli, root)).out
    assert not any(word in out for word in ("by rule", "fallback", "shortened"))
