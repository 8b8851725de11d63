"""A run's events as a stream: in order, without gap or repetition, to its end, whoever comes and goes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from runner.runs.events import RunClaimed
from runner.runs.live import Delta
from runner.runs.store import Store

Item = tuple[str, str, Any]
"""(id, event, data)"""


@contextmanager
def following(served: Any, run: str, after: int | None = None) -> Iterator[Iterator[Item]]:
    """The items of a run's stream, as they come."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    with served.client.stream("GET", f"/api/v1/runs/{run}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield items(response)


def items(response: httpx.Response) -> Iterator[Item]:
    """The items of a stream; comments count as items of kind `comment`."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if line.startswith(":"):
            yield "", "comment", value
        elif line:
            fields[name] = value
        elif fields:
            yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
            fields = {}


def numbers(stream: Iterator[Item]) -> list[int]:
    """The numbers of a stream's events, to its end."""
    return [int(number) for number, _, _ in stream if number]


def test_an_ended_run_is_told_from_its_first_event_and_then_the_stream_ends(served: Any) -> None:
    """What the store holds, each event under its number."""
    run = served.start("pass")
    served.until(run, "ended")
    with following(served, run) as stream:
        told = list(stream)
    kept = served.engine.store.events(run)
    assert [int(number) for number, _, _ in told] == [event.seq for event in kept]
    assert [data for _, _, data in told] == [event.model_dump(mode="json") for event in kept]
    assert told[-1][1] == "run.ended"


def test_a_reader_comes_back_to_where_it_was(served: Any) -> None:
    """Last-Event-ID n goes on with n + 1, also with nothing left to tell."""
    run = served.start("pass")
    last = served.until(run, "ended")["last_seq"]
    for after in (-1, 0, 2, last - 1, last):
        with following(served, run, after) as stream:
            assert numbers(stream) == list(range(after + 1, last + 1))


@pytest.mark.parametrize("after", ["x", "-2", "1.5"])
def test_a_number_that_is_none_is_refused(served: Any, after: str) -> None:
    """422 rather than a stream from somewhere."""
    run = served.start("pass")
    assert served.ask("GET", f"/runs/{run}/events", Last_Event_ID=after).status_code == 422


def test_readers_that_come_and_go_while_a_run_goes_on_see_every_event_once(served: Any) -> None:
    """However often a connection breaks, numbers follow each other from 0 to the end."""
    run = served.start("ask", what="x")
    served.until(run, "waiting")
    seen: list[int] = []
    with following(served, run) as stream:
        while not seen or seen[-1] < 2:
            seen += [int(number) for number, _, _ in [next(stream)] if number]
    with following(served, run, seen[-1]) as stream:
        seen += [int(next(stream)[0])]
        (row,) = served.ask("GET", "/approvals").json()["approvals"]
        served.ask("POST", f"/approvals/{row['id']}", {"decision": "approve"})
        seen += numbers(stream)
    assert seen == list(range(served.until(run, "ended")["last_seq"] + 1))


def test_many_readers_of_one_run_all_see_the_same(served: Any) -> None:
    """Each from its own place, all to the end."""
    run = served.start("ask", what="x")
    served.until(run, "waiting")
    told: dict[int, list[int]] = {}

    def read(after: int) -> None:
        with following(served, run, after) as stream:
            told[after] = numbers(stream)

    readers = [threading.Thread(target=read, args=(after,)) for after in (-1, 0, 1, 3)]
    for reader in readers:
        reader.start()
    (row,) = served.ask("GET", "/approvals").json()["approvals"]
    served.ask("POST", f"/approvals/{row['id']}", {"decision": "deny"})
    for reader in readers:
        reader.join()
    last = served.until(run, "ended")["last_seq"]
    assert told == {after: list(range(after + 1, last + 1)) for after in (-1, 0, 1, 3)}


async def say(served: Any, run: str, *deltas: tuple[int, int, str]) -> None:
    """Words of a model call, each as (attempt, offset, text)."""
    for attempt, offset, text in deltas:
        served.engine.live.delta(Delta(run, "answer/1/turn-1", attempt, offset, text))


