"""The table of fields: whoever adds a field to the files decides where a review shows it."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import pytest

from runner.models import ScriptedModel
from runner.project.agents import AgentSpec, PromptSpec, SearchedTools
from runner.project.compare.plain import plain
from runner.project.compare.table import FIELDS
from runner.project.packs import PackSpec
from runner.project.project import Project
from runner.project.settings import Settings
from runner.project.workflows import WorkflowSpec
from runner.spec import Spec
from runner.tools import KINDS, spec_of
from runner.tools.mcp.spec import McpOverride, McpServerSpec
from runner.tools.mcp.tool import McpTool
from tests.project.compare.edits import EDITS, edited, loaded

ONE_VALUE = {(ScriptedModel, "provider"), (SearchedTools, "mode")}
"""Fields that can hold nothing else yet."""


def classes() -> set[type[Spec]]:
    """Every class of which files say something, with those it is made from."""
    found: set[type[Spec]] = set()
    waiting: list[type[Spec]] = [Settings, AgentSpec, PromptSpec, PackSpec, WorkflowSpec, *map(spec_of, KINDS), McpTool]
    while waiting:
        one = waiting.pop()
        if one not in found and one is not Spec:
            found.add(one)
            waiting += [base for base in one.__bases__ if issubclass(base, Spec)]
            waiting += [spec for info in one.model_fields.values() for spec in _specs(info.annotation)]
    return found


def _specs(annotation: Any) -> Iterator[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _specs(part)


@pytest.mark.parametrize("one", sorted(classes(), key=repr), ids=lambda one: one.__name__)
def test_each_field_has_its_place_in_a_review(one: type[Spec]) -> None:
    """A field that a class says itself stands in the table under it; no line there speaks of one that is not."""
    own = {name for name in one.__annotations__ if name in one.model_fields}
    assert set(FIELDS.get(one, {})) == own


def test_no_line_speaks_of_a_class_that_no_file_has() -> None:
    """The table holds what can be said, and nothing else."""
    assert set(FIELDS) <= classes()


def test_each_field_is_changed_by_an_edit_that_is_tried() -> None:
    """The edits whose review is tested touch every field of every class."""
    base = loaded(edited([]))
    touched = {one for edit, _ in EDITS for one in _touched(base, loaded(edited([edit])))}
    fields = {(one, name) for one, named in FIELDS.items() for name in named}
    # A pack's fields are those of its tools, and its name is in theirs.
    kept_apart: set[tuple[type[Spec], str]] = {(one, name) for one, name in fields if one in (PackSpec, McpOverride)}
    kept_apart |= {(McpServerSpec, "only"), (McpServerSpec, "tools"), (McpTool, "pack")}
    assert fields - touched - ONE_VALUE - kept_apart == set()


def _touched(old: Project, new: Project) -> Iterator[tuple[type[Spec], str]]:
    for before, after in _pairs(old, new):
        yield from _fields(before, after)


def _pairs(old: Project, new: Project) -> Iterator[tuple[Any, Any]]:
    yield old.settings, new.settings
    yield dict(old.prompts), dict(new.prompts)
    for sort in ("agents", "tools", "workflows"):
        before, after = ({name: entry.spec for name, entry in getattr(side, sort).items()} for side in (old, new))
        yield before, after


def _fields(old: Any, new: Any) -> Iterator[tuple[type[Spec], str]]:
    """The fields that differ, at every depth; what came or went as a whole was touched in all of its fields."""
    if isinstance(old, Spec) and type(old) is type(new):
        for name in type(old).model_fields:
            before, after = getattr(old, name), getattr(new, name)
            if plain(before) != plain(after):
                yield next(one for one in type(old).__mro__ if name in one.__annotations__), name
                yield from _fields(before, after)
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() & new.keys():
            yield from _fields(old[name], new[name])
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for before, after in zip(old, new, strict=False):
            yield from _fields(before, after)
