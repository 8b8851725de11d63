"""Parts beside a named prompt are told once, with both ways to mend it; a prompt of parts is never told."""

from __future__ import annotations

from runner.project.meant import beside_use


def test_parts_beside_a_named_prompt_are_told_together() -> None:
    """The first is the place; the file of the prompt is named."""
    ((loc, what, hint, others),) = beside_use.told({"use": "style", "task": "T.", "rules": ["R."]})
    assert loc == ("prompt", "task")
    assert what == "a named prompt stands alone: `task` and `rules` are parts of a prompt"
    assert hint.startswith("write it into the template of agents.d/prompts/style.yaml, or ")
    assert others == (("prompt", "rules"),)


def test_a_text_that_is_no_part_has_one_way_to_mend_it() -> None:
    """`context` is no part of a prompt either, so no parts are spoken of."""
    ((loc, what, hint, _),) = beside_use.told({"use": "style", "context": "C."})
    assert loc == ("prompt", "context")
    assert what == "a named prompt stands alone: there is no `context` beside it"
    assert hint == "write it into the template of agents.d/prompts/style.yaml"


def test_nothing_is_told_of_other_prompts() -> None:
    """Texts, parts, a name alone, and what cannot be a name."""
    for prompt in ("Text.", None, {"task": "T."}, {"use": "style", "with": {}}, {"use": ["style"], "task": "T."}):
        assert not list(beside_use.told(prompt))
