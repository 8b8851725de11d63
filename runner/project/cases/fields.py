"""The fields of tests/cases/NAME.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from runner.spec import FieldName, Items, Name, Spec
from runner.spec.long import of_schema
from runner.spec.types import BadType


class CallCheck(Spec):
    """A tool call that is expected."""

    tool: Name
    """The tool's name."""
    arguments: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Arguments that it was called with; others may stand beside them."""


class OutputCheck(Spec):
    """What an output has to be like: all that is said holds."""

    equals: Any = None
    """The very output."""
    matches: str | None = None
    """A regular expression that is found in it; data is looked at as JSON."""
    contains: str | Items[str] | None = None
    """A text, or several, that it contains; data is looked at as JSON."""
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    """A JSON Schema that it fits."""
    not_: OutputCheck | None = Field(default=None, alias="not")
    """What it must not be like: none of what is said holds."""

    @field_validator("matches")
    @classmethod
    def _is_expression(cls, text: str | None) -> str | None:
        try:
            re.compile(text or "")
        except re.error as error:
            msg = f"{text!r} is no regular expression: {error}"
            raise ValueError(msg) from error
        return text

    @field_validator("schema_")
    @classmethod
    def _is_schema(cls, schema: dict[str, Any] | None) -> dict[str, Any] | None:
        try:
            of_schema(schema or {})
        except BadType as error:
            raise ValueError(error.what) from error
        return schema

    @model_validator(mode="after")
    def _says_something(self) -> OutputCheck:
        if not self.model_fields_set:
            msg = "say what the output has to be like: equals, matches, contains, schema or not"
            raise ValueError(msg)
        return self


class Expect(Spec):
    """What a run has to come to."""

    verdict: Literal["pass", "fail", "error", "cancelled", "waiting"] = "pass"
    """How it ends; `waiting` for one that waits for a person."""
    output: OutputCheck | None = None
    """What it gives."""
    phases: Items[FieldName] | None = None
    """The phases that are entered, all of them, in this order."""
    calls: Items[CallCheck] = ()
    """Tool calls that are made, in this order; others may come between."""
    not_calls: Items[Name] = ()
    """Tools that are not called, and that no model asks for."""


class Case(Spec):
    """One run, and what it has to come to."""

    name: Name | None = None
    """What the case is called among those of its file."""
    description: str = ""
    """What it shows, in one sentence."""
    run: Name
    """The agent or workflow that is run."""
    text: str | None = None
    """What an agent is asked, or a workflow's only required text."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """Its inputs; paths are seen from the project's root."""
    cassette: str | None = Field(default=None, min_length=1)
    """The file that answers in place of the models, from the root; by default one in tests/cases/cassettes."""
    approvals: Literal["approve", "deny"] | None = None
    """How every question to a person is answered; without it a run that asks one stays waiting."""
    expect: Expect = Expect()
    """What it has to come to."""


class Cases(Spec):
    """Several cases of one file."""

    cases: Items[Case] = Field(min_length=1)
    """The cases."""


def _tag(data: Any) -> str:
    return "several" if isinstance(data, dict) and "cases" in data else "one"


CaseFile = Annotated[Annotated[Cases, Tag("several")] | Annotated[Case, Tag("one")], Discriminator(_tag)]
"""What a file of cases may say: one case, or several below `cases`."""
