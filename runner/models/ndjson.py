"""JSON objects line by line out of raw bytes (NDJSON), and a reply read from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models.faults import words_of
from runner.models.http import drain
from runner.models.parsing import parse
from runner.models.reading import BLANK, Within, first_chunk
from runner.spec.cuts import begin_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.models.port import Reply
    from runner.models.reading import Answer

MAX_LINE = 16 * 1024 * 1024
"""Bytes that one line may have before the server counts as broken."""


class Parser:
    """Turns chunks, cut anywhere, into lines; blank ones say nothing."""

    def __init__(self) -> None:
        self._rest = bytearray()  # the line that is not complete yet

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that a chunk completes."""
        self._rest += chunk
        if b"\n" not in chunk:
            if len(self._rest) > MAX_LINE:
                raise ModelFailed(f"the server sent a line of more than {MAX_LINE // 2**20} MiB", trouble="broken")
            return []
        lines = bytes(self._rest).split(b"\n")
        self._rest = bytearray(lines.pop())
        return [line for line in lines if line.strip(BLANK)]

    def end(self) -> list[bytes]:
        """The line that the end of the body completes."""
        rest, self._rest = bytes(self._rest), bytearray()
        return [rest] if rest.strip(BLANK) else []


async def read_lines(chunks: AsyncIterator[bytes], answer: Answer) -> Reply:
    """The reply in a body of lines; raises ModelFailed for an error in it and for an answer that is not complete."""
    chunks = Within(chunks)
    parser = Parser()
    lines = parser.feed(await first_chunk(chunks))
    while not _take_all(lines, answer):
        chunk = await anext(chunks, None)
        if chunk is None:
            _take_all(parser.end(), answer)
            return answer.reply(done=False)
        lines = parser.feed(chunk)
    await drain(chunks)
    return answer.reply(done=False)


def _take_all(lines: list[bytes], answer: Answer) -> bool:
    """Whether one of these was the last."""
    return any(answer.take("", _parse(line)) for line in lines)


def _parse(line: bytes) -> Any:
    try:
        return parse(line.strip(BLANK).decode(errors="replace"))
    except ValueError:
        said = words_of(begin_of(line.decode(errors="replace"), 200))
        raise ModelFailed(f"the server sent what is no JSON: {said}", trouble="broken") from None
