"""An answer without declared fields of which fields are read: told once for each agent, with all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

LIST = "{description: d, inputs: {found: [any]}, template: '{% for one in found %}{{ one.why }}{% endfor %}'}"
LOOK = "a: {agent: coder, message: m}\n"
CALL = "b: {agent: planner, message: {use: tell, with: {found: ['{{ phases.a.output }}']}}}\n"


def test_all_fields_are_named_at_the_first_place(project_of: Make, names_say: Say) -> None:
    """What a named prompt reads of the answer belongs to them; the workflow comes before the prompt."""
    after = "c: {agent: planner, message: '{{ phases.a.output.verdict }}'}"
    [said] = names_say(project_of(LOOK + CALL + after, prompts=f"tell: {LIST}"))
    assert said.startswith("problem unknown-name workflows/build.yaml:phases.c.message: ")
    assert said.endswith(
        "(declare it in agents.d/coder.yaml: output: {why: …, verdict: …}; also read in agents.d/prompts/tell.yaml)"
    )


def test_of_two_answers_in_one_list_the_text_is_known(project_of: Make, names_say: Say) -> None:
    """Both are texts, whoever gave them."""
    agents = "other: {description: d, prompt: p}"
    both = CALL.replace("['{{ phases.a.output }}']", "['{{ phases.a.output }}', '{{ phases.o.output }}']")
    [said] = names_say(
        project_of(f"{LOOK}o: {{agent: other, message: m}}\n{both}", agents=agents, prompts=f"tell: {LIST}")
    )
    assert "declare it in agents.d/coder.yaml: output: {why: …}" in said


def test_an_agent_whose_answer_is_a_text_elsewhere_keeps_it(project_of: Make, names_say: Say) -> None:
    """Its fields are declared on the phase; in its own file they would change the other phase's answer."""
    phases = f"{LOOK}c: {{agent: planner, message: '{{{{ phases.a.output.why }}}}'}}\nd: {{agent: coder, message: m}}"
    [said] = names_say(project_of(phases))
    assert "(declare it on phase `a` of workflow `build`: output: {why: …}; if all its answers are such, in " in said


def test_a_word_for_the_whole_text_is_left_out(project_of: Make, names_say: Say) -> None:
    """`.text` of an answer is the answer, unless other fields are read beside it."""
    ask = "c: {agent: planner, message: '%s'}"
    [said] = names_say(project_of(LOOK + ask % "{{ phases.a.output.text }}"))
    assert said.endswith("(it is one value: leave out `.text`)")
    [said] = names_say(project_of(LOOK + ask % "{{ phases.a.output.text }} {{ phases.a.output.why }}"))
    assert "output: {text: …, why: …}" in said


def test_many_places_are_counted(project_of: Make, names_say: Say) -> None:
    """Three of them are named."""
    asks = "".join(f"c{n}: {{agent: planner, message: '{{{{ phases.a.output.why }}}}'}}\n" for n in range(6))
    [said] = names_say(project_of(LOOK + asks))
    assert said.endswith("workflows/build.yaml at phases.c3.message and 2 more)")
