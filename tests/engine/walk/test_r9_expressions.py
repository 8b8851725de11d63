"""R9: expressions read plain data strictly; a lone `{{ }}` keeps its type; rendered text is never rendered again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

TAKES = """
description: Takes what it is given.
tools:
  takes:
    description: Gives back the type of what it got.
    python: "takes:takes"
    params: {value: any}
    risk: read
"""
TAKES_CODE = (
    "from typing import Any\n\n\ndef takes(value: Any):\n    return {'type': type(value).__name__, 'value': value}\n"
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with a tool that says what type it was given."""
    house = House(tmp_path)
    house.write("tools.d/takes.yaml", TAKES)
    house.write("tools.d/takes.py", TAKES_CODE)
    return house


@pytest.mark.parametrize(
    "template, kind, value",
    [
        ("{{ inputs.ids }}", "list", [1, 2]),
        ("{{ inputs.ids | length }}", "int", 2),
        ("{{ inputs.ids | length > 1 }}", "bool", True),
        ("{{ phases.a.output }}", "NoneType", None),
        (" {{ inputs.ids | length }}", "str", " 2"),
        ("n={{ inputs.ids | length }}", "str", "n=2"),
        ("{{ inputs.ids[0] }}{{ inputs.ids[1] }}", "str", "12"),
    ],
)
def test_a_lone_expression_keeps_its_type(house: House, template: str, kind: str, value: object) -> None:
    """Exactly one `{{ }}` gives the value itself; with anything around it the value is text."""
    told = house.told(
        f'a: {{when: "false", tool: green}}\nb: {{tool: takes, with: {{value: {template!r}}}}}',
        head="inputs: {ids: [int]}",
        ids=[1, 2],
    )
    assert told.end.output == {"type": kind, "value": value}


def test_types_are_kept_inside_lists_and_mappings(house: House) -> None:
    """`with` is data: each text in it is a template of its own."""
    told = house.told(
        'a: {tool: takes, with: {value: {n: "{{ 1 + 1 }}", list: ["{{ inputs.ids }}", "x{{ 1 }}"]}}}',
        head="inputs: {ids: [int]}",
        ids=[7],
    )
    assert told.end.output["value"] == {"n": 2, "list": [[7], "x1"]}


@pytest.mark.parametrize(
    "phases",
    [
        'b: {tool: note, with: {text: "{{ phases.a.output.data.nothing }}"}}',
        "b: {tool: green, when: phases.a.output.data.nothing}",
        "b: {tool: green, when: phases.a.output.data.nothing == 1}",
        'b: {agent: helper, message: "{{ phases.a.output.data.nothing }}"}',
        "b: {foreach: {in: phases.a.output.data.nothing}, tool: green}",
        'b: {approval: {ask: "{{ phases.a.output.data.nothing }}"}}',
        "b: {wait: {until: phases.a.output.data.nothing}}",
        "b: {parallel: {x: {tool: green, when: phases.a.output.data.nothing}}}",
    ],
)
def test_reading_what_is_not_there_fails_with_match_output(tmp_path: Path, phases: str) -> None:
    """It is never an empty text: the phase is failed, its error names what is missing, and `errors` can route it."""
    house = House(tmp_path)
    told = house.told(f"a: {{tool: fields}}\n{phases[:-1]}, errors: [{{match: output, to: pass}}]}}")
    assert told.end.verdict == "pass"
    (failed,) = told.of("phase.failed")
    assert failed.record.error.match == "output"
    assert "nothing" in failed.record.error.message


def test_an_edge_that_cannot_be_worked_out_ends_the_run_in_error(tmp_path: Path) -> None:
    """There is no record to route by, so the fault and the phase are the evidence."""
    told = House(tmp_path).told("a: {tool: fields, next: [{when: phases.a.output.data.nothing, to: fail}, {to: pass}]}")
    assert told.end.verdict == "error"
    assert told.end.evidence["phase"] == "a/1"
    assert "nothing" in told.end.evidence["error"]


@pytest.mark.parametrize("name", ["items", "keys", "get", "values"])
def test_a_name_behind_a_dot_is_the_item_and_never_a_method(house: House, name: str) -> None:
    """A key called like a method of dict is found, and one that is missing is missing."""
    told = house.told(
        f'a: {{tool: takes, with: {{value: "{{{{ inputs.data.{name} }}}}"}}}}',
        head="inputs: {data: any}",
        data={name: 5},
    )
    assert told.end.output["value"] == 5
    missing = house.told(
        f'a: {{tool: takes, with: {{value: "{{{{ inputs.data.{name} }}}}"}}}}', head="inputs: {data: any}", data={}
    )
    assert missing.end.verdict == "error"


def test_rendered_text_is_never_rendered_again(tmp_path: Path) -> None:
    """What an input or a tool's result holds is data, also when it looks like a template."""
    house = House(tmp_path)
    told = house.told(
        """
        a: {tool: note, with: {text: "{{ inputs.text }}"}}
        b: {tool: note, with: {text: "{{ phases.a.output.noted }}!"}}
        c: {agent: helper, message: "Read {{ phases.b.output.noted }}"}
        """,
        head="inputs: {text: str}",
        text="{{ 7 * 7 }}{% raw %}",
    )
    assert house.notes() == ["{{ 7 * 7 }}{% raw %}", "{{ 7 * 7 }}{% raw %}!"]
    assert told.of("prompt.rendered")[0].message == "Read {{ 7 * 7 }}{% raw %}!"


def test_an_expression_cannot_leave_the_sandbox(tmp_path: Path) -> None:
    """The attributes of Python objects are not reachable from data."""
    told = House(tmp_path).told(
        'a: {tool: note, with: {text: "{{ inputs.data.__class__.__mro__ }}"}}', head="inputs: {data: any}", data="x"
    )
    assert told.end.verdict == "error"
    assert told.end.evidence["match"] == "output"


def test_a_value_that_the_tool_does_not_take_is_a_failed_record(tmp_path: Path) -> None:
    """A kept type is checked as any argument: the tool is not run."""
    told = House(tmp_path).told('a: {tool: note, with: {text: "{{ inputs.n }}"}}', head="inputs: {n: any}", n=[1])
    assert "text: expected a text" in told.end.why
    assert told.of("tool.called") == []
