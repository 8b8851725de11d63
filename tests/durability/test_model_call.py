"""A daemon is killed in the middle of a model's answer: the run goes on, the model is asked again, once."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from runner.runs.events import AnyEvent, AttemptFailed, ModelReplied, ModelRequested, RunEnded
from runner.runs.state import fold
from runner.runs.store import FILE
from tests.durability.proof import prove_ended, prove_store
from tests.durability.site import Site
from tests.loopback import Loopback

FILES = {
    "runner.yaml": 'models:\n  default: {provider: vllm, model: tiny, base_url: "URL/v1"}\n',
    "agents.d/a.yaml": "description: A.\nprompt: P.\n",
    "workflows/job.yaml": "description: Asks.\nphases:\n  ask: {agent: a, message: Hello}\n",
}


class Slow:
    """A server that streams the first answers word by word without end, and gives the others whole."""

    def __init__(self, slow: int) -> None:
        self.asked = 0
        self.streaming = threading.Semaphore(0)
        """Released for each answer that is in its middle."""
        self.closing = threading.Event()
        self.slow = slow
        """How many answers have no end."""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One answer."""
        request.rfile.read(int(request.headers["content-length"]))
        self.asked += 1
        request.send_response(200)
        request.send_header("content-type", "text/event-stream")
        request.end_headers()
        if self.asked <= self.slow:
            self._stream(request)
            return
        _send(request, {"content": "Done."}, finish_reason="stop", usage={"prompt_tokens": 20, "completion_tokens": 5})

    def _stream(self, request: BaseHTTPRequestHandler) -> None:
        """Words until whoever asked has gone."""
        count = 0
        while not self.closing.wait(0.02):
            try:
                _send(request, {"content": "word "})
            except OSError:
                return
            count += 1
            if count == 3:  # some have come, more are to come
                self.streaming.release()


@pytest.fixture
def slow(request: pytest.FixtureRequest) -> Iterator[tuple[Slow, str]]:
    """The server and its address."""
    server = Slow(request.param)

    with Loopback(server.answer) as listening:
        yield server, listening.url
        server.closing.set()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("slow", [1, 2], indirect=True)
def test_a_model_is_asked_again_once_for_each_kill(tmp_path: Path, slow: tuple[Slow, str]) -> None:
    """What the cut off attempts had sent is counted beside the one that was answered."""
    server, url = slow
    kills = server.slow
    with closing(Site(tmp_path / "site", _project(tmp_path / "files", url))) as site:
        site.up()
        assert site.submit("the only one")
        for _ in range(kills):
            assert server.streaming.acquire(timeout=30)
            site.kill()
            site.up()
        site.work()
        assert site.down() == 0
        prove_store(site)
        assert server.asked == kills + 1
        ((_, events),) = site.events().items()
        prove_ended(events)
        requested = [event for event in events if isinstance(event, ModelRequested)]
        cut_off = [event for event in events if isinstance(event, AttemptFailed)]
        (replied,) = [event for event in events if isinstance(event, ModelReplied)]
        assert [event.attempt for event in requested] == list(range(1, kills + 2))
        assert [(event.attempt, event.trouble) for event in cut_off] == [
            (n, "interrupted") for n in range(1, kills + 1)
        ]
        assert all(event.usage.input == requested[0].tokens > 0 for event in cut_off)
        assert (replied.attempt, replied.text) == (kills + 1, "Done.")
        prove_account(site, events, [(event.usage.input, 0) for event in cut_off] + [(20, 5)])


def prove_account(site: Site, events: list[AnyEvent], tokens: list[tuple[int, int]]) -> None:
    """Run, state and table of calls hold the tokens (in, out) of all attempts alike; the last one was answered."""
    ended, state, total = events[-1], fold(events), sum(map(sum, tokens))
    assert isinstance(ended, RunEnded)
    assert ended.usage.total == state.spent_tokens_in + state.spent_tokens_out == total
    assert [row.tokens for row in site.runs()] == [total]
    with closing(sqlite3.connect(site.folder / FILE)) as connection:
        rows = connection.execute("SELECT outcome, input, output FROM model_calls ORDER BY attempt").fetchall()
    assert [outcome for outcome, _, _ in rows] == ["interrupted"] * (len(tokens) - 1) + ["answered"]
    assert [(read, wrote) for _, read, wrote in rows] == tokens


def _project(folder: Path, url: str) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("URL", url))
    return folder


def _send(request: BaseHTTPRequestHandler, delta: dict[str, Any], *, usage: Any = None, **choice: Any) -> None:
    """One event of the stream."""
    data = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, **choice}], "usage": usage}
    end = "data: [DONE]\n\n" if choice else ""
    request.wfile.write(f"data: {json.dumps(data)}\n\n{end}".encode())
