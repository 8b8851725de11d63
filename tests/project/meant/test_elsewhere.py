"""What other systems write in a workflow leads to what is written here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.meant.elsewhere import of_key, of_value

if TYPE_CHECKING:
    from runner.project.findings import Loc

STEP = ["when", "next", "errors", "retry", "agent", "message"]


@pytest.mark.parametrize(
    "key, known, hint",
    [
        ("if", STEP, "did you mean when?"),
        ("goto", STEP, "did you mean next?"),
        ("prompt", STEP, "did you mean message?"),
        ("args", ["when", "tool", "with"], "did you mean with?"),
        ("else", ["to", "when", "max"], "did you mean to?"),
        ("when", ["match", "to"], "did you mean match?"),
        ("attempts", ["max", "on", "delay"], "did you mean max?"),
        ("unless", STEP, "write `when: not (…)`"),
        ("unless", ["to", "when", "max"], ""),
        ("surprise", STEP, ""),
    ],
)
def test_a_key_of_elsewhere_leads_to_ours(key: str, known: list[str], hint: str) -> None:
    """Only to one that may stand at the place."""
    assert of_key(("phases", "go", key), known) == hint


def test_keys_outside_of_steps_are_left_to_the_nearest_name() -> None:
    """A tool or an agent has other ones."""
    assert of_key(("tools", "look", "if"), ["when"]) == ""
    assert of_value(("tools", "look", "retry"), 3) == ""
    assert of_value(("phases",), []) == ""


@pytest.mark.parametrize(
    "place, value, hint",
    [
        (("errors",), "fail", "write [{match: any, to: fail}]"),
        (("errors", 0), "fail", "write {match: any, to: fail}"),
        (("errors",), "retry", "write `retry: {max: 2}` in place of `errors`"),
        (("next", 1), "last", "write {to: last}"),
        (("next",), {"to": "last"}, "write a list: [{when: …, to: NAME}, {to: NAME}]"),
        (("foreach",), "{{ inputs.names }}", "write {in: inputs.names}, an expression for the list"),
        (("retry",), 3, "write {max: 3}"),
        (("continue",), True, "write the name of the phase whose conversation goes on"),
        (("limits", "visits"), "unlimited", "leave it out"),
        (("approval",), "Sure?", 'write {ask: "Sure?"}'),
        (("agent",), "x", ""),
    ],
)
def test_a_value_of_another_shape_is_shown_in_ours(place: Loc, value: object, hint: str) -> None:
    """With the words that were written, where they can stay."""
    assert of_value(("phases", "go", *place), value) == hint


@pytest.mark.parametrize(
    "value, hint",
    [
        (30, "write {for: 30s} for seconds, {for: 30m} for minutes"),
        ("5 min", "write {for: 5m}"),
        ("a while", "write {for: 10s}"),
    ],
)
def test_a_pause_of_one_value_is_written_out(value: object, hint: str) -> None:
    """With its own figure, where there is one."""
    assert of_value(("phases", "go", "wait"), value) == hint
