"""The kind `command`: a program and its words, without a shell, on the call's target.

How the words are made, for each element of `command`:
- its template is rendered to exactly one word, whatever blanks or signs are in the values;
- one that holds a single `{{ name }}` and else only text is left out when the value is null, and gives a word for
  each item when it is a list;
- a word that a value makes begin with `-` is refused, as the program would take it for an option; it may stand after a
  literal `--`, when the element itself begins with `-`, or when its template spells the word out in quotes;
- the program itself is written out.

`command: "{{ line }}"`, a text and no list, is a free command line: the model writes all of it. It is judged by
tools.d/policy.yaml; a simple command runs without a shell too, and what only a shell understands runs in one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runner.errors import ProgramMissing, ToolFailed
from runner.prompts import RenderError, template
from runner.spec import FieldName, Items, Spec, TargetSelector, one_of
from runner.spec.cuts import begin_of
from runner.spec.types import Fields
from runner.targets.port import Command, Completed
from runner.tools import free, outputs
from runner.tools.base import FUNCTION, ToolSpec
from runner.tools.port import Call, Hands, Outcome

_HERE = ("local", "sandbox")
_ONE_NAME = re.compile(r"([^{]*)\{\{\s*([A-Za-z_]\w*)\s*\}\}([^{]*)")


def _or_free(schema: dict[str, Any]) -> None:
    """What editors are told: a list of words, or one text that is a parameter."""
    words = {key: schema.pop(key) for key in ("type", "items", "minItems")}
    schema["anyOf"] = [words, {"type": "string", "pattern": free.PATTERN}]


def _parsed(element: str) -> str:
    template(element)
    return element


Element = Annotated[str, AfterValidator(_parsed)]
"""One word of a command, as a template; a fault in it is a ValueError."""

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


class CommandTool(ToolSpec):
    """Runs a program."""

    parser_takes: ClassVar[tuple[str, ...]] = ("text", "exit")

    command: Items[Element] = Field(min_length=1, json_schema_extra=_or_free)
    """The program and its words, each `{{ parameter }}` inside its own word; or one text `{{ parameter }}`, which makes
    the parameter a free command line that tools.d/policy.yaml judges."""
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

    @field_validator("command")
    @classmethod
    def _program_is_written_out(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        if "{" in command[0] or not command[0].strip():
            msg = f"the first word is the program and no template: {command[0]!r}"
            raise ValueError(msg)
        return command

    @field_validator("command", mode="wrap")
    @classmethod
    def _free_line(cls, value: object, check: ValidatorFunctionWrapHandler) -> tuple[str, ...]:
        if isinstance(value, str) and free.parameter([value]):
            return (value,)
        words: tuple[str, ...] = check(value)
        return words

    @model_validator(mode="after")
    def _is_judged_whole(self) -> Self:
        if self.free and (fault := free.fault(self.free, self.params, self.risk, sudo=self.sudo)):
            raise ValueError(fault)
        return self

    @property
    def free(self) -> str:
        """The parameter that is a free command line; empty when the command is a list of words."""
        return free.parameter(self.command)

    def filled(self, fill: Callable[[str], str]) -> Self:
        """The same tool with the secrets of its environment."""
        return self.model_copy(update={"env": {name: fill(text) for name, text in self.env.items()}})

    def argv(self, call: Call) -> list[str]:
        """The words as the program gets them; raises ToolFailed for a value that may not stand where it would."""
        if self.free:
            return list(call.ready.argv) if call.ready else free.argv(call.arguments[self.free])
        words: list[str] = []
        for index, element in enumerate(self.command):
            made = _words(element, call.arguments)
            if "--" not in self.command[:index]:
                _refuse_options(element, made)
            words += made
        return words

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


def _words(element: str, arguments: Mapping[str, Any]) -> list[str]:
    """The words that one element makes: one, or none for null, or one for each item of a list."""
    one = _ONE_NAME.fullmatch(element)
    if one and one[2] in arguments:
        before, name, after = one.groups()
        value = arguments[name]
        if value is None:
            return []
        if isinstance(value, list | tuple):
            return [_word(f"{before}{item}{after}", element) for item in value]
    try:
        return [_word(template(element).render(arguments), element)]
    except RenderError as error:
        raise ToolFailed(f"the word {element!r} of the command cannot be made: {error}") from error


def _word(text: str, element: str) -> str:
    if "\0" in text:
        raise ToolFailed(f"the value for {element} holds a NUL byte, which no program can be given")
    return text


def _refuse_options(element: str, words: list[str]) -> None:
    """Refuse words that only their values make an option."""
    for word in words:
        if word.startswith("-") and not element.startswith("-") and not {f"'{word}'", f'"{word}"'} & _quoted(element):
            raise ToolFailed(
                f"the value {begin_of(word, 80)!r} for {element} begins with '-': "
                "the program would take it for an option",
                hint="a path may begin with ./ instead",
            )


def _quoted(element: str) -> set[str]:
    return set(re.findall(r"'[^']*'|\"[^\"]*\"", element))
