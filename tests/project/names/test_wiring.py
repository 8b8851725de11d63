"""What goes from one step into another, and inputs that nothing reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from runner.project.memory import Recall
from runner.project.names import checks as names

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


def test_an_input_that_chooses_the_workspace_is_read(project_of: Make) -> None:
    """Outside of the phases, where templates know the inputs alone."""
    work = (
        "description: d\ninputs: {where: str}\nworkspace: '{{ inputs.where }}'\nphases: {a: {agent: coder, message: m}}"
    )
    project = project_of(work=work)
    assert [one.code for one in names.check(project, project, Recall())] == []


def test_a_name_in_the_form_of_another_system_is_the_hint(project_of: Make) -> None:
    """The input was meant to be read there."""
    project = project_of("a: {agent: coder, message: 'Do $request and {{ inputs.count }}{{ inputs.names }}.'}")
    [said] = names.check(project, project, Recall())
    assert said.hint == "write {{ inputs.request }} in place of $request"


FOUND = "look: {agent: finder, message: m}\n"
FINDER = "finder: {description: d, prompt: p, output: {found: [{reason: str, kind: 'a|b'}], rest: any, word: str}}"
PASSED = "phases.look.output.found"


def _told(project_of: Make, names_say: Say, template: str, value: object, kind: str = "any") -> list[str]:
    prompt = {"description": "d", "inputs": {"found": kind if kind == "any" else ["any"]}, "template": template}
    use = {"agent": "coder", "message": {"use": "tell", "with": {"found": value}}}
    tell = json.dumps(prompt)
    return names_say(project_of(f"{FOUND}tell: {json.dumps(use)}", agents=FINDER, prompts=f"tell: {tell}"))


@pytest.mark.parametrize("kind", ["any", "[any]"])
@pytest.mark.parametrize(
    "value",
    [
        f"{{{{ {PASSED} }}}}",
        f"{{{{ {PASSED} | selectattr('kind', 'eq', 'a') | list }}}}",
        f"{{{{ {PASSED} | default([]) }}}}",
        f"{{{{ [{PASSED}[0], phases.look.output.found[1]] }}}}",
        [f"{{{{ {PASSED}[0] }}}}", {"reason": "none", "cause": "none"}],
    ],
)
def test_a_field_of_what_a_prompt_is_given_is_known_where_its_input_is_open(
    project_of: Make, names_say: Say, kind: str, value: object
) -> None:
    """By the type of what is passed, through filters and lists too."""
    [said] = _told(project_of, names_say, "{% for one in found %}{{ one.cause }}{% endfor %}", value, kind)
    assert said.startswith("problem unknown-name agents.d/prompts/tell.yaml:template")
    assert "`found[…]` has no `cause` (for phase `tell` of workflow `build`)" in said


@pytest.mark.parametrize("value", [f"{{{{ {PASSED} }}}}", [f"{{{{ {PASSED}[0] }}}}"]])
def test_what_is_read_only_on_a_condition_is_a_warning(project_of: Make, names_say: Say, value: object) -> None:
    """The condition may tell several types apart."""
    template = "{% for one in found %}{% if one.kind == 'a' %}{{ one.cause }}{% endif %}{% endfor %}"
    [said] = _told(project_of, names_say, template, value)
    assert said.startswith("warning unknown-name")


@pytest.mark.parametrize(
    "template, value",
    [
        ("{% for one in found %}{{ one.cause | default('') }}{% endfor %}", f"{{{{ {PASSED} }}}}"),
        (
            "{% for one in found %}{% if one.cause is defined %}{{ one.cause }}{% endif %}{% endfor %}",
            f"{{{{ {PASSED} }}}}",
        ),
        ("{{ found.cause }}", "{{ phases.look.output.rest }}"),
        ("{{ found[0].cause }}", "{{ phases.look.output.rest | default([]) }}"),
        ("{{ found[0].cause }}", ["{{ phases.look.output.rest }}", f"{{{{ {PASSED}[0] }}}}"]),
        ("{{ found.cause }}", {"cause": "{{ phases.look.output.word }}"}),
        ("{% if found == 'x' %}x{% endif %}", f"{{{{ {PASSED} }}}}"),
    ],
)
def test_what_may_be_there_is_not_judged(project_of: Make, names_say: Say, template: str, value: object) -> None:
    """Nor what the prompt asks for, nor what it compares: it may be used with other values elsewhere."""
    assert _told(project_of, names_say, template, value) == []


def test_a_mapping_where_a_text_is_taken_names_its_text(project_of: Make, names_say: Say) -> None:
    """A named prompt's input is judged like a tool's parameter."""
    use = "{agent: coder, message: {use: task, with: {goal: '{{ phases.look.output }}'}}}"
    said = names_say(project_of(f"{FOUND}a: {use}", agents=FINDER))
    expected = 'write "{{ phases.look.output.word }}" or "{{ phases.look.output | tojson }}"'
    assert any("`goal` of prompt `task` is a text" in one and expected in one for one in said)


@pytest.mark.parametrize("value", ["${{ phases.count.output.many }}", "n ${{ phases.count.output.word }}", "$5"])
def test_a_sign_of_a_currency_is_left_alone(project_of: Make, names_say: Say, value: str) -> None:
    """A number behind it is a price, and so may be what stands inside of a sentence."""
    assert names_say(project_of(f"{COUNT}a: {{agent: coder, message: '{value}'}}", agents=COUNTER)) == []
