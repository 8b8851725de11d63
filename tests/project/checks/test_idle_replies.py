"""Scripted replies for agents and phases that are not there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runner.models.scripted import ReplySpec
from runner.project.checks.idle_replies import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]


def told(project: Project, *names: str, word: str = "agent") -> list[tuple[object, str, str, int]]:
    """Index, text, hint and further places of what is said of replies for these agents or phases."""
    entries = [ReplySpec.model_validate({"when": {word: name}, "text": "x"}) for name in names]
    found = check(project, {"replies.yaml": entries})
    return [(one.loc[0], one.what, one.hint, len(one.also)) for one in found]


def test_a_name_is_told_once_with_the_only_agent_without_replies(project_of: Make) -> None:
    """An agent that was renamed is named in many entries."""
    project = project_of("go: {agent: coder, message: m}")
    others = [name for name in project.agents if name != "coder"]
    [(index, what, hint, more)] = told(project, *others, "hello", "hello", "hello")
    assert (index, what, more) == (len(others), "there is no agent `hello`", 2)
    assert hint == "did you mean coder?"


def test_of_several_without_replies_none_is_guessed(project_of: Make) -> None:
    """Nor where two names are unknown; a name that is nearly right is told as ever."""
    project = project_of("go: {agent: coder, message: m}")
    others = [name for name in project.agents if name != "coder"]
    assert [hint for _, _, hint, _ in told(project, *others, "hello", "bye")] == ["", ""]
    assert [hint for _, _, hint, _ in told(project, *others, "coder", "codr")] == ["did you mean coder?"]
    assert [hint for _, _, hint, _ in told(project, *others, "coder", "hello")] == [""]


def test_who_asks_the_model_of_a_close_call_is_no_agent(project_of: Make) -> None:
    """Where the files name that model, and nowhere else."""
    project = project_of("go: {agent: coder, message: m}")
    settings = project.settings
    asks = settings.model_copy(update={"router": settings.router.model_copy(update={"model": "default"})})
    assert [what for _, what, *_ in told(project, "router")] == ["there is no agent `router`"]
    assert told(replace(project, settings=asks), "router") == []


def test_a_phase_is_told_once_too(project_of: Make) -> None:
    """The nearest phase is the hint."""
    project = project_of("go: {agent: coder, message: m}\nwrite: {agent: coder, message: m}")
    found = told(project, "wriet", "go", "wriet", word="phase")
    assert found == [(0, "there is no phase `wriet`", "did you mean write?", 1)]
