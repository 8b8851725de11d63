"""Values that lack what a named prompt reads: told at the call where the prompt is right, else in the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

AGENTS = "one: {description: d, prompt: p, output: {why: str}}\ntwo: {description: d, prompt: p, output: {reason: str}}"
LOOK = "a: {agent: one, message: m}\nb: {agent: two, message: m}\n"


def prompt(text: str) -> str:
    """A prompt with one input of any type."""
    return f"tell: {{description: d, inputs: {{it: any}}, template: '{text}'}}"


def call(value: str, phase: str = "c") -> str:
    """A phase that gives it a value."""
    return f"{phase}: {{agent: coder, message: {{use: tell, with: {{it: {value}}}}}}}\n"


@pytest.mark.parametrize(
    "value, text, hint",
    [
        (
            "'{{ phases.a }}'",
            "{{ it.why }}",
            "the answer stands in `.output`: give {{ phases.a.output }}, or read `it.output.why` in ",
        ),
        (
            "'{{ phases.many.items }}'",
            "{% for x in it %}{{ x.why }}{% endfor %}",
            "each item's answer stands in `.output`: give {{ phases.many.output }}, or read `x.output.why` in ",
        ),
        (
            "{first: '{{ phases.a }}'}",
            "{{ it.first.why }}",
            "the answer stands in `.output`: read `it.first.output.why` in ",
        ),
    ],
)
def test_a_record_in_place_of_its_output_is_told_at_the_call(
    project_of: Make, names_say: Say, value: str, text: str, hint: str
) -> None:
    """Both ways to mend it are written out."""
    many = "many: {foreach: {in: inputs.names, as: name}, agent: one, message: '{{ name }}'}\n"
    [said] = names_say(project_of(LOOK + many + call(value), agents=AGENTS, prompts=prompt(text)))
    assert said.startswith(
        "problem unknown-name workflows/build.yaml:phases.c.message.with.it: prompt `tell` reads `why`"
    )
    assert said.endswith(f"({hint}agents.d/prompts/tell.yaml)")


def test_what_another_call_gives_is_told_at_the_call_that_does_not(project_of: Make, names_say: Say) -> None:
    """The prompt is right for the first."""
    calls = call("'{{ phases.a.output }}'") + call("'{{ phases.b.output }}'", "d")
    [said] = names_say(project_of(LOOK + calls, agents=AGENTS, prompts=prompt("{{ it.why }}")))
    assert said.startswith("problem unknown-name workflows/build.yaml:phases.d.message.with.it: ")
    assert said.endswith("reads `why` of `it`, and what is given here has none (it has: reason)")


def test_what_no_call_gives_is_told_in_the_prompt(project_of: Make, names_say: Say) -> None:
    """So it is where the other calls give what nobody knows."""
    calls = call("'{{ phases.b.output }}'") + call("'{{ phases.a.history }}'", "d")
    [said] = names_say(project_of(LOOK + calls, agents=AGENTS, prompts=prompt("{{ it.whence }}")))
    assert said.startswith("problem unknown-name agents.d/prompts/tell.yaml:template: `it` has no `whence` (for ")
    assert said.endswith("(it has: reason)")


def test_a_misspelt_field_is_told_in_the_prompt(project_of: Make, names_say: Say) -> None:
    """Even where another call has a field of that name."""
    other = "three: {description: d, prompt: p, output: {reasons: str}}"
    calls = "e: {agent: three, message: m}\n" + call("'{{ phases.e.output }}'") + call("'{{ phases.b.output }}'", "d")
    text = prompt("{{ it.reasons }}")
    [said] = names_say(project_of(LOOK + calls, agents=f"{AGENTS}\n{other}", prompts=text))
    assert "agents.d/prompts/tell.yaml:template: " in said
    assert said.endswith("(did you mean reason?)")
