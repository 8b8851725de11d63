"""Tools of the kind `http`: their fields, and what a call does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from runner.errors import ToolFailed
from runner.spec.cuts import begin_of
from runner.tools.base import ToolSpec
from runner.tools.http import address, guard
from runner.tools.http.asking import Fill, asked
from runner.tools.http.fields import HttpOutput, Request
from runner.tools.port import Call, Hands, Outcome

if TYPE_CHECKING:
    from runner.tools.http.exchange import Answer

_SHOWN = 500
"""Characters of an answer that a failure shows."""


class HttpTool(ToolSpec):
    """Asks a server."""

    parser_takes: ClassVar[tuple[str, ...]] = ("text", "status", "url")

    http: Request
    """The request."""
    egress: bool | None = True
    """Whether a call can carry data out of this machine to where its arguments say."""
    untrusted: bool | None = True
    """Whether strangers may have written what it gives back."""
    output: HttpOutput | None = None
    """How the answer is read; without it there is its text."""

    _fill: Fill = PrivateAttr(default=str)

    @model_validator(mode="after")
    def _host_is_bounded(self) -> Self:
        name = address.host_parameter(self.http.url)
        kind = self.params.types.get(name) if name and self.params else None
        if kind is not None and not {"pattern", "enum"} & kind.bare.keys():
            what = "the parameter `{name}` says which host is asked, and any may be said; add a pattern: {example}"
            example = '{type: str, pattern: "^[a-z]+[.]example[.]com$"}'
            raise PydanticCustomError("bad_value", what, {"name": name, "example": example, "at": ["params", name]})
        return self

    def filled(self, fill: Fill) -> Self:
        """The same tool, which fills its secrets in when it asks; they are part of no field."""
        tool = self.model_copy()
        tool._fill = fill  # noqa: SLF001 - its own
        return tool

    def argv(self, call: Call) -> None:
        """No command."""

    def shown(self, call: Call) -> str:
        """Method, address and body as they would be sent."""
        asking = asked(self.http, call.arguments, str)  # a secret stays `${NAME}`
        body = (asking.body or b"").decode(errors="replace")
        return "\n".join(filter(None, (f"{asking.method} {asking.address}", body)))

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Ask, and read the answer; the status decides what it said."""
        try:
            answer = await self._ask(call)
            status = self.http.status.get(answer.status, "ok")
            output = {"status": answer.status, "url": answer.url, "type": begin_of(answer.content_type, 200)}
            return Outcome(
                output | await self._read(answer, call, hands), status, untrusted=self.untrusted is not False
            )
        except ToolFailed as error:
            error.hint = error.hint or self.hint
            raise

    async def _ask(self, call: Call) -> Answer:
        from runner.tools.http.exchange import Limits, exchange

        asking = asked(self.http, call.arguments, self._fill)
        limits = Limits(self.http.redirects, self.http.max_bytes, frozenset(self.http.status))
        port = address.written_port(self.http.url)
        judge = guard.Guard(self.http.allow, guard.PORTS | ({port} if port else set()))
        try:
            async with asyncio.timeout(call.seconds):
                answer = await exchange(asking, limits, judge)
        except TimeoutError as error:
            what = f"{asking.address.authority} had not answered in full after {call.seconds:g} s"
            raise ToolFailed(what, match="timeout") from error
        if not answer.is_success and answer.status not in self.http.status:
            raise ToolFailed(f"{asking.address.authority} answered {answer.status}{_last_words(answer)}")
        return answer

    async def _read(self, answer: Answer, call: Call, hands: Hands) -> dict[str, Any]:
        from runner.tools.http import content

        if self.output is None:
            return {"text": content.text(answer)}
        if self.output.parse is None:
            path = self.output.as_json if isinstance(self.output.as_json, str) else ""
            return {"data": content.data(answer, path, self.output.fields)}
        given = {"text": content.text(answer), "status": answer.status, "url": answer.url}
        found = await hands.workers.call(self.output.parse, given, call)
        if not isinstance(found, dict):
            raise ToolFailed(
                f"{self.output.parse} returned {type(found).__name__}; what parses an output returns a dict"
            )
        return found


def _last_words(answer: Answer) -> str:
    from runner.tools.http import content

    try:
        words = begin_of(content.text(answer).strip(), _SHOWN)
    except ToolFailed:
        return ""
    return f": {words}" if words else ""
