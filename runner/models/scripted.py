"""A model that answers from a file: for tests, demos and first steps, without key or network.

The file is a list; the first entry whose `when` fits the request gives the answer:

    - when: {agent: coder, turn: 1}
      calls: [{tool: read_file, with: {path: app.py}}]
    - when: {agent: coder, contains: "def add"}
      text: The function is there.

The answer is a function of the request alone, so that a resumed run is answered as it was before.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from runner.errors import ConfigInvalid, ModelFailed
from runner.models.port import Reply
from runner.runs.events import Call, Usage
from runner.spec import Items, Positive, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from runner.models.port import OnDelta, Place, Request

_PIECE = re.compile(r".{1,40}(?:\s|$)|.{1,40}", re.DOTALL)
_CHARACTERS_A_TOKEN = 4


class When(Spec):
    """What a request must be like; what is left out fits all."""

    agent: str | None = None
    """The agent that asks."""
    phase: str | None = None
    """The phase it asks in."""
    visit: Positive | None = None
    """The visit of the phase, from 1."""
    turn: Positive | None = None
    """The model call of the visit, from 1."""
    contains: str | None = Field(default=None, min_length=1)
    """A text in the system prompt, the last user message or any tool result of the request, as it is written there."""


class ScriptedCall(Spec):
    """A tool call of an answer."""

    tool: str = Field(min_length=1)
    """The tool's name."""
    arguments: dict[str, Any] = Field(default={}, alias="with")
    """Its arguments."""


class ReplySpec(Spec):
    """One answer and the requests it is for."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["text"]}, {"required": ["calls"]}]})

    when: When = When()
    """The requests it is for; all when left out. One with `calls` and no `turn` is for turn 1 only."""
    text: str | dict[str, Any] | list[Any] | None = None
    """What the model says; a mapping or list is said as JSON, for agents that have an `output`."""
    calls: Items[ScriptedCall] = ()
    """The tools it calls."""
    thinking: str = ""
    """What it thinks before that; shown apart."""

    @property
    def turn(self) -> int | None:
        """The model call of the visit that it is for; None for every one."""
        return 1 if self.when.turn is None and self.calls else self.when.turn

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and not self.calls:
            msg = 'an entry needs `text` or `calls`; the empty answer is `text: ""`'
            raise ValueError(msg)
        return self


Replies = list[ReplySpec]
"""What a replies file holds."""


class Scripted:
    """A model whose answers are all written down."""

    def __init__(self, file: str, replies: Sequence[ReplySpec]) -> None:
        self._file = file
        self._replies = replies

    async def reply(self, request: Request, on_delta: OnDelta) -> Reply:
        """The first entry that fits; raises ModelFailed when none does."""
        entry = next((entry for entry in self._replies if _fits(entry, request)), None)
        if entry is None:
            raise _unanswered(self._file, request.place)
        text = entry.text if isinstance(entry.text, str) else _json(entry.text)
        for piece in _PIECE.findall(entry.thinking):
            on_delta("thinking", piece)
        for piece in _PIECE.findall(text):
            on_delta("text", piece)
        await asyncio.sleep(0)  # as any model, it lets others go on
        calls = [_call(call, request.place, number) for number, call in enumerate(entry.calls, 1)]
        return Reply(text, calls, _usage(request, text, calls), "tool_calls" if calls else "stop", entry.thinking)

    async def close(self) -> None:
        """Nothing was opened."""


def read_replies(file: str, content: bytes) -> list[ReplySpec]:
    """The entries of a replies file; raises ConfigInvalid, although the loader has checked the file before."""
    import yaml

    try:
        data = yaml.load(content, Loader=_core_loader())  # noqa: S506 - made of SafeLoader
        return TypeAdapter(Replies).validate_python(data or [])
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigInvalid(f"{file}: no list of replies: {error}") from error


def _fits(entry: ReplySpec, request: Request) -> bool:
    when, place = entry.when, request.place
    wanted = ((when.agent, place.agent), (when.phase, place.phase), (when.visit, place.visit), (entry.turn, place.turn))
    if any(want is not None and want != have for want, have in wanted):
        return False
    return when.contains is None or any(when.contains in text for text in _searched(request))


def _searched(request: Request) -> Iterator[str]:
    last = next((message for message in reversed(request.messages) if message.role == "user"), None)
    for message in request.messages:
        if message.role in ("system", "tool") or message is last:
            yield message.text


def _call(call: ScriptedCall, place: Place, number: int) -> Call:
    call_id = f"{place.phase}-{place.visit}-{place.turn}-{number}"
    return Call(id=call_id, tool=call.tool, arguments=dict(call.arguments))


def _usage(request: Request, text: str, calls: Sequence[Call]) -> Usage:
    """An estimate, so that limits work: nothing was counted by anybody."""
    said = sum(len(message.text) for message in request.messages)
    answered = len(text) + sum(len(_json(call.arguments)) for call in calls)
    return Usage(input=max(1, said // _CHARACTERS_A_TOKEN), output=max(1, answered // _CHARACTERS_A_TOKEN))


def _unanswered(file: str, place: Place) -> ModelFailed:
    when = f"{{agent: {place.agent}, phase: {place.phase}, visit: {place.visit}, turn: {place.turn}}}"
    return ModelFailed(
        f"{file} has no reply for agent {place.agent}, phase {place.phase}, visit {place.visit}, turn {place.turn}",
        hint=f"add an entry to {file}: - {{when: {when}, text: …}}",
    )


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _core_loader() -> Any:
    """The safe loader with the scalars of YAML 1.2's core schema, as all other files are read."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class CoreLoader(base):  # type: ignore[misc]  # whichever of the two there is: they differ in what they refuse
        """Only what the core schema resolves; all else is text."""

        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own table, emptied

    for tag, pattern, first in (
        ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
        ("merge", r"<<", ["<"]),
        ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ):
        CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), first)
    return CoreLoader