def words(stream: Iterator[Item], until: str) -> str:
    """The words of the stream's deltas as a reader puts them together, until they end so."""
    text, attempt = "", 0
    for number, kind, data in stream:
        if kind != "delta":
            continue
        assert number == ""
        if data["attempt"] > attempt:
            text, attempt = "", data["attempt"]
        assert data["offset"] == len(text), "a word is missing or told twice"
        text += str(data["text"])
        if text.endswith(until):
            return text
    return text


def test_who_comes_late_gets_the_words_so_far_and_then_the_others(served: Any) -> None:
    """No word is missing and none is told twice; deltas have no id."""
    run = served.start("rest")
    served.until(run, "running")
    served.call(say(served, run, (1, 0, "Bon"), (1, 3, "jour ")))
    with following(served, run) as stream:
        assert words(stream, "jour ") == "Bonjour "
        served.call(say(served, run, (1, 8, "à "), (1, 10, "toi.")))
        with following(served, run) as late:
            assert words(late, "toi.") == "Bonjour à toi."


def test_a_new_attempt_begins_its_words_anew(served: Any) -> None:
    """Readers drop what the failed attempt had said."""
    run = served.start("rest")
    served.until(run, "running")
    served.call(say(served, run, (1, 0, "Wrong"), (2, 0, "Right.")))
    with following(served, run) as stream:
        assert words(stream, ".") == "Right."


def test_a_slow_reader_stops_nobody_and_misses_no_event(served: Any) -> None:
    """A client that does not read for a while gets all events when it does, and the run did not wait for it."""
    run = served.start("ask", what="x")
    served.until(run, "waiting")
    address = urlsplit(served.url)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        slow.connect((address.hostname, address.port))
        slow.sendall(
            f"GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Bearer {'t' * 43}\r\n\r\n".encode()
        )
        slow.recv(16)
        served.call(say(served, run, *((1, at * 1000, "x" * 1000) for at in range(8000))))
        (row,) = served.ask("GET", "/approvals").json()["approvals"]
        served.ask("POST", f"/approvals/{row['id']}", {"decision": "approve"})
        last = served.until(run, "ended")["last_seq"]
        text = b"".join(iter(lambda: slow.recv(1 << 20), b"")).decode()
    assert [int(line[4:]) for line in text.splitlines() if line.startswith("id: ")] == list(range(last + 1))


def test_a_client_that_goes_away_never_stops_a_run(served: Any) -> None:
    """The run ends as if nobody had ever watched."""
    run = served.start("ask", what="x")
    served.until(run, "waiting")
    with following(served, run) as stream:
        next(stream)
    (row,) = served.ask("GET", "/approvals").json()["approvals"]
    served.ask("POST", f"/approvals/{row['id']}", {"decision": "approve"})
    assert served.until(run, "ended")["verdict"] == "pass"


def test_silence_is_broken_by_comments(root: Path, serve_at: Callable[..., Any]) -> None:
    """A connection that is alive says so."""
    with serve_at(root, heartbeat=0.1) as served:
        run = served.start("ask", what="x")
        served.until(run, "waiting")
        with following(served, run) as stream:
            assert next(item for item in stream if item[1] == "comment") == ("", "comment", "still here")


def test_a_run_of_another_process_is_followed_through_the_store(served: Any, root: Path) -> None:
    """Whoever works on the run, what is on disk is told."""
    run = served.start("ask", what="x")
    last = served.until(run, "waiting")["last_seq"]
    with following(served, run, last) as stream:
        elsewhere = Store.open(root / ".runner")
        elsewhere.append([RunClaimed(run=run, seq=last + 1, time=1.0, owner="another", why="resume")])
        elsewhere.close()
        number, kind, data = next(stream)
    assert (number, kind, data["owner"]) == (str(last + 1), "run.claimed", "another")


def test_streams_end_when_the_daemon_stops(served: Any) -> None:
    """A reader learns of it at once and comes back to the next daemon."""
    run = served.start("ask", what="x")
    served.until(run, "waiting")
    with following(served, run) as stream:
        next(stream)
        served.loop.call_soon_threadsafe(served.parts.stopping.set)
        assert "run.ended" not in [kind for _, kind, _ in stream]
