"""What goes from one step into another, and inputs that nothing reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project import names
from runner.project.memory import Recall

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

COUNT = "count: {agent: counter, message: m}\n"
COUNTER = "counter: {description: d, prompt: p, output: {many: int, names: [str], word: str, rest: any, kind: 'a|b'}}"


@pytest.mark.parametrize(
    "value, words",
    [
        ("many", "`path` of tool `look` is a text, and `phases.count.output.many` is a number"),
        ("names", "is a list (write \"{{ phases.count.output.names | join(', ') }}\")"),
    ],
)
def test_a_value_of_another_type_is_told_where_it_is_given(
    project_of: Make, names_say: Say, value: str, words: str
) -> None:
    """It would fail when the tool is called, after all that came before was paid for."""
    [said] = names_say(
        project_of(f"{COUNT}a: {{tool: look, with: {{path: '{{{{ phases.count.output.{value} }}}}'}}}}", agents=COUNTER)
    )
    assert said.startswith("problem wrong-argument workflows/build.yaml:phases.a.with.path: ")
    assert words in said


@pytest.mark.parametrize("value", ["word", "rest", "many | string", "names | join(', ')", "names[0]", "kind"])
def test_a_value_that_may_fit_is_left_alone(project_of: Make, names_say: Say, value: str) -> None:
    """So is a text around it, and what filters make."""
    one = f'{{tool: look, with: {{path: "{{{{ phases.count.output.{value} }}}}"}}}}'
    two = f'{{tool: look, with: {{path: "n{{{{ phases.count.output.{value} }}}}"}}}}'
    assert names_say(project_of(f"{COUNT}a: {one}\nb: {two}", agents=COUNTER)) == []


def test_the_inputs_of_a_workflow_are_judged_alike(project_of: Make, names_say: Say) -> None:
    """A choice that none of the words is of, too."""
    called = "{description: d, inputs: {kind: 'c|d'}, phases: {x: {agent: coder, message: '{{ inputs.kind }}'}}}"
    calling = (
        "{description: d, phases: {count: {agent: counter, message: m},"
        " go: {workflow: other, with: {kind: '{{ phases.count.output.kind }}'}}}}"
    )
    [said] = names_say(project_of(build=calling, other=called, agents=COUNTER))
    assert "`kind` of workflow `other` is one of c or d, and `phases.count.output.kind` is one of a or b" in said


@pytest.mark.parametrize(
    "source, words",
    [
        ("phases.count.output.word", "and `phases.count.output.word` is a text"),
        ("phases.count.output", "is a mapping (a list in it: `phases.count.output.names`)"),
        ("'3'", "and `3` is a number"),
    ],
)
def test_a_foreach_over_no_list_is_told(project_of: Make, names_say: Say, source: str, words: str) -> None:
    """Where the list stands."""
    [said] = names_say(project_of(f"{COUNT}a: {{foreach: {{in: {source}}}, agent: coder, message: m}}", agents=COUNTER))
    assert said.startswith(
        "problem wrong-argument workflows/build.yaml:phases.a.foreach.in: `foreach` goes over a list"
    )
    assert words in said


@pytest.mark.parametrize(
    "message, unread",
    [
        ("Go.", ["count", "names", "request"]),
        ("{{ inputs.request }}", ["count", "names"]),
        ("{% for name, value in inputs | items %}{{ name }}{% endfor %}", []),
        ("{{ inputs.requst }}", []),
        ("{{ request }}", ["count", "names"]),
        ("{{ inputs.request", []),
        ("Do {inputs.request}.", ["count", "names"]),
    ],
)
def test_inputs_that_nothing_reads_are_told(project_of: Make, message: str, unread: list[str]) -> None:
    """Not those that may be meant by what is told already."""
    found = names.check(project := project_of(f"a: {{agent: coder, message: '{message}'}}"), project, Recall())
    told = sorted((str(one.loc[-1]), one.severity) for one in found if one.code == "unused-input")
    assert told == [(name, "warning") for name in unread]


def test_a_name_in_the_form_of_another_system_is_the_hint(project_of: Make) -> None:
    """The input was meant to be read there."""
    project = project_of("a: {agent: coder, message: 'Do $request and {{ inputs.count }}{{ inputs.names }}.'}")
    [said] = names.check(project, project, Recall())
    assert said.hint == "write {{ inputs.request }} in place of $request"
