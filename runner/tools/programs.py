"""What the kinds of tools share that run a program on the call's target: what its exit says, how its output is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from runner.errors import ProgramMissing, ToolFailed
from runner.spec import FieldName, Items, Spec, TargetSelector, one_of
from runner.spec.types import Fields
from runner.targets.port import Command, Completed
from runner.tools import outputs
from runner.tools.base import FUNCTION, ToolSpec
from runner.tools.port import Call, Hands, Outcome

_HERE = ("local", "sandbox")

ExitCode = Annotated[
    int, Field(ge=0, le=255), WithJsonSchema({"type": "string", "pattern": r"^(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$"})
]
"""What a program may end with; as JSON knows only texts as keys, editors are told of its digits."""


class CommandOutput(Spec):
    """How the output is read; exactly one key."""

    model_config = one_of("table", "json", "parse")

    table: Items[FieldName] | None = Field(default=None, min_length=1)
    """Names of the columns: adds `rows`, one for each line after the first; the last column takes the line's rest."""
    as_json: Literal[True] | None = Field(default=None, alias="json")
    """Reads the output as JSON: adds `data`."""
    parse: str | None = Field(default=None, pattern=FUNCTION)
    """A Python function beside the pack, `module:function`, given `text` and `exit`: adds the keys that it returns."""

    @field_validator("table")
    @classmethod
    def _each_column_once(cls, columns: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for index, name in enumerate(columns or ()):
            if columns and name in columns[:index]:
                what = "the column `{name}` stands here twice, and a row keeps one of them; give this one another name"
                raise PydanticCustomError("duplicate_name", what, {"name": name, "at": [index]})
        return columns

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if [self.table, self.as_json, self.parse].count(None) != 2:  # noqa: PLR2004 - two of three
            msg = "the output of a command is read in one way: table, json or parse"
            raise ValueError(msg)
        return self


class ProgramTool(ToolSpec):
    """Runs something on a target; what it runs says its kind."""

    parser_takes: ClassVar[tuple[str, ...]] = ("text", "exit")

    exit: dict[ExitCode, Literal["ok", "no"]] = Field(default={0: "ok"}, min_length=1)
    """What an exit code says: ok or no; any other code is a failure."""
    env: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = Field(default={})
    """Environment besides PATH, HOME and LANG; `${NAME}` is a secret, and nothing here is a template."""
    targets: Items[TargetSelector] | None = None
    """Where it may run, as selectors: local, sandbox, a host, group:web; by default wherever its caller may act."""
    sudo: bool = False
    """Whether it runs as root, by sudo: on hosts alone."""
    output: CommandOutput | None = None
    """How the output is read; without it there is only the text."""

    @field_validator("env")
    @classmethod
    def _no_templates(cls, env: dict[str, str]) -> dict[str, str]:
        for name, value in env.items():
            if "{{" in value or "{%" in value:
                msg = f"{name} holds a template, and only `command` is rendered; give the value as a word of it"
                raise ValueError(msg)
        return env

    @field_validator("params")
    @classmethod
    def _target_is_runners_own(cls, params: Fields | None) -> Fields | None:
        if params and "target" in params.types:
            what = (
                "`target` says where a command runs, and whoever calls it says it so; give the parameter another name"
            )
            raise PydanticCustomError("reserved", what, {"at": ["target"]})
        return params

    def filled(self, fill: Callable[[str], str]) -> Self:
        """The same tool with the secrets of its environment."""
        return self.model_copy(update={"env": {name: fill(text) for name, text in self.env.items()}})

    def argv(self, call: Call) -> list[str]:
        """The words of the program that runs; raises ToolFailed for a call that makes none."""
        raise NotImplementedError

    async def run(self, call: Call, hands: Hands) -> Outcome:
        """Run it; the exit code decides what it said."""
        if self.sudo and call.target in _HERE:
            what = f"{call.tool} runs as root, and commands do so on hosts alone"
            raise ToolFailed(what, match="unavailable", hint="choose a host for its target")
        env = {**self.env, **call.ready.env} if call.ready else self.env
        mark = f"{call.run}/{call.path}"
        try:
            argv = self.argv(call)
            command = Command(argv, call.workspace, call.seconds, env, mark, sudo=self.sudo)
            done = await hands.target(call.target).run(command)
            return await self._outcome(done, argv[0], call, hands)
        except ProgramMissing as error:
            error.hint = "; ".join(filter(None, (self.hint.rstrip("."), error.hint)))
            raise
        except ToolFailed as error:
            error.hint = error.hint or (self.hint if error.match != "unavailable" else "")  # that is the target's
            raise

    async def _outcome(self, done: Completed, program: str, call: Call, hands: Hands) -> Outcome:
        if done.exit not in self.exit:
            raise ToolFailed(f"{program} {outputs.ended(done.exit)}{outputs.last_words(done.text)}")
        output = {"text": done.text, "exit": done.exit, "truncated": done.truncated}
        if done.blob:
            output["blob"] = done.blob
        return Outcome(output | await self._read(done, call, hands), self.exit[done.exit])

    async def _read(self, done: Completed, call: Call, hands: Hands) -> dict[str, Any]:
        if self.output is None:
            return {}
        if self.output.table:
            return {"rows": outputs.rows(done.text, self.output.table)}
        if self.output.as_json:
            return {"data": outputs.data(done)}
        function = self.output.parse or ""
        found = await hands.workers.call(function, {"text": done.text, "exit": done.exit}, call)
        if not isinstance(found, dict):
            raise ToolFailed(f"{function} returned {type(found).__name__}; what parses an output returns a dict")
        return found
