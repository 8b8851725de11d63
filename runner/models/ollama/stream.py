"""An answer in Ollama's own format, put together from its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models.arguments import own_id, past_arguments, read_arguments
from runner.models.port import Reply
from runner.models.reading import count, dict_of, dicts_of, no_answer, refuse_error, text_of, unfinished
from runner.models.text import Flow, Tagged, mend, mended
from runner.runs.events import Call, Usage

if TYPE_CHECKING:
    from runner.models.port import OnDelta


class Answer:
    """The reply as far as it has come."""

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self._text = Flow("text", on_delta)
        self._thinking = Flow("thinking", on_delta)
        self._content = Tagged(self._text, self._thinking)
        self._calls: list[dict[str, Any]] = []
        self._usage = Usage()
        self._ended = False
        self._reason = ""

    def take(self, kind: str, data: Any) -> bool:
        """Take one line; the one that says `done` is the last, and holds the counts."""
        refuse_error(kind, data)
        if not isinstance(data, dict):
            raise no_answer(data)
        message = dict_of(data.get("message"))
        if thought := text_of(message.get("thinking")):
            self._thinking.add(thought)
        if text := text_of(message.get("content")):
            self._content.add(text)
        for call in dicts_of(message.get("tool_calls")):
            function = dict_of(call.get("function"))
            self._calls.append(function | {"id": call.get("id")})
            self._on_delta("call", f"{function.get('name')}{function.get('arguments')}")
        if data.get("done") is True:
            self._ended, self._reason = True, text_of(data.get("done_reason"))
            self._usage = Usage(input=count(data.get("prompt_eval_count")), output=count(data.get("eval_count")))
        return self._ended

    def take_whole(self, data: Any) -> None:
        """Take an answer that came in one piece: it is one line."""
        self.take("", data)

    def reply(self, *, done: bool) -> Reply:  # noqa: ARG002 - this format's end is in its last line
        """The reply, now that all of it is here."""
        if not self._ended:
            raise unfinished("done")
        if self._reason in ("load", "unload"):
            raise ModelFailed(f"the server said `{self._reason}` of its model and gave no answer", trouble="broken")
        self._content.end()
        cut, taken = self._reason == "length", set[str]()
        calls = [_call(call, taken, cut=cut) for call in self._calls]
        finish = "length" if cut else "tool_calls" if calls else "stop"
        return Reply(self._text.end(), calls, self._usage, finish, thinking=self._thinking.end())


def _call(call: dict[str, Any], taken: set[str], *, cut: bool) -> Call:
    """A call as it came, whole: its arguments are an object, its id is missing from older servers."""
    name, arguments = mend(text_of(call.get("name"))), call.get("arguments")
    if not name:
        raise ModelFailed("the answer calls a tool without naming it", trouble="broken")
    read = read_arguments(arguments, cut=cut) if isinstance(arguments, str) else mended(past_arguments(arguments or {}))
    return Call(id=own_id(text_of(call.get("id")), taken), tool=name, arguments=read)
