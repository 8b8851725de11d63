"""Tools of the kind http: what a call sends, and what comes of the answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.tools.http import HttpTool
from runner.tools.port import Outcome
from runner.tools.workers import FolderWorkers
from tests.tools.http.servers import Asked, Hands, Server, answer, call, tool

Sent = tuple[Outcome, Asked]
SECRETS = {"${KEY}": "CANARY-1234567890", "${EVIL}": "a\r\nX-Evil: 1", "${BRACES}": "{{ 7 * 7 }}"}


def fill(text: str) -> str:
    """The text with its secrets."""
    for name, value in SECRETS.items():
        text = text.replace(name, value)
    return text


def sent(
    http: dict[str, Any], params: dict[str, Any] | None = None, *, reply: list[bytes] | None = None, **more: Any
) -> Sent:
    """What a call gives and what the server got; `arguments` are those of the call, `hands` its hands."""
    arguments, hands = more.pop("arguments", {}), more.pop("hands", Hands())

    async def main() -> Sent:
        async with Server(reply or answer(b"hello")) as server:
            url = f"http://127.0.0.1:{server.port}{http.get('url', '/')}"
            made = tool({**http, "url": url, "allow": ["127.0.0.1"]}, params, **more).filled(fill)
            return await made.run(call(**arguments), hands), server.asked[0]

    return asyncio.run(main())


def failure(*args: Any, **more: Any) -> ToolFailed:
    """The failure of a call."""
    with pytest.raises(ToolFailed) as caught:
        sent(*args, **more)
    return caught.value


def test_an_answer_is_plain_data_that_strangers_may_have_written() -> None:
    """Status, address, type and text."""
    outcome, asked = sent({"url": "/a/{{ v }}", "query": {"q": "{{ v }}"}}, {"v": "str"}, arguments={"v": "ä/b"})
    assert outcome.untrusted
    assert outcome.output == outcome.output | {"status": 200, "type": "text/plain", "text": "hello"}
    assert asked.line == "GET /a/%C3%A4%2Fb?q=%C3%A4%2Fb HTTP/1.1"
    assert set(asked.headers) == {"host", "accept", "accept-encoding", "user-agent"}


BODIES = [
    (
        {"json": {"n": "{{ n }}", "text": "{{ v }}!", "list": ["{{ v }}", 1, None]}},
        "application/json",
        b'{"n": 3, "text": "x&y!", "list": ["x&y", 1, null]}',
    ),
    ({"form": {"a": "{{ v }}", "b": "{{ n }}"}}, "application/x-www-form-urlencoded", b"a=x%26y&b=3"),
    ({"body": "<v>{{ v }}</v>"}, "text/plain; charset=utf-8", b"<v>x&y</v>"),
    ({}, "", b""),
]


@pytest.mark.parametrize("http, kind, body", BODIES)
def test_a_body_is_json_a_form_or_a_text(http: dict[str, Any], kind: str, body: bytes) -> None:
    """Values keep their type in JSON."""
    params = {"v": "str", "n": "int"}
    _, asked = sent({"method": "POST", **http}, params, arguments={"v": "x&y", "n": 3})
    assert (asked.line, asked.headers.get("content-type", ""), asked.body) == ("POST / HTTP/1.1", kind, body)


def test_secrets_are_filled_in_where_it_is_sent_and_stand_in_no_field() -> None:
    """A value that looks like a template is none."""
    http = {"headers": {"X-Key": "${KEY}", "X-Braces": "${BRACES}"}, "auth": {"basic": "me:${KEY}"}}
    _, asked = sent(http)
    assert asked.headers["x-key"] == SECRETS["${KEY}"]
    assert asked.headers["x-braces"] == "{{ 7 * 7 }}"
    assert asked.headers["authorization"] == "Basic bWU6Q0FOQVJZLTEyMzQ1Njc4OTA="
    made = tool({"url": "https://e.example", **http}).filled(fill)
    assert "CANARY" not in f"{made!r}{made.model_dump_json()}"
    assert sent({"auth": {"bearer": "${KEY}"}})[1].headers["authorization"] == f"Bearer {SECRETS['${KEY}']}"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rb", "a\0b", "a\x1b[0m", "日本"])
def test_a_value_in_a_header_begins_no_other_header(value: str) -> None:
    """It is refused, and nothing is sent."""
    error = failure({"headers": {"X-A": "{{ v }}"}}, {"v": "str"}, arguments={"v": value})
    assert "the header X-A cannot hold the character" in error.message


def test_a_secret_in_a_header_that_cannot_be_sent_is_not_shown() -> None:
    """The character alone is."""
    error = failure({"headers": {"X-A": "${EVIL}"}})
    assert error.message == r"the header X-A cannot hold the character '\r'"


@pytest.mark.parametrize(
    "reply, text",
    [
        (answer(b"caf\xe9", Content_Type="text/plain; charset=ISO-8859-1"), "café"),
        (answer(b"caf\xe9", Content_Type="text/plain; charset=utf-8"), "caf\ufffd"),
        (answer(b"caf\xc3\xa9", Content_Type="text/plain; charset=no-such"), "café"),
        (answer(b"Y2Fm", Content_Type="text/plain; charset=base64"), "Y2Fm"),
        (answer(b"\\x41", Content_Type="text/plain; charset=unicode_escape"), "\\x41"),
        (answer(b"a+AGI-", Content_Type="text/plain; charset=utf-7"), "a+AGI-"),
        (answer(b"\xef\xbb\xbfcaf\xc3\xa9", Content_Type="text/plain; charset=latin1"), "café"),
        (answer("é".encode("utf-16"), Content_Type="text/plain"), "é"),
        (answer(b'<meta charset="windows-1252">\x80', Content_Type="text/html"), '<meta charset="windows-1252">€'),
        (answer(b"x", Content_Type="???"), "x"),
        (answer(b'{"a": 1}', Content_Type="application/problem+json"), '{"a": 1}'),
    ],
)
def test_a_text_is_read_as_the_server_says_when_it_says_sense(reply: list[bytes], text: str) -> None:
    """A charset that is wrong, unknown or no charset at all breaks nothing."""
    assert sent({}, reply=reply)[0].output["text"] == text


def test_a_status_says_ok_or_no_or_is_a_failure() -> None:
    """Only what the file names is an answer besides 200 to 299."""
    assert sent({"status": {404: "no"}}, reply=answer(status="404 Not Found"))[0].status == "no"
    assert sent({"status": {404: "no"}}, reply=answer(status="204 No Content"))[0].status == "ok"
    error = failure({}, reply=answer(b"gone", status="410 Gone"), hint="look elsewhere")
    assert (error.message.partition(" ")[2], error.hint) == ("answered 410: gone", "look elsewhere")


ITEMS = json.dumps({"web": {"results": [{"title": "a", "url": "u", "x": 1}, {"title": "b", "url": "v"}]}}).encode()


@pytest.mark.parametrize(
    "output, data",
    [
        ({"json": True}, json.loads(ITEMS)),
        ({"json": "web.results[*].title"}, ["a", "b"]),
        ({"json": "web.results", "fields": {"title": "str"}}, [{"title": "a"}, {"title": "b"}]),
        ({"json": "web.results[0]", "fields": {"title": "str", "x": "int?"}}, {"title": "a", "x": 1}),
        ({"json": "none?.results[*]", "fields": {"title": "str"}}, []),
    ],
)
def test_of_json_the_wanted_part_is_kept(output: dict[str, Any], data: Any) -> None:
    """By a path, and of each object the declared fields."""
    outcome, _ = sent({}, reply=answer(ITEMS, Content_Type="application/json"), output=output)
    assert outcome.output["data"] == data
    assert "text" not in outcome.output


@pytest.mark.parametrize(
    "body, output, message",
    [
        (ITEMS, {"json": "web.none"}, "the answer has nothing at web.none: there is no 'none' among 'results'"),
        (ITEMS, {"json": "web.results", "fields": {"x": "int"}}, r"does not fit its `fields`: \[1\]\.x: is missing"),
        (ITEMS, {"json": "web.results[*].url", "fields": {"x": "int"}}, "expected an object with x, got"),
        (b"<html>", {"json": True}, "the answer is no JSON: .*; it begins with '<html>'"),
        (b"[NaN]", {"json": True}, "NaN is no number of JSON"),
        (b"[" * 200_000, {"json": True}, "the answer is no JSON"),
        (b"1" * 10_000, {"json": True}, "the answer is no JSON"),
    ],
)
def test_what_does_not_fit_is_a_failure_of_the_output(body: bytes, output: dict[str, Any], message: str) -> None:
    """So that `errors` can route it."""
    with pytest.raises(ToolFailed, match=message) as caught:
        sent({}, reply=answer(body), output=output)
    assert caught.value.match == "output"


def test_a_function_beside_the_pack_can_read_the_answer(tmp_path: Path) -> None:
    """It is given text, status and address, and runs in a worker."""
    (tmp_path / "p.py").write_text(
        "def read(text: str, status: int, url: str): return {'n': len(text) + status}\n"
        "def wrong(text: str, status: int, url: str): return text\n"
    )

    async def run(function: str) -> Outcome:
        workers = FolderWorkers(tmp_path, "owner")
        try:
            async with Server(answer(b"hello")) as server:
                http = {"url": f"http://127.0.0.1:{server.port}/", "allow": ["127.0.0.1"]}
                return await tool(http, output={"parse": function}).run(call(), Hands(workers))
        finally:
            await workers.close()

    assert asyncio.run(run("p:read")).output["n"] == 205
    with pytest.raises(ToolFailed, match="p:wrong returned str"):
        asyncio.run(run("p:wrong"))


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"method": "FETCH"}, "Input should be 'GET'"),
    ({"method": "POST", "json": {}, "form": {}}, "a request has one body: json or form"),
    ({"json": {}}, "GET sends no body; add `method: POST`"),
    ({"headers": {"Host": "x"}}, "`Host` is no header that can be set here"),
    ({"headers": {"A B": "x"}}, "`A B` is no header"),
    ({"headers": {"a": "x", "A": "y"}}, "`A` is no header"),
    ({"headers": {"X": "${KEY}{{ v }}"}}, "`X` holds a secret and a template"),
    ({"headers": {"Authorization": "x"}, "auth": {"bearer": "${KEY}"}}, "both `auth` and the header Authorization"),
    ({"auth": {"bearer": "{{ v }}"}}, "who asks is never a template"),
    ({"auth": {}}, "in one way: bearer or basic"),
    ({"auth": {"basic": "no-colon"}}, "should match pattern"),
    ({"status": {99: "ok"}}, "greater than or equal to 100"),
    ({"status": {200: "yes"}}, "Input should be 'ok' or 'no'"),
    ({"allow": ["*"]}, "is no host, address or network"),
    ({"max_bytes": 0}, "greater than or equal to 1"),
    ({"url": "https://{{ v }}/"}, "the parameter `v` says which host is asked, and any may be said"),
    ({"url": "{{ v }}"}, "the parameter `v` says which host is asked, and any may be said"),
]


@pytest.mark.parametrize("http, message", MISTAKES)
def test_a_mistake_in_the_file_is_told(http: dict[str, Any], message: str) -> None:
    """Before anything is asked."""
    fields = {"description": "d", "params": {"v": "str"}, "http": {"url": "https://e.example/", **http}}
    with pytest.raises(ValueError, match=message):
        HttpTool.model_validate(fields)
