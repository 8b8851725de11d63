"""Keys that stand in a mapping and belong beside it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from runner.project.meant.explain import from_validation
from runner.project.workflows import WorkflowSpec
from runner.tools import spec_of

TOOL = {"description": "d", "command": ["a"]}


def said(model: Any, data: dict[str, Any]) -> list[tuple[str, str]]:
    """Where, and the hint, of all that is wrong with such data."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    found = from_validation(caught.value, "a.yaml", model)
    return [(".".join(map(str, one.loc)), one.hint.partition(":")[0]) for one in found]


@pytest.mark.parametrize(
    "key, value", [("risk", "read"), ("timeout", "10s"), ("enabled", False), ("output", {"table": ["a", "b"]})]
)
def test_a_key_of_the_tool_among_its_params_is_told_its_column(key: str, value: Any) -> None:
    """At the top of the params, and in one of them."""
    beside = "indent it as far as `params`"
    tool = spec_of("command")
    assert said(tool, {**TOOL, "params": {"a": "str", key: value}}) == [(f"params.{key}", beside)]
    assert said(tool, {**TOOL, "params": {"a": {"type": "str", key: value}}}) == [(f"params.a.{key}", beside)]


@pytest.mark.parametrize("key, value", [("risk", "strr"), ("timeout", "string"), ("retry", "often"), ("other", "read")])
def test_a_param_that_is_only_named_like_a_key_keeps_its_own_message(key: str, value: str) -> None:
    """Its value is no such key's, or is nearly a type."""
    [(where, hint)] = said(spec_of("command"), {**TOOL, "params": {key: value}})
    assert where == f"params.{key}"
    assert "indent" not in hint


@pytest.mark.parametrize("holder, inner", [("retry", {"max": 2}), ("output", {"ok": "bool"})])
def test_a_key_of_the_phase_in_what_stands_above_it_is_told_its_column(holder: str, inner: dict[str, Any]) -> None:
    """A mapping of known keys, and one of types."""
    phase = {"agent": "a", "message": "m", holder: {**inner, "next": [{"to": "pass"}]}}
    found = said(WorkflowSpec, {"description": "d", "phases": {"p": phase}})
    assert [hint for _, hint in found] == [f"indent it as far as `{holder}`"]


def test_phases_among_the_inputs_name_the_line_that_is_gone() -> None:
    """One problem each, not one for all that is no type in them."""
    inputs = {"a": "str", "look": {"tool": "x", "timeout": "3s"}}
    found = said(WorkflowSpec, {"description": "d", "inputs": inputs})
    assert ("inputs.look", "write `phases") in found


@pytest.mark.parametrize("key, value", [("default", "nginx"), ("default", 3), ("pattern", "^[a-z]+$")])
def test_what_belongs_to_a_parameter_beside_it_is_written_into_it(key: str, value: Any) -> None:
    """It was taken for a name; one with nearly a type is one."""
    found = said(spec_of("command"), {**TOOL, "params": {"unit": "str", key: value}})
    assert found == [(f"params.{key}", "write `unit")]
    [(_, hint)] = said(spec_of("command"), {**TOOL, "params": {"unit": "str", key: "strr"}})
    assert hint == "did you mean str?"
