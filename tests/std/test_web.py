"""The web pack: its requests as a server sees them, and pages as text."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner.errors import ToolFailed
from runner.tools.http import HttpTool
from runner.tools.workers import FolderWorkers
from tests.tools.http.servers import Asked, Hands, Server, answer, call

PACK = Path(__file__).resolve().parents[2] / "tools.d"


def called(name: str, reply: list[bytes], **arguments: Any) -> tuple[Any, Asked]:
    """What a tool of the pack gives and sends, its host and its limits those of a server on loopback."""
    pack = yaml.safe_load((PACK / "web.yaml").read_text())
    spec = pack["defaults"] | pack["tools"][name]
    params = HttpTool.model_validate(spec).params
    assert params

    async def main() -> tuple[Any, Asked]:
        workers = FolderWorkers(PACK, "owner")
        try:
            async with Server(reply) as server:
                http = {**spec["http"], "allow": [f"127.0.0.1:{server.port}"]}
                http["url"] = http["url"].replace("https://api.search.brave.com", f"http://127.0.0.1:{server.port}")
                given = {
                    key: f"{value}".replace("SERVER", f"127.0.0.1:{server.port}") for key, value in arguments.items()
                }
                tool = HttpTool.model_validate({**spec, "http": http}).filled(lambda text: text.replace("$", "key "))
                done = await tool.run(call(**params.check(params.from_texts(given))), Hands(workers))
                return done.output, server.asked[0]
        finally:
            await workers.close()

    return asyncio.run(main())


RESULTS = {
    "type": "search",
    "web": {"results": [{"title": "A", "url": "https://a.example/", "description": "words", "age": "1 day"}]},
}


def test_a_search_gives_title_address_and_words() -> None:
    """The words are one value of the query; the key is a header."""
    reply = answer(json.dumps(RESULTS).encode(), Content_Type="application/json")
    output, asked = called("web_search", reply, query="how & why?", count=3)
    assert output["data"] == [{"title": "A", "url": "https://a.example/", "description": "words"}]
    assert asked.line == "GET /res/v1/web/search?q=how%20%26%20why%3F&count=3 HTTP/1.1"
    assert asked.headers["x-subscription-token"] == "key {BRAVE_API_KEY}"


def test_a_search_without_results_is_an_empty_list() -> None:
    """The server leaves its list out."""
    assert called("web_search", answer(b'{"type": "search"}'), query="x")[0]["data"] == []


PAGE = b"""<!DOCTYPE html><html><head><title> A  page </title><style>p {}</style><script>var x = '<p>no</p>'</script>
<body><nav><a href="/a?b#c">Go&amp;see</a> <a href="javascript:alert(1)">no</a>
<a href="//other.example/x">other</a></nav>
<h2>Head</h2><p>One <b>two</b>
three<br>four</p><script>alert('evil')</script><ul><li>first<li>second</ul>
<table><tr><td>1</td><td>2</td></tr></table><template>hidden</template><p>&lt;last&gt; \xc3\xa9</p>"""


def test_a_page_is_read_as_a_reader_sees_it() -> None:
    """Title, lines, lists and links; no script and no style."""
    output, asked = called("read_page", answer(PAGE, Content_Type="text/html"), url="http://SERVER/x/y?z=1#end")
    assert asked.line == "GET /x/y?z=1 HTTP/1.1"
    assert output["title"] == "A page"
    assert output["text"].split("\n") == [
        *("Go&see no other", "## Head", "One two three", "four", "- first", "- second", "1\t2", "<last> é"),
    ]
    place = output["url"].partition("/x")[0]
    assert output["links"] == [
        {"text": "Go&see", "url": f"{place}/a?b"},
        {"text": "other", "url": "http://other.example/x"},
    ]


@pytest.mark.parametrize(
    "body, text",
    [
        (b"plain <b> & simple", "plain <b> & simple"),
        (b'{"a": "<p>"}', '{"a": "<p>"}'),
        (b"<html><p>open <i>all the way", "open all the way"),
        (b"<html>" + b"<div>" * 5_000 + b"deep", "deep"),
        (b"<html><script>never closed", ""),
        (b"<html></p></a></div></script>x", "x"),
        (b"<html><a href='http://[bad'>x</a>", "x"),
    ],
)
def test_whatever_comes_is_read(body: bytes, text: str) -> None:
    """What is no HTML as it stands, broken HTML as far as it goes."""
    output, _ = called("read_page", answer(body), url="http://SERVER/")
    assert (output["text"], output["links"], output["more"]) == (text, [], 0)


def test_a_long_page_is_cut_and_says_so() -> None:
    """By how many characters."""
    output, _ = called("read_page", answer(b"<html>" + b"x" * 60_000), url="http://SERVER/")
    assert (len(output["text"]), output["more"]) == (50_000, 10_000)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://169.254.169.254/latest", "http://localhost:8700/api/v1/runs"]
)
def test_no_page_of_this_machine_is_read(url: str) -> None:
    """The file allows none."""
    pack = yaml.safe_load((PACK / "web.yaml").read_text())
    tool = HttpTool.model_validate(pack["defaults"] | pack["tools"]["read_page"])
    with pytest.raises(ToolFailed, match="is refused"):
        asyncio.run(tool.run(call(url=url), Hands()))
