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
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidatorFunctionWrapHandler, field_validator, model_validator

from runner.errors import ToolFailed
from runner.prompts import RenderError, template
from runner.spec import Items
from runner.spec.cuts import begin_of
from runner.tools import free
from runner.tools.port import Call
from runner.tools.programs import ProgramTool

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


class CommandTool(ProgramTool):
    """Runs a program."""

    command: Items[Element] = Field(min_length=1, json_schema_extra=_or_free)
    """The program and its words, each `{{ parameter }}` inside its own word; or one text `{{ parameter }}`, which makes
    the parameter a free command line that tools.d/policy.yaml judges."""

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
