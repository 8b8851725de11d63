"""Server-sent events by the specification, however they are cut and ended."""

from __future__ import annotations

import pytest

from runner.errors import ModelFailed
from runner.models import sse

STREAM = 'event: error\r\ndata: {"é": 1}\r\n\r\n: a comment\r\ndata: a\r\ndata: b\r\n\r\n'.encode()
EVENTS = [("error", '{"é": 1}'), ("", "a\nb")]


def parse(*chunks: bytes) -> list[tuple[str, str]]:
    """All events of a body that arrives in these chunks."""
    parser = sse.Parser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return [(event.type, event.data) for event in [*events, *parser.end()]]


@pytest.mark.parametrize("cut", range(len(STREAM) + 1))
def test_a_stream_may_be_cut_anywhere(cut: int) -> None:
    """Also inside a character and between CR and LF."""
    assert parse(STREAM[:cut], STREAM[cut:]) == EVENTS


def test_a_stream_may_come_byte_by_byte() -> None:
    """Empty chunks between them change nothing."""
    assert parse(*(piece for byte in STREAM for piece in (bytes([byte]), b""))) == EVENTS


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_in_any_of_three_ways(end: bytes) -> None:
    """LF, CR and CRLF mean the same."""
    assert parse(STREAM.replace(b"\r\n", end)) == EVENTS


def test_the_last_blank_line_may_be_missing() -> None:
    """What an event has when the body ends is the event."""
    assert parse(b"data: [DONE]") == [("", "[DONE]")]


def test_comments_and_unknown_fields_say_nothing() -> None:
    """Providers send comments to keep a connection alive."""
    assert parse(b": OPENROUTER PROCESSING\n\nid: 7\nretry: 10\nfoo\ndata: x\n\n") == [("", "x")]


def test_only_one_space_after_the_colon_is_taken_away() -> None:
    """The rest belongs to the data, and the space itself may be missing."""
    assert parse(b"data:  x\ndata:y\n\n") == [("", " x\ny")]


def test_an_event_without_data_is_none() -> None:
    """Its type does not live on into the next event."""
    assert parse(b"event: error\n\ndata: x\n\n") == [("", "x")]


def test_a_byte_order_mark_is_taken_away() -> None:
    """At the beginning only."""
    assert parse(b"\xef\xbb", b"\xbfdata: x\n\n") == [("", "x")]


def test_bytes_that_are_no_text_are_replaced() -> None:
    """A broken byte costs one character, not the answer."""
    assert parse(b"data: a\xffb\n\n") == [("", "a�b")]


@pytest.mark.parametrize("line", [b"data: ", b"data: \ndata: "])
def test_an_endless_event_is_refused(line: bytes) -> None:
    """A server cannot fill the memory, neither with one line nor with many."""
    parser, chunk = sse.Parser(), line + b"x" * (2**20 - 200)
    for _ in range(16):
        parser.feed(chunk)
    with pytest.raises(ModelFailed, match="more than 16 MiB"):
        parser.feed(chunk)
