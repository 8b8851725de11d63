"""The fields of tools.d/policy.yaml: which command lines read, which write, and what all others are."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, field_validator

from runner.spec import Items, Spec

Risk = Literal["read", "write", "danger"]
RISKS: tuple[Risk, ...] = ("read", "write", "danger")
_OPTION = r"^(-[^\s=]+|[^\s\w])$"
PLAIN_KINDS = ("path", "written", "number", "text")


def _kind(word: str) -> str:
    if word in PLAIN_KINDS:
        return word
    if not (word.startswith("^") and word.endswith("$")):
        kinds = ", ".join(PLAIN_KINDS)
        msg = f"{word!r} is no kind of word; write {kinds}, or a pattern that begins with ^ and ends in $"
        raise ValueError(msg)
    try:
        re.compile(word)
    except re.error as error:
        msg = f"{word!r} is no regular expression: {error}"
        raise ValueError(msg) from error
    return word


def _option(word: str) -> str:
    if not re.fullmatch(_OPTION, word):
        msg = f"{word!r} is no option; write it as it stands before its value, such as -n or --lines"
        raise ValueError(msg)
    return word


def _absolute(path: str) -> str:
    if not path.startswith("/") or ".." in path.split("/"):
        msg = f"{path!r} is no absolute path; write it from / on, without .."
        raise ValueError(msg)
    return path


def _formed(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


WordKind = Annotated[str, AfterValidator(_kind), _formed(r"^(path|written|number|text|\^[\s\S]*\$)$")]
"""What a word may be: path, written, number, text, or a pattern `^…$` that fits the whole of it."""
Option = Annotated[str, AfterValidator(_option), _formed(_OPTION)]
AbsolutePath = Annotated[str, AfterValidator(_absolute), _formed(r"^/")]


class Form(Spec):
    """The words that a program or a subcommand may have; any other word makes the command `danger`, and it asks."""

    model_config = ConfigDict(defer_build=True)  # most projects have no free command line, and no need of it

    risk: Risk = "danger"
    """What it does with these words."""
    style: Literal["gnu", "words", "git"] = "gnu"
    """How options are written: bundled short ones and long ones; whole words, as find has them; or as git has them."""
    flags: Items[Option] = ()
    """Options without a value."""
    options: dict[Option, WordKind] = Field(default={})
    """Options with a value, behind `=`, behind the letter, or as the next word; and what it may be."""
    attached: dict[Option, WordKind] = Field(default={})
    """Options whose value only stands behind `=` or the letter, as in --color=never."""
    number: bool = False
    """Whether -5 is an option, as head has it."""
    raises: dict[Option, Risk] = Field(default={})
    """Options with which it does more than `risk` says."""
    arguments: Items[WordKind] = ()
    """What the words that are no options are, one by one."""
    unless: Items[Option] = ()
    """Options that stand for the first of `arguments`, as -e for grep's pattern."""
    rest: WordKind | None = None
    """What all words after `arguments` are; without it there may be none."""
    revision: WordKind | None = None
    """Of git: what stands before the paths."""
    adds: Items[str] = ()
    """Words that runner puts before all others."""
    adds_here: bool = False
    """Of git: whether runner adds `.` when no path is named, so that nothing outside of the workspace is met."""
    adds_closed: Items[str] = ()
    """Words that runner adds for each name of `closed`, `{name}`, so that a search passes it over."""
    commands: dict[str, Form] = Field(default={})
    """Subcommands, and what follows each."""


class Program(Form):
    """A program: where it is found, what it is given, and the words that it may have."""

    paths: Items[AbsolutePath] = ()
    """Where it is, absolute; by default its name in the folders of `path`."""
    before: Items[str] = ()
    """A launcher of yours: the words that stand before the program."""
    env: dict[str, str] = Field(default={})
    """Environment besides PATH, HOME and LANG."""


class CommandPolicy(Spec):
    """tools.d/policy.yaml: what free command lines may do."""

    model_config = ConfigDict(defer_build=True)

    description: str = ""
    """What the file is for."""
    path: Items[AbsolutePath] = Field(min_length=1)
    """The folders where the programs are looked for; the workspace has no say in it."""
    closed: Items[str] = ()
    """Names of files and folders that are never read unasked, wherever they lie; `*` fits any part."""
    host_paths: Items[AbsolutePath] = ()
    """Folders and files of other hosts that may be read there."""
    programs: dict[str, Program]
    """The programs by name. One that does not stand here is `danger`, and it asks."""

    @field_validator("programs")
    @classmethod
    def _bare_names(cls, programs: dict[str, Program]) -> dict[str, Program]:
        for name in programs:
            if "/" in name or not name.strip():
                msg = f"{name!r} is no name of a program; say where it is under its `paths`"
                raise ValueError(msg)
        return programs
