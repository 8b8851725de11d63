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


def test_a_name_with_its_folder_or_ending_is_cut_to_the_name() -> None:
    """A text is told as one, a template as what no name can be; other places have no such names."""
    loc = ("phases", "a", "message", "use")
    assert beside_use.of_name(loc, "agents.d/prompts/style.yaml").endswith("write `use: style`")
    assert beside_use.of_name(loc, "Write it.") == 'for the text itself write `message: "Write it."`'
    assert beside_use.of_name(loc, "{{ run.id }}") == "the name is written out: it cannot be computed"
    assert beside_use.of_name(("use",), "style.yaml") == beside_use.of_name(loc, "Style") == ""


def test_parts_of_messages_and_named_prompts_are_told_once() -> None:
    """In phases and branches; a message of another wrong shape is told by its keys."""
    parts = {"role": "R.", "task": "T."}
    branches = {"parallel": {"one": {"message": parts}, "two": {"message": "Text."}}}
    phases = {"a": {"message": parts}, "b": branches, "c": {"message": {"use": "x", **parts}}, "d": None}
    told = [loc for loc, *_ in beside_use.without_parts("workflows/w.yaml", {"phases": phases})]
    assert told == [("phases", "a", "message"), ("phases", "b", "parallel", "one", "message")]
    file = "agents.d/prompts/style.yaml"
    assert [loc for loc, *_ in beside_use.without_parts(file, {"template": parts})] == [("template",)]
    ((loc, _, _, others),) = beside_use.without_parts(file, parts)
    assert (loc, others) == (("role",), (("template",), ("task",)))
    assert not list(beside_use.without_parts(file, {"template": "Text.", **parts}))
