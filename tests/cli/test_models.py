"""`runner models`: who serves them, and whether their keys are here."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from bench.fault_server import FaultServer
from tests.cli.modelserver import ModelServer
from tests.loopback import Loopback

Cli = Callable[..., Any]
UNKNOWN = "the upper end: the model's speed is not known yet"
MODELS = """models:
  default: {provider: scripted, replies: replies.yaml}
  cloud: {provider: openrouter, model: some/model, key: "${RUNNER_TEST_CLOUD}"}
  lab: {provider: openai, model: any, base_url: "http://127.0.0.1:8080/v1/", key: none}
"""
CLASSES = "timeouts:\n  standard: {model: 600ms..2s, tool: 30s}\n"
MANY = """description: Doubles many numbers.
phases:
  all:
    foreach: {in: "range(24) | list", as: n, concurrency: 24, max_failures: 24}
    agent: a
    message: "{{ n }}"
"""


@pytest.fixture
def flaky() -> Iterator[FaultServer]:
    """A server that fails three times in ten, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = FaultServer(4, unit=0.01)
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


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
    assert rows[2].endswith("RUNNER_TEST_CLOUD: not set (looked in the environment, .env and .runner/secrets)")
    assert rows[3].split()[3:] == ["http://127.0.0.1:8080/v1", "none", "is", "sent"]


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
        "latency": None,
        "deadlines": {"standard": {"seconds": 300.0, "most": 300.0, "why": UNKNOWN}},
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
    assert told == {"reachable": True, "has": False, "context": None, "says": "", "hint": ""}
    assert "  online       has it, with a context of 4096 tokens\n" in shown


def test_the_server_s_context_stands_beside_that_of_the_files(cli: Cli, project: Callable[..., Path]) -> None:
    """Neither hides the other."""
    with ModelServer() as server:
        server.more["/v1/models"] = {"data": [{"id": "tiny", "max_model_len": 4096}]}
        entry = f'{{provider: vllm, model: tiny, base_url: "{server.url}", context: 99999}}'
        root = project({"runner.yaml": f"models:\n  default: {entry}\n"})
        about = json.loads(cli("-C", root, "--json", "models", "show", "default", "--online").out)
    assert (about["context"], about["online"]["context"]) == (99999, 4096)


def test_how_the_calls_of_a_model_went_is_counted(cli: Cli, project: Callable[..., Path]) -> None:
    """Over all runs."""
    root = project({"agents.d/a.yaml": "description: A.\nprompt: P.\n"})
    assert "  calls        none yet\n" in cli("-C", root, "models", "show", "default").out
    assert cli("-C", root, "run", "a", "Hello").code == 0
    shown = cli("-C", root, "models", "show", "default").out
    assert "  calls        1 answered (100.0%)\n" in shown
    assert "  begins       half within 0.0 s, 95 of 100 within 0.0 s (last answer)\n" in shown
    assert "  answers      half within 0.0 s, 95 of 100 within 0.0 s\n" in shown
    few = "the upper end: from 5 answers on it goes by the model's speed; there is 1"
    assert f"  next call    may take 5m with `timeout: standard`: {few}\n" in shown
    (root / "runner.yaml").write_text((root / "runner.yaml").read_text() + "learn: false\n")
    fixed = cli("-C", root, "models", "show", "default").out
    assert "with `timeout: standard`: the upper end: `learn: false` in runner.yaml\n" in fixed


def test_times_that_another_entry_took_are_said_to_be_those_of_all(cli: Cli, project: Callable[..., Path]) -> None:
    """They are kept under the model and its server; attempts are counted by entry."""
    with ModelServer() as server:
        entry = f'{{provider: vllm, model: tiny, base_url: "{server.url}"}}'
        agents = {f"agents.d/{name}.yaml": f"description: A.\nprompt: P.\nmodel: {name}\n" for name in ("busy", "solo")}
        root = project({"runner.yaml": f"models:\n  busy: {entry}\n  solo: {entry}\n", **agents})
        for _ in range(2):
            assert cli("-C", root, "run", "busy", "Hello").code == 0
        shown = cli("-C", root, "models", "show", "solo").out
        about = json.loads(cli("-C", root, "--json", "models", "show", "solo").out)
    assert "  calls        none yet\n" in shown
    assert f" (last 2 answers of tiny at {server.url}, all entries)\n" in shown
    assert "from 5 answers on it goes by the model's speed; there are 2\n" in shown
    assert (about["calls"], about["latency"]["entries"]) == ({}, ["busy", "solo"])


@pytest.mark.parametrize(
    "answer,told",
    [
        (b"<html>Welcome!</html>", "1 for a model or address that is not there (100.0%)"),
        (b'data: {"choices": [{"index": 0, "delta": {"content": "Hel"}}]}\n\n', "3 without a whole answer (100.0%)"),
        (b"data: nonsense\n\n", "3 without a whole answer (100.0%)"),
    ],
)
def test_what_befell_calls_is_told_in_words_that_fit_all_of_its_kind(
    cli: Cli, project: Callable[..., Path], answer: bytes, told: str
) -> None:
    """A page is no model's answer; half an answer may make sense and is none."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers["content-length"]))
        request.send_response(200)
        request.send_header("content-length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    with Loopback(reply) as server:
        entry = f'{{provider: vllm, model: tiny, base_url: "{server.url}/v1"}}'
        agent = "description: A.\nprompt: P.\n"
        root = project({"runner.yaml": f"models:\n  default: {entry}\n", "agents.d/a.yaml": agent})
        cli("-C", root, "run", "a", "Hello")
    assert f"  calls        {told}\n" in cli("-C", root, "models", "show", "default").out


def test_how_often_a_flaky_model_failed_and_with_what_is_readable(
    cli: Cli, project: Callable[..., Path], flaky: FaultServer
) -> None:
    """What the server did is what the model is said to have done; of enough calls the deadline is learned."""
    models = f'models:\n  default: {{provider: vllm, model: main, base_url: "{flaky.url}"}}\n'
    agent = "description: A.\nprompt: Answer with the double of the number, as JSON.\noutput: {double: int}\n"
    root = project({"runner.yaml": models + CLASSES, "agents.d/a.yaml": agent, "workflows/many.yaml": MANY})
    cli("-C", root, "run", "many")
    about = json.loads(cli("-C", root, "--json", "models", "show", "default").out)
    calls = about["calls"]
    assert sum(calls.values()) == sum(flaky.counts.values()) >= 24
    assert calls.get("overloaded", 0) == flaky.counts["broken"]
    assert calls.get("limited", 0) == flaky.counts["limited"] + flaky.counts["busy"]
    assert calls.get("empty", 0) == flaky.counts["empty"]
    assert len(calls) > 2
    assert (about["latency"]["calls"], about["latency"]["whole"]["p50"] > 0) == (min(50, calls["answered"]), True)
    deadline = about["deadlines"]["standard"]
    assert deadline["why"].endswith(f" by {min(50, calls['answered'])} calls, times 2")
    assert 0.6 <= deadline["seconds"] <= deadline["most"] == 2
    share = f"{calls['answered']} answered ({calls['answered'] / sum(calls.values()):.1%}), "
    shown = cli("-C", root, "models", "show", "default").out
    assert f"  calls        {share}" in shown
    assert f": {deadline['why']}\n" in shown
    assert (" refused as too many (" in shown) is ("limited" in calls)
