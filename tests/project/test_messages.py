"""What can be said to an agent."""

from __future__ import annotations

import pytest

from runner.errors import UsageError
from runner.project.messages import LONGEST, check_message
from runner.prompts import RenderError, template


@pytest.mark.parametrize("text", ["a", " é\n", "\0", "x" * LONGEST], ids=["a", "accent", "nul", "longest"])
def test_a_text_that_a_template_can_give_is_a_message(text: str) -> None:
    """Whatever stands in it."""
    check_message(text)
    assert template("{{ text }}").render({"text": text}) == text


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "there is no message"),
        ("\n ", "there is no message"),
        ("\ud800", "the message is no UTF-8 text"),
        ("x" * (LONGEST + 1), "the message is too long: 1,000,001 characters, at most 1,000,000"),
    ],
    ids=["empty", "blank", "half a character", "long"],
)
def test_what_is_no_message_is_refused(text: str, why: str) -> None:
    """In one line."""
    with pytest.raises(UsageError) as refused:
        check_message(text)
    assert refused.value.message == why


def test_what_is_longer_no_template_gives() -> None:
    """The bound is the template's own."""
    with pytest.raises(RenderError, match="longer than 1,000,000 characters"):
        template("{{ text }}").render({"text": "x" * (LONGEST + 1)})
