"""Entries of `next` and `errors`: what is written into the wrong one, and bounds that nobody can compute."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.project.load import load
from runner.project.problems import Problem
from runner.project.sources import Stored

FILES = {
    "runner.yaml": "models: {default: {provider: ollama, model: m}}\n",
    "agents.d/helper.yaml": "description: Helps.\nprompt: You help.\n",
}
HEAD = "description: Works.\ninputs: {tries: {type: int, default: 2}}\n"
FIXED = "it stands in the file and cannot be computed: write a number, such as 8"


def problems(look: str) -> tuple[Problem, ...]:
    """The problems of a workflow whose first phase has these ways out."""
    phases = f"phases:\n  look: {{agent: helper, message: Look., {look}}}\n  tell: {{agent: helper, message: Tell.}}\n"
    sources = {**FILES, "workflows/work.yaml": HEAD + phases}
    return load(Stored({name: text.encode() for name, text in sources.items()}), Path("/project")).problems


@pytest.mark.parametrize(
    "look, hint",
    [
        (
            "next: [{match: tool, to: fail, max: 2}, {to: tell}]",
            "`match` belongs to `errors`: move this entry there: errors: [{match: tool, to: fail, max: 2}]",
        ),
        (
            "next: [{match: tool, when: phases.look.ok, to: fail}, {to: tell}]",
            "an entry has one of them: `when` in `next`, `match` in `errors`",
        ),
        (
            "errors: [{when: phases.look.ok, to: fail}]",
            "`when` belongs to `next`: move this entry there: next: [{when: phases.look.ok, to: fail}, {to: tell}]",
        ),
        (
            "next: pass, errors: [{when: phases.look.ok, to: fail}]",
            "`when` belongs to `next`: move this entry there: next: [{when: phases.look.ok, to: fail}, {to: pass}]",
        ),
        (
            "next: [{to: tell}], errors: [{when: phases.look.ok, to: fail}]",
            "`when` belongs to `next`: move this entry there, above the last one: {when: phases.look.ok, to: fail}",
        ),
        (
            "errors: [{match: any, when: phases.look.visits < 3, to: look}]",
            "remove it: an entry of `errors` asks for nothing but the kind of failure; `max: 3` bounds it",
        ),
        ("errors: [{when: timeout, to: fail}]", "did you mean match?"),
    ],
)
def test_an_entry_of_the_other_list_is_told_once(look: str, hint: str) -> None:
    """With the whole entry as it is written there."""
    assert [problem.hint for problem in problems(look)] == [hint]


@pytest.mark.parametrize(
    "entry, more",
    [
        (
            '{when: not phases.look.ok, to: look, max: "{{ inputs.tries }}"}, {to: tell}',
            "; to stop earlier add `and phases.look.visits <= inputs.tries` to its `when`",
        ),
        (
            "{when: phases.look.ok or inputs.tries, to: look, max: inputs.tries}, {to: tell}",
            "; to stop earlier add `and phases.look.visits <= inputs.tries` to its `when`, in brackets the rest of it",
        ),
        (
            '{to: look, max: "{{ inputs.tries }}"}',
            "; to stop earlier add `when: phases.look.visits <= inputs.tries` to this entry, and below it `{to: fail}`",
        ),
        ('{when: phases.look.ok, to: look, max: "{{ inputs.tries }}0"}, {to: tell}', None),
    ],
)
def test_a_bound_that_is_computed_is_counted_in_the_condition(entry: str, more: str | None) -> None:
    """Where it is one value; a text made of several is no number either way."""
    (problem,) = problems(f"next: [{entry}]")
    usual = "write a whole number, such as 8: how often it may be taken in a run"
    assert problem.hint == (usual if more is None else FIXED + more)


def test_the_condition_that_the_hint_gives_is_right_as_it_stands() -> None:
    """It can be read on the way out, and the bound of the file stays."""
    first = "{when: not phases.look.ok and phases.look.visits <= inputs.tries, to: look, max: 8}"
    assert problems(f"next: [{first}, {{to: tell}}]") == ()
    assert problems("next: [{when: phases.look.visits <= inputs.tries, to: look, max: 8}, {to: fail}]")[0].code == (
        "unreachable-phase"
    )


@pytest.mark.parametrize(
    "look, hint",
    [
        ('limits: {turns: "{{ inputs.tries }}"}', FIXED),
        ("limits: {visits: inputs.tries}", FIXED),
        ('errors: [{match: any, to: look, max: "{{ inputs.tries }}"}]', FIXED),
        ('retry: {max: "{{ inputs.tries }}"}', FIXED),
    ],
)
def test_a_number_of_the_file_cannot_be_computed(look: str, hint: str) -> None:
    """Where no condition stands beside it there is nothing more to say."""
    assert [problem.hint for problem in problems(look)] == [hint]
