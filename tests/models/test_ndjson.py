"""JSON objects line by line, however they are cut and ended."""

from __future__ import annotations

import pytest

from runner.errors import ModelFailed
from runner.models.ndjson import MAX_LINE, Parser

BODY = '{"é": 1}\r\n\n{"b": "😀"}\n{"c": 3}'.encode()
LINES = ['{"é": 1}', '{"b": "😀"}', '{"c": 3}']


def parse(*chunks: bytes) -> list[str]:
    """All lines of a body that arrives in these chunks."""
    parser = Parser()
    lines = [line for chunk in chunks for line in parser.feed(chunk)]
    return [line.decode().strip() for line in [*lines, *parser.end()]]


@pytest.mark.parametrize("cut", range(len(BODY) + 1))
def test_a_body_may_be_cut_anywhere(cut: int) -> None:
    """Also inside a character and between CR and LF."""
    assert parse(BODY[:cut], BODY[cut:]) == LINES


def test_a_body_may_come_byte_by_byte() -> None:
    """Empty chunks between them change nothing."""
    assert parse(*(piece for byte in BODY for piece in (bytes([byte]), b""))) == LINES


def test_blank_lines_say_nothing() -> None:
    """Not at the end either."""
    assert parse(b"\n \n", b"\r\n") == []


def test_an_endless_line_is_refused() -> None:
    """A server cannot fill the memory."""
    parser, chunk = Parser(), b"x" * 2**20
    for _ in range(MAX_LINE // 2**20):
        assert parser.feed(chunk) == []
    with pytest.raises(ModelFailed, match="more than 16 MiB"):
        parser.feed(chunk)
