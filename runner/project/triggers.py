"""The fields of `triggers` and `alerts` in workflows/NAME.yaml: when runs begin by themselves, and what they raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from runner.spec import Duration, Expression, FieldName, Positive, Spec, format_duration, parse_duration
from runner.spec.values import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.project import WorkflowEntry

LEAST = 10.0
"""Seconds between two runs that a trigger begins."""


def _seldom(seconds: float) -> float:
    if seconds < LEAST:
        msg = f"every {format_duration(seconds)} is too often; write {format_duration(LEAST)} or more"
        raise ValueError(msg)
    return seconds


def _counted(value: object) -> object:
    """Refuse a duration, which other systems have here."""
    try:
        parse_duration(value)
    except ValueError:
        return value
    msg = f"{shown(value)} is a duration, and runs are counted here; write how many runs in a row, such as 3"
    raise ValueError(msg)


class Trigger(Spec):
    """When runs begin by themselves, while the daemon is up."""

    every: Annotated[Duration, AfterValidator(_seldom)]
    """How often: 10s or more, counted from 1970-01-01 00:00 UTC on, so that 1h begins at each full hour."""
    inputs: dict[str, Any] = Field(default={})
    """What the runs are started with, written out."""


class Alert(Spec):
    """A condition that people are told of, judged at the end of each run that a trigger began."""

    name: FieldName
    """What it is called."""
    about: str = ""
    """What it is about, as a template, such as a host: each text that it gives has a state of its own."""
    when: Expression
    """The condition, an expression over `inputs` and `phases`."""
    for_: Annotated[Positive, BeforeValidator(_counted)] = Field(default=1, alias="for")
    """In how many runs in a row the condition holds before it fires."""
    text: str = Field(min_length=1)
    """What people are told, as a template."""


def triggers_of(workflows: Mapping[str, WorkflowEntry]) -> dict[str, tuple[str, Trigger]]:
    """All triggers by their names, such as `watch every 5m`, each with its workflow."""
    named: dict[str, tuple[str, Trigger]] = {}
    for entry in workflows.values():
        for trigger in entry.spec.triggers:
            name = base = f"{entry.name} every {format_duration(trigger.every)}"
            count = 1
            while name in named:
                count += 1
                name = f"{base} ({count})"
            named[name] = (entry.name, trigger)
    return named
